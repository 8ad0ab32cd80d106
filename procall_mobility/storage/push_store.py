"""The durable queue of pushes in SQLite, and what is remembered of them: the port `PushStore`."""

from collections.abc import Callable, Sequence
from typing import Final

from twisted.internet.interfaces import IReactorTime

from procall_mobility.gateway.push.ports import Answered, Ending, Feedback, QueuedPush
from procall_mobility.protocols.push.notification import Urgency
from procall_mobility.storage.errors import PushesNotReadable
from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_commits import Commits
from procall_mobility.storage.push_groups import (
    LIVING,
    Addition,
    Burial,
    Durable,
    Group,
    postponed,
)
from procall_mobility.storage.push_names import Names
from procall_mobility.storage.push_records import PushRecords
from procall_mobility.storage.push_seal import Seal
from procall_mobility.storage.push_sieve import Sieve

CALL: Final = Urgency.CALL
"""For what is asked of each push: to find a member of an enumeration takes as long as a call."""


class DurablePushStore:
    """Pushes and what is remembered of them; whoever asks is answered from what was told last."""

    def __init__(
        self,
        records: PushRecords,
        commits: Commits,
        seal: Seal,
        bounds: Bounds,
        clock: IReactorTime,
        wall_clock: Callable[[], float],
    ) -> None:
        """Look up in what is not written yet, then in what is."""
        self._records = records
        self._commits = commits
        self._seal = seal
        self._bounds = bounds
        self._clock = clock
        self._wall_clock = wall_clock
        # Asked for every push that comes, and nearly always in vain.
        self._graves = Sieve(records.graves())
        self._names = self._all_names()
        self.feedback_grew: Callable[[str], None] = lambda _: None
        """Is called with a customer's UCSID when there is more feedback for it."""
        commits.noted = self._noted

    def catch_up(self) -> None:
        """Take in what another process has written since we began; it writes no more."""
        self._graves = Sieve(self._records.graves())
        self._names.close()
        self._names = self._all_names()

    def close(self) -> None:
        """Write what was told and say so; whoever tells more is refused or not heard."""
        self._commits.close()
        self._names.close()
        self._records.close()

    # Telling ------------------------------------------------------------------------------

    def add(
        self, pushes: Sequence[QueuedPush], durable: Durable, answered: Answered | None = None
    ) -> None:
        """Write pushes in one piece; says so when no crash can lose them any more."""
        ids, is_urgent = [], False
        for push in pushes:
            about = push.notification
            ids.append(about.id)
            is_urgent = is_urgent or about.urgency is CALL
        if not self._has_room_for(ids):
            self._clock.callLater(0, durable, False)
            return
        answers = {}
        if answered is not None:
            answers[self._seal.hash(answered.customer, answered.key)] = answered
        self._names.add(ids)
        self._commits.add(Addition(pushes, durable, answers), urgent=is_urgent)

    def end(self, endings: Sequence[Ending]) -> None:
        """Forget pushes and note how they ended."""
        self._names.add([ending.id for ending in endings])
        self._commits.notes().endings.update((ending.id, ending) for ending in endings)

    def postpone(self, pushes: Sequence[QueuedPush]) -> None:
        """Note another time and one more attempt; nothing else of the pushes is looked at."""
        self._commits.notes().postponed.update((push.id, push) for push in pushes)

    def bury(
        self, customer: str, app: str, token: str, reason: str, at: float, since: float
    ) -> None:
        """Note that a token is dead, once."""
        if self._is_dead(customer, app, token) is not True:
            key = self._seal.hash(customer, app, token)
            dead = Burial(
                customer=customer, app=app, token=token, reason=reason, at=at, since=since
            )
            self._commits.notes().burials[key] = dead
            self._graves.update([key])

    def dig_up(self, customer: str, app: str, token: str) -> None:
        """Take a token back to the living, also out of the feedback."""
        if self._is_dead(customer, app, token) is not False:
            self._commits.notes().burials[self._seal.hash(customer, app, token)] = LIVING

    def note(self, customer: str, key: str, digest: bytes, answer: bytes, at: float) -> None:
        """Remember what was answered to a request with an Idempotency-Key."""
        answered = Answered(customer=customer, key=key, digest=digest, answer=answer, at=at)
        self._commits.notes().answers[self._seal.hash(customer, key)] = answered

    # Asking -------------------------------------------------------------------------------

    def load(self, after: str | None, most: int) -> list[QueuedPush]:
        """Return pushes that have not ended in the order of their ids.

        Raises:
            PushesNotReadable: as everything raises that asks.
        """
        # Those that are dropped here must not make the page look like the last.
        ended = sum(len(group.endings) for group in self._commits.groups)
        pushes = {push.id: push for push in self._records.load(after, most + ended)}
        for group in self._commits.groups:
            new = group.pushes.items()
            pushes.update((name, push) for name, push in new if after is None or name > after)
        alive = [name for name in sorted(pushes) if not self._has_ended(name)]
        return [self._as_told(pushes[name]) for name in alive[:most]]

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush] | None:
        """Return those of the pushes that have not ended, in any order; None: not now."""
        alive = [name for name in ids if not self._has_ended(name)]
        new = {
            name: group.pushes[name]
            for group in self._commits.groups
            for name in alive
            if name in group.pushes
        }
        try:
            old = self._records.fetch([name for name in alive if name not in new])
        except PushesNotReadable:
            return None
        return [self._as_told(push) for push in (*new.values(), *old)]

    def known(self, customer: str, pushes: Sequence[str]) -> dict[str, Ending | None]:
        """Return those that are known, with how they have ended; of ends that is for a day."""
        told = self._names.among(pushes)
        if not told:
            return {}
        found = self._records.known(customer, told, self._since("endings"))
        for group in self._commits.groups:
            for name in told:
                push, ending = group.pushes.get(name), group.endings.get(name)
                if ending is not None and ending.customer == customer:
                    found[name] = ending
                elif push is not None and push.customer == customer:
                    found.setdefault(name, None)
        return found

    def buried(self, customer: str, app: str, token: str) -> float | None:
        """Return when a token was found dead."""
        found = self._tombstone(customer, app, token)
        return None if found is None else found[0]

    def dead_since(self, customer: str, app: str, token: str) -> float | None:
        """Return since when a token is dead."""
        found = self._tombstone(customer, app, token)
        return None if found is None else found[1]

    def feedback(self, customer: str, after: int, most: int) -> list[Feedback]:
        """Return dead tokens a customer has not seen yet; those that are written already."""
        return [dead for _, dead in self.feedback_of_all(customer, after, most)]

    def feedback_of_all(
        self, customer: str | None, after: int, most: int
    ) -> list[tuple[str, Feedback]]:
        """Return the same, of one customer or of all; and whose each was."""
        return self._records.feedback(customer, after, most, self._since("feedback"))

    def said(self, customer: str, key: str) -> tuple[bytes, bytes] | None:
        """Return digest of the request and answer of an Idempotency-Key."""
        found = self._seal.hash(customer, key)
        told = self._commits.newest(lambda group: group.answer(found))
        if told is not None:
            return told.digest, told.answer
        return self._records.answer(found, self._since("answers"))

    # Inside -------------------------------------------------------------------------------

    def _tombstone(self, customer: str, app: str, token: str) -> tuple[float, float] | None:
        key = self._seal.hash(customer, app, token)
        if key not in self._graves:
            return None
        told = self._commits.newest(lambda group: group.burials.get(key))
        if told is not None:
            return None if told is LIVING else (told.at, told.since)
        return self._records.buried(key, self._since("tombstones"))

    def _all_names(self) -> Names:
        return Names(self._records, self._clock, self._commits.names)

    def _noted(self, group: Group) -> None:
        buried = [each.customer for each in group.burials.values() if each is not LIVING]
        for customer in dict.fromkeys(buried):
            self.feedback_grew(customer)

    def _has_room_for(self, ids: Sequence[str]) -> bool:
        commits = self._commits
        if commits.is_closed or commits.unwritten + len(ids) > self._bounds.unwritten:
            return False
        # Those with ids that are written already are found out when they are written.
        for group in commits.groups:  # noqa: SIM110  # A generator costs more than all it does.
            if not group.pushes.keys().isdisjoint(ids):
                return False
        return True

    def _has_ended(self, push: str) -> bool:
        return any(push in group.endings for group in self._commits.groups)

    def _as_told(self, push: QueuedPush) -> QueuedPush:
        later = self._commits.newest(lambda group: group.postponed.get(push.id))
        return push if later is None else postponed(push, later)

    def _is_dead(self, customer: str, app: str, token: str) -> bool | None:
        """Tell whether a token is dead; None: nobody knows now, and a note more does no harm."""
        try:
            return self.buried(customer, app, token) is not None
        except PushesNotReadable:
            return None

    def _since(self, table: str) -> float:
        return self._wall_clock() - self._bounds.of(table).age
