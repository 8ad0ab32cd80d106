"""How long one HTTP request may take to come in, and how large it may say to be."""

# mypy: allow-untyped-calls
# Twisted is typed in part only.

from twisted.web.http import HTTPChannel, Request

LONGEST_NUMBER = 18
"""Digits of a length; Python refuses to read some thousands, by an error nobody expects there."""


class PatientChannel(HTTPChannel):
    """A channel on which a request has its time in all, from its first octet to its last.

    Twisted's own grants the whole time again with every octet: whoever lets a request drip holds
    its connection for ever, and with a thousand of them the door shut.
    """

    _is_coming = False

    def resetTimeout(self) -> None:
        """Begin the time anew with the first octet of a request only."""
        if not self._is_coming:
            self._is_coming = True
            super().resetTimeout()

    def headerReceived(self, line: bytes) -> bool:
        """Take a length nobody could mean for none at all, which is answered 400."""
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and len(value.strip()) > LONGEST_NUMBER:
            line = b"Content-Length: too long"
        taken: bool = super().headerReceived(line)
        return taken

    def requestDone(self, request: Request) -> None:
        """Wait for the next request."""
        self._is_coming = False
        super().requestDone(request)
