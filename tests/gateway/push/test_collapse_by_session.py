"""Collapse keys where one push goes to the device's session and another to its provider.

A phone must not ring for a call that the device has been told to be over.
"""

from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.outcomes import Later
from tests.gateway.push.fakes import call
from tests.gateway.push.house import PushHouse

RINGS, OVER = (call(number, token="t", collapse="call-91") for number in (1, 2))


def connects(house: PushHouse) -> None:
    house.sessions.connected.add("t")


def test_a_newer_push_that_the_session_takes_replaces_one_that_waits() -> None:
    house = PushHouse().opens()
    house.accepts(RINGS)
    house.says(Later(reason="busy", after=5.0))
    connects(house)
    house.accepts(OVER)
    house.sessions.offered[0][1](True)
    house.later(10.0)
    assert [each.id for each, _ in house.sessions.offered] == [OVER.id]
    assert house.taken() == []
    assert house.ended() == {RINGS.id: State.REPLACED, OVER.id: State.SENT}


def test_one_that_flies_then_is_not_tried_again() -> None:
    house = PushHouse().opens()
    house.accepts(RINGS)
    connects(house)
    house.accepts(OVER)
    house.sessions.offered[0][1](True)
    house.says(Later(reason="busy"))
    house.later(10.0)
    assert [each.id for each, _ in house.sessions.offered] == [OVER.id]
    assert house.taken() == []
    assert house.ended() == {RINGS.id: State.REPLACED, OVER.id: State.SENT}


def test_an_older_one_that_the_session_did_not_take_is_not_sent_after_a_newer() -> None:
    """The session was lost before anybody knew, and the newer one went to the provider."""
    house = PushHouse().opens()
    connects(house)
    house.accepts(RINGS)
    house.sessions.deaf = True
    house.accepts(OVER)
    house.delivers()
    house.later(10.0)
    assert house.taken() == []
    assert house.ended() == {RINGS.id: State.REPLACED, OVER.id: State.SENT}


def test_an_older_one_that_the_session_takes_after_all_has_arrived() -> None:
    house = PushHouse().opens()
    connects(house)
    house.accepts(RINGS, OVER)
    for _, taken in house.sessions.offered:
        taken(True)
    assert house.ended() == {RINGS.id: State.SENT, OVER.id: State.SENT}


def test_a_newer_one_that_the_session_does_not_take_goes_to_the_provider() -> None:
    house = PushHouse().opens()
    connects(house)
    house.accepts(RINGS, OVER)
    house.later(10.0)
    (sent,) = house.taken()
    assert sent.push.id == OVER.id
    house.delivers(sent)
    assert house.ended() == {RINGS.id: State.REPLACED, OVER.id: State.SENT}


def test_others_of_the_device_are_left_alone() -> None:
    house = PushHouse().opens()
    other = call(3, token="t", collapse="call-92")
    house.accepts(other)
    house.says(Later(reason="busy", after=5.0))
    connects(house)
    house.accepts(OVER)
    house.sessions.offered[0][1](True)
    house.later(10.0)
    assert [each.id for each, _ in house.sessions.offered] == [OVER.id, other.id]
