"""The one way a client's HTTP request can be wrong."""

from procall_mobility.protocols.errors import PeerError


class BadRequest(PeerError):
    """A request we do not understand; `status` is what HTTP calls it: 400, 404, 405 or 413.

    `allow` names the methods of the route when `status` is 405 (RFC 9110 section 15.5.6).
    """

    def __init__(
        self, reason: str, text: str, *, status: int = 400, allow: tuple[str, ...] = ()
    ) -> None:
        """Say what is wrong: a code, a sentence, and HTTP's view of it."""
        super().__init__(reason, text)
        self.status = status
        self.allow = allow
