"""How often something may happen, for each of many who may do it."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from procall_mobility.gateway.allowance import Allowance

MOST: Final = 50_000
"""Of them remembered; the one that was quiet longest is forgotten, and may begin anew."""


class Paces:
    """An allowance for each."""

    def __init__(self, rate: float, burst: float) -> None:
        """`rate` per second on average, `burst` at once."""
        self._rate = rate
        self._burst = burst
        self._known: OrderedDict[Hashable, Allowance] = OrderedDict()

    def change(self, rate: float, burst: float) -> None:
        """Let everybody go at another pace from now on."""
        self._rate = rate
        self._burst = burst
        for allowance in self._known.values():
            allowance.change(rate, burst)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def wait(self) -> float:
        """Seconds until one that has used up its allowance may go on."""
        return 1.0 / self._rate

    def take(self, who: Hashable, now: float) -> bool:
        """Use one of somebody's up; False when there is none left."""
        allowance = self._known.get(who)
        if allowance is None:
            allowance = self._known[who] = Allowance(self._rate, self._burst, now)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        self._known.move_to_end(who)
        return allowance.take(now)
