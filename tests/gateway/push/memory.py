"""A store of pushes in memory that can be broken, unreadable, and crash."""

from collections.abc import Callable, Sequence

from attrs import define, evolve, field

from procall_mobility.gateway.push.ports import Answered, Ending, Feedback, NotReadable, QueuedPush

Durable = Callable[[bool], None]


@define
class Shelf:
    """All there is to remember; one is on disk, one is what was told."""

    queued: dict[str, QueuedPush] = field(factory=dict)
    endings: dict[str, Ending] = field(factory=dict)
    tombs: dict[tuple[str, str, str], tuple[float, float]] = field(factory=dict)
    """When each token was found dead, and since when it is."""
    feedback: list[tuple[str, Feedback]] = field(factory=list)
    answers: dict[tuple[str, str], tuple[bytes, bytes]] = field(factory=dict)


@define
class MemoryStore:
    """The port `PushStore`.  Nothing is durable before `commit`; what is not, a crash takes."""

    disk: Shelf = field(factory=Shelf)
    told: Shelf = field(factory=Shelf)
    groups: list[tuple[Callable[[Shelf], None], Durable | None]] = field(factory=list)
    ended: list[Ending] = field(factory=list)
    """Every ending that was told, in order; crashes included."""
    unreadable: bool = False
    broken: bool = False
    fetched: int = 0

    def commit(self) -> None:
        """Write everything in one transaction, and say so; or fail, if the disk is broken."""
        groups, self.groups = self.groups, []
        if self.broken:
            lost = [durable for _, durable in groups if durable is not None]
            self.told = _copy(self.disk)
            for change, durable in groups:
                if durable is None:
                    self._do(change)
            for durable in lost:
                durable(False)
            return
        for change, _ in groups:
            change(self.disk)
        for _, durable in groups:
            if durable is not None:
                durable(True)

    def crash(self) -> "MemoryStore":
        """Return what another start finds."""
        return MemoryStore(disk=self.disk, told=_copy(self.disk), ended=self.ended)

    def _do(self, change: Callable[[Shelf], None], durable: Durable | None = None) -> None:
        change(self.told)
        self.groups.append((change, durable))

    def add(
        self, pushes: Sequence[QueuedPush], durable: Durable, answered: Answered | None = None
    ) -> None:
        kept = tuple(pushes)

        def change(shelf: Shelf) -> None:
            for each in kept:
                shelf.queued.setdefault(each.id, each)
            if answered is not None:
                key = (answered.customer, answered.key)
                shelf.answers[key] = (answered.digest, answered.answer)

        self._do(change, durable)

    def end(self, endings: Sequence[Ending]) -> None:
        kept = tuple(endings)
        self.ended += kept

        def change(shelf: Shelf) -> None:
            for each in kept:
                shelf.queued.pop(each.id, None)
                shelf.endings[each.id] = each

        self._do(change)

    def postpone(self, pushes: Sequence[QueuedPush]) -> None:
        kept = tuple(pushes)

        def change(shelf: Shelf) -> None:
            for each in kept:
                if each.id in shelf.queued:
                    shelf.queued[each.id] = evolve(
                        shelf.queued[each.id],
                        not_before=each.not_before,
                        attempts=each.attempts,
                        sandbox=each.sandbox,
                    )

        self._do(change)

    def load(self, after: str | None, most: int) -> list[QueuedPush]:
        self._read()
        ids = sorted(name for name in self.told.queued if after is None or name > after)
        return [self.told.queued[name] for name in ids[:most]]

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush] | None:
        if self.unreadable:
            return None
        self.fetched += len(ids)
        return [self.told.queued[name] for name in ids if name in self.told.queued]

    def known(self, customer: str, pushes: Sequence[str]) -> dict[str, Ending | None]:
        self._read()
        found: dict[str, Ending | None] = {}
        for name in pushes:
            ending, queued = self.told.endings.get(name), self.told.queued.get(name)
            if ending is not None and ending.customer == customer:
                found[name] = ending
            elif queued is not None and queued.customer == customer:
                found[name] = None
        return found

    def bury(
        self, customer: str, app: str, token: str, reason: str, at: float, since: float
    ) -> None:
        def change(shelf: Shelf) -> None:
            if (customer, app, token) in shelf.tombs:
                return
            shelf.tombs[customer, app, token] = at, since
            number = len(shelf.feedback) + 1
            dead = Feedback(number=number, app=app, token=token, reason=reason, at=since)
            shelf.feedback.append((customer, dead))

        self._do(change)

    def buried(self, customer: str, app: str, token: str) -> float | None:
        self._read()
        return self.told.tombs.get((customer, app, token), (None, None))[0]

    def dead_since(self, customer: str, app: str, token: str) -> float | None:
        self._read()
        return self.told.tombs.get((customer, app, token), (None, None))[1]

    def dig_up(self, customer: str, app: str, token: str) -> None:
        self._do(lambda shelf: shelf.tombs.pop((customer, app, token), None) and None)

    def feedback(self, customer: str, after: int, most: int) -> list[Feedback]:
        self._read()
        found = [dead for of, dead in self.told.feedback if of == customer and dead.number > after]
        return found[:most]

    def said(self, customer: str, key: str) -> tuple[bytes, bytes] | None:
        self._read()
        return self.told.answers.get((customer, key))

    def note(self, customer: str, key: str, digest: bytes, answer: bytes, at: float) -> None:
        def change(shelf: Shelf) -> None:
            shelf.answers[customer, key] = (digest, answer)

        self._do(change)

    def _read(self) -> None:
        if self.unreadable:
            raise NotReadable("the disk is slow")


def _copy(shelf: Shelf) -> Shelf:
    return Shelf(
        queued=dict(shelf.queued),
        endings=dict(shelf.endings),
        tombs=dict(shelf.tombs),
        feedback=list(shelf.feedback),
        answers=dict(shelf.answers),
    )
