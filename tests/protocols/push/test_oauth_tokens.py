"""Access tokens are there before they are needed, and asked for one at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import Result
from procall_mobility.protocols.push.oauth_tokens import (
    FRESH,
    PATIENCE,
    Output,
    RenewalFailed,
    RequestToken,
    TokenRenewed,
)
from tests.protocols.push.pushes import UNIX, answer
from tests.protocols.push.token_endpoint import (
    NOTHING,
    REFUSED,
    Endpoint,
    failing,
    granted,
    request_at,
)


def test_a_token_is_asked_for_at_once() -> None:
    """So that the first call need not wait for it."""
    endpoint = Endpoint()
    assert endpoint.token is None
    assert endpoint.rings() == 0
    assert endpoint.take() == [RequestToken(number=1, request=request_at(UNIX + 100.0))]
    assert endpoint.grants("first", after=0.3) == [TokenRenewed(3600.0)]
    assert endpoint.token == "first"


def test_waking_early_asks_for_nothing() -> None:
    endpoint = granted()
    endpoint.tokens.wake(endpoint.now + 2879)
    assert endpoint.take() == []


def test_the_next_one_is_fetched_at_four_fifths_of_its_life_while_it_serves() -> None:
    endpoint = granted("first")
    assert endpoint.rings() == 2880
    assert endpoint.take() == [RequestToken(number=2, request=request_at(UNIX + endpoint.now))]
    assert endpoint.token == "first"
    assert endpoint.grants("second", after=1.0) == [TokenRenewed(3600.0)]
    assert endpoint.token == "second"


def test_a_life_is_counted_from_the_request() -> None:
    """The token began to live at some time before its answer came."""
    endpoint = Endpoint()
    endpoint.rings()
    endpoint.take()
    endpoint.grants("first", 100.0, after=10.0)
    endpoint.now += 89.9
    assert endpoint.token == "first"
    endpoint.now += 0.1
    assert endpoint.token is None


def test_there_is_one_request_at_a_time() -> None:
    endpoint = Endpoint()
    endpoint.rings()
    for _ in range(100):
        endpoint.tokens.wake(endpoint.now + 1)
    assert len(endpoint.take()) == 1


def test_a_token_that_is_refused_is_renewed_once_for_all_who_carried_it() -> None:
    endpoint = granted("first")
    endpoint.now += FRESH
    assert all(endpoint.tokens.refused("first", endpoint.now) for _ in range(100))
    assert len(endpoint.take()) == 1
    assert endpoint.token is None
    endpoint.grants("second")
    assert endpoint.tokens.refused("first", endpoint.now)
    assert endpoint.token == "second"
    assert endpoint.take() == []


def test_a_fresh_token_that_is_refused_is_not_refused_for_its_age() -> None:
    """Another would fare no better: the lane has to be stopped, and somebody told."""
    endpoint = granted("first")
    endpoint.now += FRESH - 1
    assert not endpoint.tokens.refused("first", endpoint.now)
    assert endpoint.token == "first"
    assert endpoint.take() == []


def test_whoever_was_refused_is_told_whether_there_is_another_one() -> None:
    endpoint = granted("first")
    assert endpoint.tokens.renew("first", endpoint.now) is False, "its age was no reason"
    endpoint.now += FRESH
    assert endpoint.tokens.renew("first", endpoint.now) is None, "one is being fetched"
    endpoint.take()
    endpoint.grants("second")
    assert endpoint.tokens.renew("first", endpoint.now) is True


def test_a_refused_token_does_not_hurry_an_endpoint_that_has_failed() -> None:
    endpoint = granted("first")
    endpoint.rings()
    endpoint.take()
    endpoint.says(REFUSED)
    assert endpoint.tokens.refused("first", endpoint.now)
    assert endpoint.take() == []
    assert endpoint.rings() == 60


def test_a_refused_token_joins_the_renewal_that_is_under_way() -> None:
    endpoint = granted("first")
    endpoint.rings()
    endpoint.take()
    assert endpoint.tokens.refused("first", endpoint.now + 1)
    assert endpoint.take() == []
    assert endpoint.grants("second") == [TokenRenewed(3600.0)]


def test_after_a_failure_the_old_token_serves_and_delays_double() -> None:
    endpoint = granted("first")
    endpoint.rings()
    assert failing(endpoint, NOTHING, 8) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert endpoint.token == "first"


def test_a_refused_credential_is_tried_every_few_minutes() -> None:
    """It may be mended at any time; asking more often would only get it locked."""
    endpoint = Endpoint()
    endpoint.rings()
    assert failing(endpoint, REFUSED, 5) == [60, 120, 240, 480, 600]


def test_a_success_ends_the_delays() -> None:
    endpoint = Endpoint()
    endpoint.rings()
    failing(endpoint, NOTHING, 5)
    endpoint.take()
    endpoint.grants("first")
    endpoint.rings()
    assert failing(endpoint, NOTHING, 1) == [1]


@pytest.mark.parametrize(
    ("result", "output"),
    [
        (REFUSED, RenewalFailed(reason="invalid_grant", is_refusal=True)),
        (NOTHING, RenewalFailed(reason="no-answer", is_refusal=False)),
        (answer(503, b"<html>"), RenewalFailed(reason="http-503", is_refusal=False)),
    ],
)
def test_a_failure_is_told(result: Result, output: Output) -> None:
    endpoint = Endpoint()
    endpoint.rings()
    endpoint.take()
    assert endpoint.says(result) == [output]


@pytest.mark.parametrize(("dice", "delay"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_delays_are_spread(dice: float, delay: float) -> None:
    endpoint = Endpoint(dice=dice)
    endpoint.rings()
    assert failing(endpoint, NOTHING, 1) == [delay]


@pytest.mark.parametrize(
    ("text", "delay"), [("30", 30.0), ("0", 1.0), ("86400", 3600.0), ("soon", 1.0)]
)
def test_retry_after_is_obeyed_within_reason(text: str, delay: float) -> None:
    endpoint = Endpoint()
    endpoint.rings()
    assert failing(endpoint, answer(429, retry_after=text), 1) == [delay]


def test_an_answer_that_does_not_come_is_given_up() -> None:
    endpoint = Endpoint()
    endpoint.rings()
    endpoint.take()
    assert endpoint.rings() == PATIENCE == 20
    assert endpoint.take() == [RenewalFailed(reason="no-answer", is_refusal=False)]
    assert endpoint.rings() == 1
    assert [type(each) for each in endpoint.take()] == [RequestToken]


def test_an_answer_that_comes_too_late_is_not_heard() -> None:
    """It must not be taken for the answer to the next request."""
    endpoint = Endpoint()
    endpoint.rings()
    endpoint.take()
    endpoint.rings()
    assert endpoint.grants("late")[1:] == []
    assert endpoint.token is None
    endpoint.rings()
    endpoint.tokens.hears(1, REFUSED, endpoint.now)
    assert [type(each) for each in endpoint.take()] == [RequestToken]
    endpoint.grants("first")
    assert endpoint.token == "first"


def test_tokens_of_a_short_life_are_not_asked_for_in_a_loop() -> None:
    endpoint = granted("first", 1.0)
    assert endpoint.rings() == 10


Step = st.one_of(
    st.floats(0, 5000).map(lambda seconds: ("pass", seconds)),
    st.floats(1e-6, 1e6).map(lambda life: ("grant", life)),
    st.sampled_from([("deny", 0.0), ("silence", 0.0), ("refuse", 0.0)]),
)


@given(st.lists(Step, max_size=60))
def test_whatever_happens_there_is_one_request_and_always_an_alarm(
    steps: list[tuple[str, float]],
) -> None:
    """The alarm is bounded, and no token is used after its life."""
    endpoint = Endpoint()
    open_until, dies = 0.0, 0.0
    for what, how_much in steps:
        match what:
            case "pass":
                endpoint.now += how_much
            case "grant":
                asked = endpoint.number
                if any(isinstance(each, TokenRenewed) for each in endpoint.grants("t", how_much)):
                    dies = endpoint.now + min(how_much, 86_400.0)
                    assert asked
                open_until = 0.0
            case "deny" | "silence":
                endpoint.says(REFUSED if what == "deny" else NOTHING)
                open_until = 0.0
            case "refuse":
                endpoint.tokens.refused("t", endpoint.now)
        endpoint.tokens.wake(endpoint.now)
        requests = [each for each in endpoint.take() if isinstance(each, RequestToken)]
        assert len(requests) <= (endpoint.now >= open_until)
        if requests:
            open_until = endpoint.now + PATIENCE
        at = endpoint.tokens.wake_at()
        assert at is not None and at - endpoint.now <= 86_400
        assert endpoint.token is None or endpoint.now <= dies


def test_tokens_are_not_shown() -> None:
    endpoint = granted("ya29.x")
    assert "ya29" not in repr(endpoint.tokens)
