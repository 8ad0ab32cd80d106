"""All pushes that were accepted and have not ended: each is entered once, and ends once."""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from procall_mobility.gateway.push.lane.outbox import NOT_STORED
from procall_mobility.gateway.push.ports import Answered, Ending, PushStore, QueuedPush, State
from procall_mobility.gateway.push.quota import Quotas
from procall_mobility.gateway.push.receipts import Receipt, Receipts, refusal
from procall_mobility.gateway.push.waiting import Waiting

STORE_AGAIN = 5.0
"""Seconds until a store that could not write may be well again."""

UNDECIDED = "undecided"
UNDECIDED_AGAIN = 1.0
"""Seconds until it is known whether a push is accepted that is being written, or sent already."""


class Ledger:
    """Keeps the store, the quotas and the receipts in step with what happens to pushes."""

    def __init__(
        self,
        store: PushStore,
        quotas: Quotas,
        receipts: Receipts,
        wall_clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._quotas = quotas
        self._receipts = receipts
        self._wall_clock = wall_clock
        self.open: dict[str, Waiting] = {}
        """Those that have not ended, by their ids; nobody else changes it."""
        self._loads: Counter[str] = Counter()
        self._postponed: list[QueuedPush] = []
        self._endings: list[Ending] = []
        self._kept: deque[tuple[Sequence[QueuedPush], Callable[[bool], None], Answered | None]]
        self._kept = deque()

    def __len__(self) -> int:
        return len(self.open)

    def has(self, waiting: Waiting) -> bool:
        """Whether a push has not ended."""
        return self.open.get(waiting.id) is waiting

    def all(self) -> tuple[Waiting, ...]:
        """Return all that have not ended, in the order they were entered."""
        return tuple(self.open.values())

    def load(self, lane: str) -> int:
        """Return how many pushes of a lane have not ended, wherever they are."""
        return self._loads[lane]

    def known(self, customer: str, pushes: Sequence[str]) -> dict[str, Receipt]:
        """Return what has become of those pushes that are known, and a customer's.

        One that a crash could lose is not accepted yet, whoever asks for it.
        """
        found = {}
        others = []
        for push in pushes:
            waiting = self.open.get(push)
            if waiting is None or waiting.customer != customer:
                others.append(push)
            elif waiting.is_durable:
                found[push] = Receipt(id=push, state=State.QUEUED)
            else:
                found[push] = refusal(push, UNDECIDED, retry_after=UNDECIDED_AGAIN)
        for push, ending in self._store.known(customer, others).items():
            state, reason = (
                (State.QUEUED, None) if ending is None else (ending.state, ending.reason)
            )
            found[push] = Receipt(id=push, state=state, reason=reason)
        return found

    def enter(self, waiting: Waiting, lane: str) -> None:
        """Take a push on."""
        waiting.lane = lane
        self.open[waiting.id] = waiting
        self._loads[lane] += 1
        self._quotas.take(waiting, lane)

    def keep(
        self,
        pushes: Sequence[QueuedPush],
        durable: Callable[[bool], None],
        answered: Answered | None = None,
    ) -> None:
        """Have pushes that were entered written; `durable` is told whether they are."""
        self._kept.append((pushes, durable, answered))
        if answered is not None:
            self.add()  # Whoever uses that key in this turn is to find it used.

    def add(self) -> None:
        """Hand the store what it is to keep."""
        while self._kept:
            self._store.add(*self._kept.popleft())

    def move(self, waiting: Waiting, lane: str) -> None:
        """Note that a push goes to another lane."""
        self._release(waiting)
        self.enter(waiting, lane)

    def postpone(self, push: QueuedPush) -> None:
        """Note what has changed about a push."""
        self._postponed.append(push)

    def end(self, waiting: Waiting, state: State, reason: str | None = None) -> bool:
        """Note how a push has ended; False where it was never accepted, as it was not stored."""
        del self.open[waiting.id]
        self._release(waiting)
        waiting.push = None  # Whoever still has it somewhere shall not hold its content.
        if reason == NOT_STORED:
            self._receipts.ended(refusal(waiting.id, NOT_STORED, retry_after=STORE_AGAIN))
            return False
        self._endings.append(
            Ending(
                id=waiting.id,
                customer=waiting.customer,
                state=state,
                reason=reason,
                at=self._wall_clock(),
            )
        )
        if waiting.id in self._receipts.places:
            self._receipts.ended(Receipt(id=waiting.id, state=state, reason=reason))
        return True

    def flush(self) -> None:
        """Hand the store what has happened."""
        if self._postponed:
            postponed, self._postponed = self._postponed, []
            self._store.postpone(postponed)
        if self._endings:
            endings, self._endings = self._endings, []
            self._store.end(endings)

    def _release(self, waiting: Waiting) -> None:
        self._quotas.release(waiting, waiting.lane)
        self._loads[waiting.lane] -= 1
        if not self._loads[waiting.lane]:
            del self._loads[waiting.lane]  # Their names are made of what strangers say.
