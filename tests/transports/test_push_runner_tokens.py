"""Tokens of lanes: waited for, renewed or fetched when stale, and trouble without them."""

import pytest

from procall_mobility.gateway.push.ports import State
from tests.gateway.push.fakes import push
from tests.transports.push_stage import LANE, PlainCarrier, Stage


def test_nothing_is_offered_before_there_is_a_token() -> None:
    stage = Stage(carrier=PlainCarrier(token=None))
    stage.takes(push(1))
    assert stage.line.asked == []
    stage.carrier.token = "token"
    stage.runner.token_arrived([LANE])
    assert len(stage.line.asked) == 1


def test_a_token_that_ends_while_pushes_wait_is_waited_for() -> None:
    stage = Stage()
    stage.carrier.token = None
    stage.takes(push(1))
    assert stage.line.asked == []
    stage.carrier.token = "token"
    stage.runner.token_arrived([LANE])
    assert len(stage.line.asked) == 1


@pytest.mark.parametrize("renews", [True, None])
def test_a_stale_token_is_renewed_or_fetched(renews: bool | None) -> None:
    stage = Stage(carrier=PlainCarrier(renews=renews))
    stage.takes(push(1))
    stage.line.answers(401)
    assert stage.carrier.renewed == 1
    assert stage.wanted == ([] if renews else [True])
    if renews is None:
        assert stage.line.asked == []
        stage.runner.token_arrived([LANE])
    assert len(stage.line.asked) == 1


def test_a_lane_whose_credential_is_refused_is_in_trouble_until_it_is_not() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.line.answers(403)
    assert stage.runner.trouble_of(LANE) == "who are you"
    (lane,) = stage.runner.account()
    assert (lane["lane"], lane["waiting"], lane["trouble"]) == (LANE, 1, "who are you")
    stage.runner.token_arrived([LANE])
    stage.line.answers(200)
    assert stage.runner.trouble_of(LANE) is None
    assert stage.became(push(1)) == (State.SENT, None)


def test_a_token_that_cannot_be_had_is_trouble() -> None:
    stage = Stage(carrier=PlainCarrier(renews=False))
    stage.takes(push(1))
    stage.line.answers(401)
    assert stage.runner.trouble_of(LANE) == "old"
    stage = Stage(carrier=PlainCarrier(renews=None))
    stage.takes(push(1))
    stage.line.answers(401)
    stage.carrier.token = None
    stage.runner.token_missing([LANE], "invalid_grant")
    assert stage.runner.trouble_of(LANE) == "invalid_grant"


def test_a_token_that_cannot_be_renewed_yet_serves_as_long_as_it_lives() -> None:
    """Whoever gives out tokens may be down for minutes; no phone shall sleep because of that."""
    stage = Stage()
    stage.runner.token_missing([LANE], "no-answer")
    stage.takes(push(1))
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)
    assert stage.runner.trouble_of(LANE) is None
