"""Ways to tokens: one lane for all, or one for each place that tokens name."""

import pytest

from procall_mobility.gateway.push.applications.apps import PushApp, PushApps
from procall_mobility.gateway.push.applications.carriers import HeldCarrier
from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.gateway.push.applications.ways import Branch, Places
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unsayable import MalformedToken, NoCredential
from tests.gateway.push.fakes import push


class Spoken(HeldCarrier):
    """Whoever speaks to one place."""

    def __init__(self, place: str) -> None:
        self.destination = Destination(host=place)


def place_of(token: str) -> str:
    if "/" not in token:
        raise MalformedToken("no place")
    return token.partition("/")[0]


def refuse(notification: Notification) -> None:
    raise MalformedToken("refused")


PLACES = Places(family="web:key", judge=refuse, place_of=place_of, at=Spoken)


def apps(way: Branch | Places) -> PushApps:
    made = PushApps()
    made.replace([PushApp(name="phone", ucsid=None, provider="x", branches={False: way})])
    return made


def test_each_place_has_a_lane_of_its_own_and_whoever_speaks_there() -> None:
    known = apps(PLACES)
    branch = known.branch(push(1, token="a.example/secret"))
    assert branch is not None
    assert branch.lane == "web:key@a.example"
    assert branch.carrier.destination == Destination(host="a.example")
    assert known.lane(push(2, token="b.example/secret")) == "web:key@b.example"
    assert not known.standing()


def test_a_lanes_name_tells_whom_to_call() -> None:
    """So nothing has to be remembered of lanes on demand."""
    known = apps(PLACES)
    carrier = known.carrier("web:key@a.example")
    assert carrier is not None
    assert carrier.destination == Destination(host="a.example")
    assert known.serves("web:key@a.example")
    for other in ("web:other@a.example", "web:key", "web:key@", "apns:x"):
        assert not known.serves(other)


def test_what_is_no_token_has_no_lane() -> None:
    assert apps(PLACES).lane(push(1, token="none")) is None


def test_whether_a_notification_can_be_said_is_judged_before_there_is_a_lane() -> None:
    with pytest.raises(MalformedToken):
        PLACES.check(push(1).notification)
    with pytest.raises(NoCredential):
        Branch(lane="held", carrier=HeldCarrier()).check(push(1).notification)


def test_a_standing_lane_is_there_for_every_token() -> None:
    carrier = HeldCarrier()
    known = apps(Branch(lane="apns:x", carrier=carrier))
    assert known.lane(push(1, token="anything")) == "apns:x"
    assert dict(known.standing()) == {"apns:x": carrier}
    assert known.carrier("apns:x") is carrier
    assert known.carrier("apns:y") is None
