"""What becomes of each customer's pushes, counted where operators want it told by their names.

There is a number for each customer and outcome, so that nothing grows but by new customers;
whoever tells of them has those forgotten that are no more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import define, field

from procall_mobility.gateway.push.ports import QueuedPush, State

STATES: Final = tuple(state.value for state in State if state is not State.QUEUED)
"""What a push may end as."""


@define(eq=False)
class PushesByCustomer:
    """Counts by UCSID, since somebody wanted them."""

    accepted: Counter[str] = field(factory=Counter, init=False)
    refused: Counter[str] = field(factory=Counter, init=False)
    """Those that were not accepted."""
    ended: Mapping[str, Counter[str]] = field(
        factory=lambda: {state: Counter() for state in STATES}, init=False
    )
    """By how they ended; those an earlier run had accepted as well."""

    def accept(self, pushes: Sequence[QueuedPush]) -> None:
        """Count pushes that are taken on."""
        for push in pushes:
            self.accepted[push.customer] += 1

    def names(self) -> set[str]:
        """Return whoever has been counted for."""
        return set().union(*self._all())

    def forget(self, customer: str) -> None:
        """Count from nothing for a customer, if there is ever one of this name again."""
        for counts in self._all():
            counts.pop(customer, None)

    def _all(self) -> tuple[Counter[str], ...]:
        return self.accepted, self.refused, *self.ended.values()
