"""`Idempotency-Key`: a request that is made again is answered by what became of the first."""

import pytest

from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.protocols.push.outcomes import Delivered
from tests.gateway.push.desks.push_desk_house import CHAT, LANE, OTHER, Desk, members, results


def test_a_request_with_a_known_key_is_answered_by_what_has_become_of_the_first() -> None:
    desk = Desk()
    message = {name: value for name, value in CHAT.items() if name != "id"}
    first = desk.posts(message, {}, idempotency_key="k1")
    assert results(first) == [("queued", None), ("rejected", "bad-message")]
    (push,) = desk.sent()
    assert results(desk.posts(message, {}, idempotency_key="k1")) == results(first)
    desk.pipeline.answered(LANE, push, Delivered(), desk.now)
    again = desk.posts(message, {}, idempotency_key="k1")
    assert results(again) == [("sent", None), ("rejected", "bad-message")]
    assert desk.sent() == []


def test_what_was_refused_after_all_is_not_promised_again() -> None:
    desk = Desk(PushShare(rate=0.1, burst=1.0))
    body = (CHAT, {**CHAT, "id": OTHER})
    assert results(desk.posts(*body, idempotency_key="k1")) == [
        ("queued", None),
        ("rejected", "too-fast"),
    ]
    assert results(desk.posts(*body, idempotency_key="k1")) == [
        ("queued", None),
        ("rejected", "not-accepted"),
    ]


def test_a_key_is_good_for_one_request() -> None:
    desk = Desk()
    desk.posts(CHAT, idempotency_key="k1")
    answer = desk.posts({**CHAT, "id": OTHER}, idempotency_key="k1")
    assert (answer.status, members(answer)["error"]) == (422, "key-in-use")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_bounds(key: str) -> None:
    desk = Desk()
    (answer,) = desk.asked("POST", "/push/v1/messages", b"{}", idempotency_key=key)
    assert (answer.status, members(answer)["error"]) == (400, "bad-key")
