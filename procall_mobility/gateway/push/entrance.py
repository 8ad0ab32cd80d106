"""Decides whether a push is taken, and by which lane it goes."""

from collections.abc import Callable

from attrs import define, evolve, field, frozen

from procall_mobility.gateway.push.environments import Environments
from procall_mobility.gateway.push.ports import (
    READ_AGAIN,
    NotReadable,
    PushStore,
    QueuedPush,
    State,
)
from procall_mobility.gateway.push.quota import Quotas
from procall_mobility.gateway.push.receipts import Receipt, refusal
from procall_mobility.gateway.push.routes import Routes
from procall_mobility.gateway.push.waiting import CALL, Waiting, waiting
from procall_mobility.gateway.reasons import Reason

FIRST_OF_THE_NEW = 2**63
"""Pushes of before the start have lower numbers: they are older, in whatever order they come."""
OF_A_MILLISECOND = 2**20
"""Numbers for pushes of before the start that were accepted in the same one.  In 2248 there are
enough milliseconds that the numbers of the new would have to be greater."""

TOO_MANY_LANES = "too-many-lanes"
LANES_AGAIN = 60.0
"""Seconds until one of many lanes on demand may have become idle."""

Admitted = tuple[Waiting, str, QueuedPush]
"""A new push, its lane, and its final form."""

Admit = Callable[[QueuedPush, float, float], Admitted | Receipt]
"""Judges a push, given the time and the calendar's."""


@frozen(kw_only=True)
class EntranceRules:
    """Seconds."""

    longest_call: float = 60.0
    """Nobody lets a phone ring for a call that was given up."""
    longest: float = 28 * 86_400.0
    """What providers keep at most."""
    buried_for: float = 86_400.0
    """A dead token is not tried again that long; then its provider is asked once more, so that a
    mistake does not last for ever."""


@define(eq=False, kw_only=True)
class Entrance:
    """Has no memory of pushes."""

    rules: EntranceRules
    store: PushStore
    routes: Routes
    quotas: Quotas
    environments: Environments
    key: bytes = field(repr=False)
    """Of devices' digests."""
    has_room: Callable[[str, str, float], bool]
    """Tells whether there is or can be a lane for a customer's new push."""
    _new: int = field(default=FIRST_OF_THE_NEW, init=False)
    _old: int = field(default=0, init=False)

    def admit(self, push: QueuedPush, now: float, unix: float) -> Admitted | Receipt:
        """Return a new push; or why it is not taken."""
        told, rules = push.notification, self.rules
        if told.expires <= unix:
            return refusal(told.id, "expired")
        try:
            is_buried = self._is_buried(push, unix)
        except NotReadable:
            return refusal(push.id, Reason.NOT_READABLE.value, retry_after=READ_AGAIN)
        if is_buried:
            return refusal(push.id, "token-dead", state=State.TOKEN_GONE)
        longest = unix + (rules.longest_call if told.urgency is CALL else rules.longest)
        if told.expires > longest:
            push = evolve(push, notification=evolve(told, expires=longest))
        self._new += 1
        entered = waiting(push, self._new, now, unix, key=self.key)
        lane = self.routes.lane(push)
        sandbox = self.environments.of(entered.device)
        if sandbox is not None and push.sandbox is None:
            found = evolve(push, sandbox=sandbox)
            there = self.routes.lane(found)
            if there is not None:
                push, lane = found, there
                entered.push = push
        if lane is None:
            return refusal(push.id, "unknown-app")
        over = self.quotas.refuses(entered, lane, now)
        if over is not None:
            return refusal(push.id, over.reason, retry_after=over.retry_after)
        if not self.has_room(lane, push.customer, now):
            return refusal(push.id, TOO_MANY_LANES, retry_after=LANES_AGAIN)
        return entered, lane, push

    def restored(self, push: QueuedPush, now: float, unix: float) -> tuple[Waiting, str | None]:
        """Return a push of the store, which was accepted long ago, and its lane.

        None where it has none any more: there is no such application, or no such customer.
        """
        self._old += 1
        # They come in the order of their ids, which are the customers': it says nothing.
        order = int(push.accepted * 1000) * OF_A_MILLISECOND + self._old % OF_A_MILLISECOND
        entered = waiting(push, order, now, unix, key=self.key)
        entered.is_durable = True
        return entered, self.routes.lane(push) if self.routes.knows(push.customer) else None

    def _is_buried(self, push: QueuedPush, unix: float) -> bool:
        token = push.notification.token
        since = self.store.buried(push.customer, push.app, token)
        if since is None:
            return False
        if unix - since < self.rules.buried_for:
            return True
        self.store.dig_up(push.customer, push.app, token)
        return False
