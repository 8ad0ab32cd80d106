"""Passes: what a browser shows instead of the token, for some hours.

A tab exchanges the token for a pass once, and keeps only that.  It sends it as it would the token,
in `Authorization`, and nothing does so but the page's own program: no page of elsewhere can have a
browser ask in its name.  It is no cookie, as cookies know no ports (RFC 6265 section 8.5), and
would be shown to every other program that listens on this machine's loopback.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from attrs import define, field

from procall_mobility.operations.bearer import Bearer, shown_in

SIZE: Final = 32
"""Octets of chance in a pass."""

LASTS: Final = 12 * 3600.0
"""Seconds: a working day, and then some."""

UNUSED: Final = 1800.0
"""Seconds after which a pass nobody shows is good for nothing: a tab that is looked at shows its
every second."""

MOST: Final = 32
"""At once: some operators with some tabs each; the one that was not shown for longest goes."""


@define
class Life:
    """When a pass was made, and shown last."""

    made: float
    shown: float


@define(eq=False, kw_only=True)
class Passes:
    """Makes passes for whoever shows the token, and knows them again."""

    bearer: Bearer
    dice: Callable[[int], bytes] = field(repr=False)
    now: Callable[[], float] = field(repr=False)
    # By digest: how long it takes to find one says nothing about the passes there are.
    _lives: dict[bytes, Life] = field(factory=dict, init=False, repr=False)

    def make(self, authorization: bytes | None) -> str | None:
        """Return a pass for the token; None for anything else, passes too."""
        if not self.bearer.admits(authorization):
            return None
        made, now = self.dice(SIZE).hex(), self.now()
        self._forget_old(now)
        while len(self._lives) >= MOST:
            del self._lives[min(self._lives, key=lambda each: self._lives[each].shown)]
        self._lives[_digest(made.encode())] = Life(now, now)
        return made

    def admits(self, authorization: bytes | None) -> bool:
        """Tell whether a value of `Authorization` shows the token, or a pass."""
        if self.bearer.admits(authorization):
            return True
        now = self.now()
        self._forget_old(now)
        life = self._lives.get(_digest(shown_in(authorization)))
        if life is None:
            return False
        life.shown = now
        return True

    def end(self, authorization: bytes | None) -> None:
        """Forget the pass a value of `Authorization` shows."""
        self._lives.pop(_digest(shown_in(authorization)), None)

    def end_all(self) -> None:
        """Forget all: the token they were made for is another now."""
        self._lives.clear()

    def _forget_old(self, now: float) -> None:
        for digest, life in list(self._lives.items()):
            if now >= life.made + LASTS or now >= life.shown + UNUSED:
                del self._lives[digest]


def _digest(shown: bytes) -> bytes:
    return hashlib.sha256(shown).digest()
