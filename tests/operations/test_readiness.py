"""Whether the daemon is ready: all reasons at once, and a store that is not asked all the time."""

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from procall_mobility.operations.readiness import KEPT_FOR, PATIENCE, Obstacle, Readiness

CLOSED = Obstacle("listeners", "tls is not listened on")
FULL = "customers.sqlite: the disk is full"


@define
class House:
    obstacles: list[Obstacle] = field(factory=list)
    asked: "list[Deferred[str | None]]" = field(factory=list)
    now: float = 100.0
    clock: Clock = field(factory=Clock)

    def readiness(self) -> Readiness:
        return Readiness(
            looks=(lambda: self.obstacles, list),
            store=self.ask,
            now=lambda: self.now,
            later=self.clock.callLater,
        )

    def ask(self) -> "Deferred[str | None]":
        self.asked.append(Deferred())
        return self.asked[-1]


def test_it_is_ready_when_nothing_is_in_the_way() -> None:
    house = House()
    answer = house.readiness().obstacles()
    assert not answer.called
    house.asked[0].callback(None)
    assert answer.result == []


def test_all_that_is_in_the_way_is_told_at_once() -> None:
    house = House([CLOSED])
    answer = house.readiness().obstacles()
    house.asked[0].callback(FULL)
    assert answer.result == [CLOSED, Obstacle("store", FULL)]


def test_the_store_is_asked_once_for_all_who_ask_meanwhile_and_soon_after() -> None:
    """Anybody here may ask without a token: a thread for each would be too much."""
    house = House()
    readiness = house.readiness()
    answers = [readiness.obstacles() for _ in range(3)]
    assert len(house.asked) == 1
    house.asked[0].callback(FULL)
    assert [each.result for each in answers] == [[Obstacle("store", FULL)]] * 3
    assert readiness.obstacles().result == [Obstacle("store", FULL)]
    house.now += KEPT_FOR
    last = readiness.obstacles()
    house.asked[1].callback(None)
    assert last.result == []


def test_what_changes_at_once_is_seen_at_once() -> None:
    house = House()
    readiness = house.readiness()
    readiness.obstacles()
    house.asked[0].callback(None)
    house.obstacles.append(CLOSED)
    assert readiness.obstacles().result == [CLOSED]


def test_a_look_that_fails_is_a_reason_too() -> None:
    house = House()
    answer = house.readiness().obstacles()
    house.asked[0].errback(Failure(RuntimeError("with a secret")))
    (told,) = answer.result
    assert told == Obstacle("store", "it cannot be looked at (RuntimeError)")


def test_a_disk_that_hangs_is_in_the_way_and_keeps_nobody_waiting() -> None:
    """Whoever asks then wants to know just that; and one thread that hangs is enough."""
    house = House([CLOSED])
    readiness = house.readiness()
    slow = Obstacle("store", f"the disk has not answered for {PATIENCE:g} s")
    first = readiness.obstacles()
    house.clock.advance(PATIENCE)
    assert first.result == [CLOSED, slow]
    house.now += 3600
    assert readiness.obstacles().result == [CLOSED, slow]
    assert len(house.asked) == 1
    house.asked[0].callback(None)
    assert readiness.obstacles().result == [CLOSED]
    house.now += KEPT_FOR
    readiness.obstacles()
    assert len(house.asked) == 2


def test_nothing_waits_for_a_disk_that_has_answered() -> None:
    house = House()
    house.readiness().obstacles()
    house.asked[0].callback(None)
    assert house.clock.getDelayedCalls() == []
