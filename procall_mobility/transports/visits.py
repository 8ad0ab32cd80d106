"""HTTP connections, each kept for many requests until we leave: whoever asks again comes anew."""

from typing import Protocol
from weakref import WeakSet

from attrs import evolve

from procall_mobility.protocols.ucclient.http_answer import HttpAnswer

CLOSING = ("Connection", "close")


class Visit(Protocol):
    """One connection."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being asked."""

    def loseConnection(self) -> None:
        """Close it."""


class Visits:
    """All connections of a daemon."""

    def __init__(self) -> None:
        self.are_over = False
        """Whether each connection ends with the request under way."""
        # Some become WebSockets without a word: nobody keeps them for our sake.
        self._all: WeakSet[Visit] = WeakSet()

    def begins(self, visit: Visit) -> None:
        """Note a connection."""
        self._all.add(visit)

    def end(self) -> None:
        """Close those that are idle; the others close with their answers."""
        self.are_over = True
        for visit in list(self._all):
            if visit.is_idle:
                visit.loseConnection()

    def last(self, answer: HttpAnswer) -> HttpAnswer:
        """Return an answer that says that it is the last one (RFC 9112 section 9.6)."""
        if CLOSING in answer.headers:
            return answer
        return evolve(answer, headers=(*answer.headers, CLOSING))
