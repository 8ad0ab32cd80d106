"""The one family of errors a peer can cause."""


class PeerError(Exception):
    """A peer broke its protocol.

    Raised inside `protocols`, caught once at the mouth of a machine.  `text` is readable by the
    peer's administrator and never quotes what the peer sent.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{reason}: {text}")
        self.reason = reason
        self.text = text
