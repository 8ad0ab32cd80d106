"""`push app test` in the daemon: asks the provider by the lane's own connections."""

import itertools
from typing import Any

import pytest
from attrs import define, field

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.verdicts import MADE_UP
from procall_mobility.gateway.push.applications.ways import Branch, Places
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unsayable import MalformedToken
from procall_mobility.transports.push_probe import PATIENCE, PushProbe
from tests.transports.push_stage import LANE, PlainCarrier, Stage

ABOUT = {"channel": "phone", "customer": None, "lane": LANE}


@define(eq=False)
class Testing:
    """An operator at the daemon's desk."""

    __test__ = False

    stage: Stage = field(factory=Stage)
    probe: PushProbe = field(init=False)

    def __attrs_post_init__(self) -> None:
        numbers = itertools.count(1)
        self.probe = PushProbe(
            runner=self.stage.runner,
            wall_clock=self.stage.unix,
            new_id=lambda: f"{next(numbers):08x}-0000-7000-8000-000000000000",
        )

    def asks(self, name: str = "phone", **members: Any) -> list[Any]:
        """Ask, and return the list the answer will be in."""
        heard: list[Any] = []
        self.probe.asked({"name": name, **members}).addCallback(heard.append)
        return heard


def test_the_provider_is_asked_by_the_lane_and_its_answer_judged() -> None:
    testing = Testing()
    heard = testing.asks()
    assert heard == []
    testing.stage.line.answers(403)
    assert heard == [
        ABOUT | {"is_good": False, "text": "the provider refuses the credential",
                 "reason": "who are you", "http_status": 403},
    ]  # fmt: skip
    assert testing.stage.runner.pipeline.open == 0, "nothing of it was queued"


def test_a_provider_that_says_nothing_proves_nothing() -> None:
    testing = Testing()
    heard = testing.asks()
    testing.stage.line.answers(NoAnswer(was_processed=None, why="reset"))
    assert (heard[0]["is_good"], heard[0]["reason"]) == (None, "reset")


def test_a_credential_no_token_can_be_had_with_is_no_good() -> None:
    testing = Testing()
    testing.stage.carrier.token = None
    assert testing.asks()[0]["is_good"] is None
    testing.stage.runner.troubles[LANE, "suspended"] = "invalid_grant"
    (heard,) = testing.asks()
    assert (heard["is_good"], heard["reason"]) == (False, "invalid_grant")


def test_without_connections_nothing_is_known() -> None:
    testing = Testing()
    testing.stage.runner._clients.disconnect(LANE)
    (heard,) = testing.asks()
    assert (heard["is_good"], heard["text"]) == (None, "there is no connection to the provider")


def test_with_a_token_a_push_is_sent_and_its_end_told() -> None:
    testing = Testing()
    heard = testing.asks(token="token of a device", customer="acme")
    testing.stage.store.commit()
    testing.stage.clock.advance(0.3)
    assert heard == []
    testing.stage.line.answers(200)
    testing.stage.clock.advance(0.3)
    (told,) = heard
    assert (told["is_good"], told["text"]) == (True, "the provider has taken the push")
    assert "token of a device" not in str(told)


def test_a_queue_that_cannot_be_read_for_a_moment_is_asked_again() -> None:
    testing = Testing()
    heard = testing.asks(token="token of a device", customer="acme")
    testing.stage.store.commit()
    testing.stage.line.answers(200)
    testing.stage.store.unreadable = True
    testing.stage.clock.advance(0.3)
    assert heard == []
    testing.stage.store.unreadable = False
    testing.stage.clock.advance(0.3)
    assert [each["is_good"] for each in heard] == [True]


def test_a_push_that_is_not_answered_is_waited_for_only_so_long() -> None:
    testing = Testing()
    heard = testing.asks(token="token of a device")
    testing.stage.store.commit()
    testing.stage.clock.pump([0.25] * int(4 * PATIENCE + 1))
    assert [each["is_good"] for each in heard] == [None]


def test_what_is_asked_for_has_to_be_there() -> None:
    testing = Testing()
    with pytest.raises(ValueError, match="no application tablet for all customers"):
        testing.asks("tablet")
    with pytest.raises(ValueError, match="no application tablet of customer acme"):
        testing.asks("tablet", customer="acme")
    with pytest.raises(ValueError, match="phone is not in its provider's sandbox"):
        testing.asks(sandbox=True)
    with pytest.raises(ValueError, match="here or in its sandbox"):
        testing.asks(sandbox=True, token="t")
    with pytest.raises(ValueError, match="token: expected text"):
        testing.asks(token=5)


def test_a_held_application_says_so() -> None:
    testing = Testing()
    testing.stage.carrier.destination = None
    with pytest.raises(ValueError, match="its credential cannot be used"):
        testing.asks()


def test_tokens_that_say_whom_to_call_are_needed() -> None:
    testing = Testing()
    places = Places(
        family="web", judge=lambda _: None, place_of=lambda token: token,
        at=lambda _: testing.stage.carrier,
    )  # fmt: skip
    app = PushApp(name="phone", ucsid=None, provider="x", branches={False: places})
    testing.stage.apps.replace([app])
    with pytest.raises(ValueError, match="--token-file"):
        testing.asks()


def test_what_cannot_be_said_to_a_token_is_told_without_it() -> None:
    class Strict(PlainCarrier):
        def check(self, notification: Notification) -> None:
            raise MalformedToken("no token of this provider looks like that")

    testing = Testing()
    branches = {False: Branch(lane=LANE, carrier=Strict())}
    app = PushApp(name="phone", ucsid=None, provider="x", branches=branches)
    testing.stage.apps.replace([app])
    with pytest.raises(ValueError, match="token-malformed: no token of this"):
        testing.asks(token=MADE_UP)
