"""Orders that are posted in one turn of the reactor are taken together, step by step.

A processor does one thing with each of many faster than many things with one: what it needs for
that is at hand then.  Where dozens of requests with a message each come at a time, a tenth of all
that is done for a push is saved.
"""

from collections.abc import Callable

from attrs import define, field

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.push.desks.orders import Answer, OrderRefused, PushOrders
from procall_mobility.gateway.push.gathering import Gathering, Soon
from procall_mobility.gateway.push.ports import NotReadable
from procall_mobility.protocols.push import messages

Refused = Callable[[Exception], None]
"""Takes `OrderRefused` or `NotReadable`, or a bug of ours: nothing of the order is taken."""


@define(eq=False, kw_only=True)
class Posted:
    """An order without an Idempotency-Key, as `PushOrders.take` takes it."""

    customer: Customer
    body: bytes = field(repr=False)
    answer: Answer
    refused: Refused
    now: float
    wait: float


class OrderRounds:
    """Takes orders soon."""

    def __init__(self, orders: PushOrders, soon: Soon, bug: Callable[[Exception], None]) -> None:
        """Have `bug` told of mistakes of ours: each costs one order."""
        self._orders = orders
        self._bug = bug
        self._gathering = Gathering(soon, self._take)
        self._posted: list[Posted] = []
        """One for each connection at most: its next request waits for the answer to this one."""

    def post(self, posted: Posted) -> None:
        """Take an order with all others of this turn; it is answered or refused, once."""
        self._posted.append(posted)
        if not self._gathering.is_due:
            self._gathering.note()

    def _take(self) -> None:
        posted, self._posted = self._posted, []
        read: list[tuple[Posted, messages.Order]] = []
        for each in posted:
            try:
                read.append((each, self._orders.read(each.customer, each.body)))
            except Exception as error:  # noqa: BLE001  # The guard: others want to be taken, too.
                self._refuse(each, error)
        for each, order in read:
            try:
                self._orders.hand_on(each.customer, order, each.answer, each.now, wait=each.wait)
            except Exception as error:  # noqa: BLE001  # The same.
                self._refuse(each, error)

    def _refuse(self, posted: Posted, error: Exception) -> None:
        posted.refused(error)
        if not isinstance(error, OrderRefused | NotReadable):
            self._bug(error)
