"""The end of a daemon: everybody is moved, and then it is waited for what is under way."""

from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from procall_mobility.gateway.drain import DrainRules
from procall_mobility.gateway.reasons import Reason
from procall_mobility.lifecycle.draining import Draining
from procall_mobility.transports.pump import AlarmClock, Household
from procall_mobility.transports.visits import Visits
from tests.gateway.fakes import House
from tests.gateway.moves import call

UNIX = 1_795_336_432.0


@define
class Relays:
    """As much of a relay as is asked here: how many allocations it has."""

    count: int = 0

    @property
    def media(self) -> "Relays":
        return self

    @property
    def server(self) -> "Relays":
        return self

    @property
    def allocations(self) -> "Relays":
        return self

    def __len__(self) -> int:
        return self.count


@define
class Stage:
    """A gateway whose alarms ring by the same clock."""

    house: House = field(factory=House)
    clock: Clock = field(factory=Clock)
    relays: Relays = field(factory=Relays)
    told: list[Any] = field(factory=list)
    ended: list[float] = field(factory=list)
    draining: Draining = field(init=False)

    def __attrs_post_init__(self) -> None:
        household = Household(reactor=self.clock, now=lambda: 100.0 + self.clock.seconds())
        alarm = AlarmClock(self.house.gateway, household, lambda: None)
        self.house.gateway.alarms._sooner = alarm.arrange
        relays: Any = self.relays
        self.draining = Draining(
            gateway=self.house.gateway,
            turn=relays,
            household=household,
            visits=Visits(),
            rules=DrainRules(),
            dice=lambda: 0.0,
            wall_clock=lambda: UNIX + self.clock.seconds(),
        )
        self.draining.tell = self.told.append

    def begins(self, within: float = 20.0, pushes: "Deferred[Any] | None" = None) -> None:
        done = self.draining.begin(within, Reason.MOVED, pushes or succeed(None))
        done.addCallback(lambda _: self.ended.append(self.clock.seconds()))

    def later(self, seconds: float) -> None:
        self.clock.pump([0.01] * round(seconds * 100))


def said(logged: list[Any]) -> list[str]:
    return [f"{each['log_format']}: {each['text']}" for each in logged]


def test_who_is_told_to_end_in_the_midst_of_a_hand_over_ends_once_and_in_the_time_of_a_stop() -> (
    None
):
    stage = Stage()
    stage.relays.count = 1
    stage.begins(20.0)
    stage.begins(14_400.0)
    with capturedLogs() as logged:
        stage.later(21.0)
    assert stage.ended == [pytest.approx(20.0, abs=0.1)] * 2
    assert said(logged).count("drained: cut off: 1 relays") == 1
    stage.later(1.0)
    assert stage.clock.getDelayedCalls() == []


def test_where_nothing_is_under_way_it_ends_at_once() -> None:
    stage = Stage()
    assert not stage.draining.has_begun
    assert stage.draining.facts() is None
    with capturedLogs() as logged:
        stage.begins()
    assert stage.ended == [0.0]
    assert stage.draining.has_begun
    assert stage.draining.visits.are_over
    assert said(logged) == ["drained: nothing was left"]


def test_clients_and_servers_are_moved_and_the_end_comes_with_the_last_call() -> None:
    stage = Stage()
    wire = stage.house.registers()
    session, client = stage.house.session(wire)
    stage.house.gateway.client_says(session, call(1), 100.0)
    stage.relays.count = 2
    with capturedLogs() as logged:
        stage.begins()
        stage.later(0.5)
        assert client.closed is None
        wire.answers_with(100.5, {})
        stage.later(0.1)
        assert client.closed == (1012, "moved")
        assert stage.ended == []
        stage.relays.count = 0
        stage.later(0.1)
    assert len(stage.ended) == 1
    assert said(logged) == [
        "draining: 2 relays, 1 sessions, 1 links",
        "drained: nothing was left",
    ]
    assert stage.told == [{"relays": 2, "sessions": 1, "until": UNIX + 20}]


def test_when_its_time_is_up_the_rest_is_cut_off() -> None:
    stage = Stage(relays=Relays(1))
    with capturedLogs() as logged:
        stage.begins(within=1.0)
        stage.later(1.1)
    assert stage.ended == [pytest.approx(1.0, abs=0.02)]
    assert said(logged)[-1] == "drained: cut off: 1 relays"


def test_pushes_are_put_away_first() -> None:
    stage = Stage()
    pushes: Deferred[None] = Deferred()
    stage.begins(pushes=pushes)
    stage.later(0.5)
    assert stage.ended == []
    pushes.callback(None)
    stage.later(0.1)
    assert len(stage.ended) == 1


def test_it_may_be_cut_short() -> None:
    stage = Stage(relays=Relays(1))
    stage.draining.cut()
    assert stage.ended == []
    stage.begins()
    stage.draining.cut()
    assert stage.ended == [0.0]
    stage.draining.cut()


def test_it_may_be_hurried() -> None:
    """After a hand-over, the first SIGTERM leaves calls the time any stop leaves them."""
    stage = Stage(relays=Relays(1))
    stage.draining.hurry()
    stage.begins(within=3600.0)
    stage.draining.hurry()
    stage.later(20.1)
    assert stage.ended == [pytest.approx(20.0, abs=0.02)]


def test_whoever_asks_is_told_what_is_waited_for() -> None:
    stage = Stage(relays=Relays(3))
    stage.begins()
    stage.later(5.0)
    assert stage.draining.facts() == {"relays": 3, "sessions": 0, "until": UNIX + 20}


def test_a_daemon_without_a_relay_has_no_relays() -> None:
    stage = Stage()
    stage.draining.turn = None
    assert stage.draining.remains().relays == 0
