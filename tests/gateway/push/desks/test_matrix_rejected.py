"""Which pushkeys a Matrix homeserver is told to forget: those of dead devices, and no others."""

from procall_mobility.gateway.push.lane.suspicion import FEWEST
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from tests.gateway.push.desks.homeserver import DEVICE, OTHER, asked, notifies, rejects
from tests.gateway.push.desks.sender_house import LANE, TOKEN, House
from tests.gateway.push.fakes import UNIX


def test_a_device_that_turns_out_to_be_gone_within_the_wait_is_rejected() -> None:
    house = House()
    heard = asked(house, DEVICE, OTHER)
    dead, living = house.sent()
    house.pipeline.answered(LANE, dead.id, TokenDead(reason="Unregistered"), house.now)
    assert heard == []
    house.pipeline.answered(LANE, living.id, Delivered(), house.now)
    assert rejects(heard[0]) == [TOKEN]


def test_a_device_that_is_known_to_be_gone_is_rejected_at_once() -> None:
    house = House()
    asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    (answer,) = asked(house, event_id="$another")
    assert rejects(answer) == [TOKEN]
    (again,) = asked(house)
    assert rejects(again) == [TOKEN], "whose answer was lost"
    assert house.sent() == []


def test_a_pushkey_that_was_registered_since_lives() -> None:
    house = House()
    asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    house.later(60.0)
    anew = {**DEVICE, "pushkey_ts": house.unix() - 30}
    assert rejects(notifies(house, anew, event_id="$another")) == []
    assert len(house.sent()) == 1
    assert rejects(notifies(house, anew)) == [], "nor for a push of before"


def test_a_provider_that_speaks_of_the_time_before_rejects_nothing() -> None:
    """APNs tells when it last knew that a token was dead."""
    house = House()
    heard = asked(house)
    (push,) = house.sent()
    long_ago = TokenDead(reason="Unregistered", since=UNIX - 2 * 86_400)
    house.pipeline.answered(LANE, push.id, long_ago, house.now)
    assert rejects(heard[0]) == []
    assert house.store.buried("acme", "ios.example", TOKEN) is None


def test_when_so_many_look_dead_that_a_mistake_is_likelier_nobody_is_rejected_any_more() -> None:
    """As with the topic of another application: the operator is told instead."""
    house = House()
    dead = TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)
    rejected = []
    for number in range(60):
        heard = asked(house, {**DEVICE, "pushkey": f"{number:064x}"})
        (push,) = house.sent()
        house.pipeline.answered(LANE, push.id, dead, house.now)
        rejected += rejects(heard[0])
    assert len(rejected) < FEWEST


def test_a_time_of_registration_in_the_far_future_means_nothing() -> None:
    """As when it is told in milliseconds: a dead token would be tried for ever."""
    house = House()
    asked(house)
    (push,) = house.sent()
    house.pipeline.answered(LANE, push.id, TokenDead(reason="Unregistered"), house.now)
    (answer,) = asked(house, {**DEVICE, "pushkey_ts": UNIX * 100}, event_id="$another")
    assert rejects(answer) == [TOKEN]
