"""Arrivals as they come, for pages: server-sent events."""

import json
from typing import Any

from examples.push_simulators.arrivals import Arrival, Arrivals
from examples.push_simulators.control import told

MOST_LISTENERS = 50
"""Open pages."""
MOST_WAITING = 2**20
"""Octets one of them may be behind; then it is cut off, and comes back by itself."""


class Events:
    """Tells all pages of everything that arrives, and of devices that were woken."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._listeners: set[Any] = set()
        arrivals.listen(self._arrived)

    def listens(self, request: Any) -> None:
        """Take a page in."""
        if len(self._listeners) >= MOST_LISTENERS:
            request.setResponseCode(503)
            request.finish()
            return
        request.setHeader("content-type", "text/event-stream; charset=utf-8")
        request.write(b"retry: 1000\n\n")
        self._listeners.add(request)
        request.notifyFinish().addBoth(lambda _: self._listeners.discard(request))

    def woken(self, about: dict[str, str]) -> None:
        """Tell that a device was woken."""
        self._tell("wake", about)

    def close(self) -> None:
        """Send all pages away."""
        for request in tuple(self._listeners):
            request.finish()

    def _arrived(self, arrival: Arrival) -> None:
        if self._listeners:
            self._tell("arrival", told(arrival))

    def _tell(self, kind: str, value: object) -> None:
        data = f"event: {kind}\ndata: {json.dumps(value)}\n\n".encode()
        for request in tuple(self._listeners):
            if _waiting(request) > MOST_WAITING:
                request.channel.forceAbortClient()
            else:
                request.write(data)


def _waiting(request: Any) -> int:
    """Return the octets that are written and not sent, as far as Twisted can tell."""
    transport = getattr(request.channel, "transport", None)
    unsent = getattr(transport, "_tempDataLen", 0) + len(getattr(transport, "dataBuffer", b""))
    return int(unsent)
