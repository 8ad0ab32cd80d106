"""Servers that were moved here are on their way: who asks for them waits a little."""

import pytest

from procall_mobility.gateway import expected
from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.expected import HELD_FOR, Expected
from tests.gateway.fakes import House, login

LOOK_UP = (("ucsid", "acme"),)


def look_up(house: House) -> list[int]:
    return [each.status for each in house.asks("GET", "/controller/client/ucws", query=LOOK_UP)]


def test_a_look_up_waits_for_the_server_and_is_answered_when_it_comes() -> None:
    house = House()
    house.gateway.expected.expect(["acme"], house.now + 30)
    answers = house.asks("GET", "/controller/client/ucws", query=LOOK_UP)
    house.later(3.0)
    assert answers == []
    house.registers()
    assert [each.status for each in answers] == [200]


def test_a_log_on_waits_too_and_is_not_repeated() -> None:
    """One log-on per client: none is told that its server is not here."""
    house = House()
    house.gateway.expected.expect(["acme"], house.now + 30)
    answers = house.asks("POST", "/ws/client/createsession", **login())
    wire = house.registers()
    wire.answers_with(house.now, {"u8sSessionID": "S", "negotiateresult": {}})
    wire.answers_with(house.now, {"u8sLoggedInUser": "alice", "iValidContact": 1})
    assert [each.status for each in answers] == [200]


def test_nobody_waits_longer_than_clients_do() -> None:
    """Wire 1.1: they give up after 10 s, and would rather hear that there is nobody."""
    house = House()
    house.gateway.expected.expect(["acme"], house.now + 30)
    answers = house.asks("GET", "/controller/client/ucws", query=LOOK_UP)
    house.later(HELD_FOR - 0.1)
    assert answers == []
    house.later(0.1)
    assert [each.status for each in answers] == [204]


def test_who_is_expected_no_longer_is_away_like_any_other() -> None:
    house = House()
    house.gateway.expected.expect(["acme"], house.now + 5)
    house.later(5.0)
    assert look_up(house) == [204]
    assert look_up(house) == [204]


def test_who_is_there_or_was_never_expected_is_waited_for_by_nobody() -> None:
    house = House()
    assert look_up(house) == [204]
    house.gateway.expected.expect(["acme"], house.now + 5)
    house.registers()
    assert look_up(house) == [200]


def test_a_crowd_beyond_the_bound_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "MOST_HELD", 2)
    waiting = Expected(Alarms(lambda: None))
    waiting.expect(["acme"], 10.0)
    served: list[float] = []
    assert [waiting.hold("acme", served.append, 0.0) for _ in range(3)] == [True, True, False]
    waiting.arrived("acme", 1.0)
    assert served == [1.0, 1.0]
    waiting.expect(["acme"], 10.0)
    assert waiting.hold("acme", served.append, 2.0), "there is room again"
