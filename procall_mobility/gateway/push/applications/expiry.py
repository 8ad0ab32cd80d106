"""Tells in time of credentials that end."""

import math
from collections.abc import Mapping
from typing import Final

from attrs import define, field, frozen

DAYS: Final = (30, 14, 3, 0)
"""How many of them before its end a credential is told of, once each."""

DAY: Final = 86_400.0


@frozen(kw_only=True)
class Expiring:
    """A credential that ends."""

    name: str
    """Of an application that has it."""
    at: float
    """Unix seconds."""


@frozen(kw_only=True)
class ExpiryNear:
    """A credential ends soon, or has ended: somebody has to get another one."""

    name: str
    days: int
    """Until then; 0 for one that has ended."""
    at: float
    """Unix seconds."""


@define(eq=False)
class Expiries:
    """Knows what was told of which credential."""

    _told: dict[bytes, int] = field(factory=dict, init=False)
    """By credential, the least of `DAYS` that was told."""

    def due(self, known: Mapping[bytes, Expiring], unix: float) -> list[ExpiryNear]:
        """Return what is to be told now; credentials that are not known any more are forgotten."""
        self._told = {mark: days for mark, days in self._told.items() if mark in known}
        found = []
        for mark, credential in known.items():
            left = max(0, math.ceil((credential.at - unix) / DAY))
            near = [days for days in DAYS if left <= days]
            if near and near[-1] < self._told.get(mark, DAYS[0] + 1):
                self._told[mark] = near[-1]
                found.append(ExpiryNear(name=credential.name, days=left, at=credential.at))
        return found
