"""A document that is made a piece at a time, so that others have their turns."""

from collections.abc import Callable, Iterator

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Cooperator
from twisted.python.failure import Failure

Piece = bytes | Deferred[bytes] | None
"""What comes next: now, or later; None is for a turn of others."""

Pieces = Callable[[], Iterator[Piece]]
"""Yields it in order, after a millisecond or two of work each."""


@define(eq=False, kw_only=True)
class Making:
    """Whoever asks while it is being made, or shortly after, gets the same."""

    pieces: Pieces
    cooperator: Cooperator = field(repr=False)
    now: Callable[[], float] = field(repr=False)
    keeps: float
    """Seconds it is good for."""
    _asked: "list[Deferred[bytes]]" = field(factory=list, init=False)
    _kept: tuple[float, bytes] | None = field(default=None, init=False)

    def ask(self) -> "Deferred[bytes]":
        """Return it, when it is made."""
        if self._kept is not None and self.now() < self._kept[0] + self.keeps:
            return succeed(self._kept[1])
        asked: Deferred[bytes] = Deferred()
        self._asked.append(asked)
        if len(self._asked) == 1:
            made: list[bytes] = []
            done = self.cooperator.coiterate(self._make(made))
            done.addCallback(lambda _: self._keep(b"".join(made))).addBoth(self._tell)
        return asked

    def _make(self, made: list[bytes]) -> "Iterator[Deferred[None] | None]":
        for piece in self.pieces():
            if isinstance(piece, Deferred):
                yield piece.addCallback(made.append)
                continue
            if piece is not None:
                made.append(piece)
            yield None

    def _keep(self, made: bytes) -> bytes:
        self._kept = self.now(), made
        return made

    def _tell(self, made: bytes | Failure) -> None:
        asked, self._asked = self._asked, []
        for each in asked:
            each.callback(made)
