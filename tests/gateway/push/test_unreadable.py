"""A queue whose file cannot be read: whoever asks is told to come again, and nothing is kept."""

import pytest

from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push import matrix, mattermost
from procall_mobility.protocols.push.outcomes import TokenDead
from tests.gateway.push.desks.capability_house import House as Capabilities
from tests.gateway.push.desks.capability_house import told
from tests.gateway.push.desks.push_desk_house import CHAT, ID, Desk, members, results
from tests.gateway.push.desks.sender_house import LANE, TOKEN, House, said
from tests.gateway.push.fakes import numbers, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.receipts_told import refused

NOTIFY = {
    "notification": {
        "event_id": "$event",
        "devices": [{"app_id": "org.example.app", "pushkey": TOKEN}],
    }
}
SEND = {
    "ack_id": "a", "server_id": "server-1", "platform": "apple_rn", "device_id": TOKEN,
    "type": "message", "message": "hello",
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/push/v1/messages", {}),
        ("POST", "/push/v1/messages", {"idempotency_key": "k1"}),
        ("GET", f"/push/v1/messages/{ID}", {}),
        ("GET", "/push/v1/feedback", {}),
    ],
)
def test_a_customer_is_told_to_come_again(method: str, path: str, headers: dict[str, str]) -> None:
    desk = Desk()
    desk.store.unreadable = True
    body = b'{"messages": [{"id": "%s"}]}' % ID.encode()
    answer = desk.answers(method, path, body, **headers)
    assert (answer.status, members(answer)["error"]) == (503, "not-readable")
    assert ("Retry-After", "5") in answer.headers
    assert desk.store.groups == []


def test_the_same_goes_through_when_it_can_be_read_again() -> None:
    desk = Desk()
    desk.store.unreadable = True
    desk.answers("POST", "/push/v1/messages", b"{}")
    desk.store.unreadable = False
    assert results(desk.posts(CHAT, idempotency_key="k1")) == [("queued", None)]


def test_a_push_whose_token_cannot_be_looked_up_is_not_taken() -> None:
    """Not even for a moment: nothing holds its id, or its place in the quota."""
    house = PushHouse().opens()
    house.store.unreadable = True
    assert house.accepts(push(1), push(2)) == [
        refused(number, "not-readable", retry_after=5.0) for number in (1, 2)
    ]
    assert (house.pipeline.open, house.store.groups) == (0, [])
    house.store.unreadable = False
    house.accepts(push(1))
    assert numbers([each.push for each in house.taken()]) == [1]


def test_whoever_sends_to_a_url_is_told_to_come_again() -> None:
    house = Capabilities()
    url = house.url()
    house.store.unreadable = True
    answer = house.sends(url)
    assert told(answer) == (503, "not-readable")
    assert ("Retry-After", "5") in answer.headers
    assert house.sent() == []


def test_a_homeserver_is_told_so_in_its_words() -> None:
    house = House()
    house.store.unreadable = True
    (answer,) = house.asks(house.matrix, "POST", matrix.PATH, NOTIFY)
    assert (answer.status, said(answer)["errcode"]) == (503, "M_UNKNOWN")
    assert ("Retry-After", "5") in answer.headers
    assert house.store.groups == []


def test_and_so_is_a_mattermost_server() -> None:
    house = House()
    house.store.unreadable = True
    (answer,) = house.asks(house.mattermost, "POST", mattermost.SEND, SEND)
    assert (answer.status, said(answer)["status"]) == (200, "FAIL")
    assert house.store.groups == []


def test_once_a_push_is_stored_a_homeserver_hears_of_no_such_trouble() -> None:
    """Whether the token is dead can be told with the next push."""
    house = House()
    heard = house.asks(house.matrix, "POST", matrix.PATH, NOTIFY)
    house.store.commit()
    (sent,) = house.sent()
    house.store.unreadable = True
    house.pipeline.answered(LANE, sent.id, TokenDead(reason="Unregistered"), house.now)
    (answer,) = heard
    assert (answer.status, said(answer)) == (200, {"rejected": []})
    assert house.store.ended[-1].state is State.TOKEN_GONE
