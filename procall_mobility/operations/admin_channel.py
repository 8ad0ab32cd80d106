"""A connection to the admin listener: whoever asks takes the answer before asking again.

Browsers, Prometheus and proxies do so.  Whoever does not, and need not show any token for it,
could have answers pile up here: a read of 64 KiB holds the requests for 200 MB of them.
"""

# mypy: allow-untyped-calls
# Twisted is typed in part only.

from typing import Final

from twisted.web.http import HTTPChannel
from twisted.web.server import Request

IDLE: Final = 30.0
"""Seconds a connection may idle; Prometheus asks every 15 or so."""

LONGEST_NUMBER: Final = 18
"""Digits of a length; Python refuses to read some thousands, by an error nobody expects there."""


class AdminChannel(HTTPChannel):
    """HTTP/1.1 with one request at a time, each of which has to come in time."""

    _heads = 0
    """Requests that began in what was received last."""
    _is_deep = False
    _is_full = False
    """Whether an answer waits for the client to take it."""

    def dataReceived(self, data: bytes) -> None:
        """Take octets in; none of a client that leaves its answer lying."""
        if self._is_full:
            self.forceAbortClient()
            return
        if self._is_deep:  # What came behind a body is given back to us.
            super().dataReceived(data)
            return
        self._heads, self._is_deep = 0, True
        super().dataReceived(data)
        self._is_deep = False

    def resetTimeout(self) -> None:
        """Have a request that comes in drops take no longer than a connection may idle."""

    def headerReceived(self, line: bytes) -> bool:
        """Take a length nobody could mean for none at all, which is answered 400."""
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and len(value.strip()) > LONGEST_NUMBER:
            line = b"Content-Length: too long"
        return bool(super().headerReceived(line))

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        """Close behind the second of several requests that come at once."""
        self._heads += 1
        if self._heads > 1:
            request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
            return False
        return bool(super().checkPersistence(request, version))

    def requestDone(self, request: Request) -> None:
        """Have a connection that is to be closed end in time, too: its client may take nothing."""
        super().requestDone(request)
        if not self.persistent:
            self.setTimeout(IDLE)

    def timeoutConnection(self) -> None:
        """Let the client go; one that was to be let go already, whatever it has not taken."""
        if self.persistent:
            super().timeoutConnection()
        else:
            self.forceAbortClient()

    def pauseProducing(self) -> None:
        """Note that the client takes an answer slower than it is made."""
        self._is_full = True
        super().pauseProducing()

    def resumeProducing(self) -> None:
        """Note that it has taken it."""
        self._is_full = False
        super().resumeProducing()
