"""The load for push gateways: what is posted, when, and how its figures are read."""

import json

import pytest

from bench.push_load import message, moments, percentile, request, requests


def test_a_request_says_how_long_it_is() -> None:
    posted = message("avnewcall")
    head, _, body = request([posted]).partition(b"\r\n\r\n")
    assert head.endswith(f"Content-Length: {len(body)}".encode())
    assert json.loads(body) == {"messages": [posted]}


def test_messages_are_spread_over_requests() -> None:
    bodies = [json.loads(each.partition(b"\r\n\r\n")[2]) for each in requests(10, 4)]
    assert [len(body["messages"]) for body in bodies] == [4, 4, 2]
    assert len({each["id"] for body in bodies for each in body["messages"]}) == 10


def test_calls_come_at_a_rate_whatever_became_of_others() -> None:
    """All are known before the first one goes out."""
    found = moments(100, 20, seed=1)
    assert found == sorted(found) == moments(100, 20, seed=1)
    assert 1800 < len(found) < 2200
    assert found[0] > 0
    assert found[-1] < 20


@pytest.mark.parametrize(("at", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_a_value_that_was_measured(at: float, value: int) -> None:
    assert percentile(range(100, 0, -1), at) == value


def test_of_few_values_the_99th_percentile_is_the_largest() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
