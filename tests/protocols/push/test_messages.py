"""What a customer's server posts to have pushes sent (Wire 7.3)."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.messages import (
    LARGEST_PAYLOAD,
    LONGEST_TOKEN,
    LONGEST_WORD,
    MOST_MEMBERS,
    MOST_MESSAGES,
    Message,
    MessageError,
    Misunderstood,
    read,
)
from procall_mobility.protocols.push.notification import Urgency
from tests.protocols.push.any_json import ANY_JSON

NOON = 1_795_000_000.0
NEW = "019abcde-0000-7000-8000-000000000001"
ID = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"

CALL: dict[str, Any] = {
    "id": ID,
    "channel": "ios.de.estos.apps.procallmobile",
    "token": "c0ffee",
    "voip": True,
    "kind": "avnewcall",
    "ttl": 20,
    "collapse": "call-91",
    "payload": {"enc": "aes128", "data": "AAEC"},
}


def order(*messages: Any, **members: Any) -> Any:
    body = json.dumps({"ucsid": "acme", "messages": list(messages), **members})
    return read(body.encode(), NOON, lambda: NEW)


def only(message: Any) -> Any:
    (item,) = order(message).items
    return item


def test_a_whole_message_is_understood() -> None:
    said = order(CALL)
    assert said.ucsid == "acme"
    (message,) = said.items
    assert message.channel == "ios.de.estos.apps.procallmobile"
    told = message.notification
    assert (told.id, told.kind, told.token, told.is_voip) == (ID, "avnewcall", "c0ffee", True)
    assert (told.urgency, told.expires, told.collapse) == (Urgency.CALL, NOON + 20, "call-91")
    assert told.content == {"enc": "aes128", "data": "AAEC"}


@pytest.mark.parametrize(
    ("kind", "urgency", "ttl"),
    [
        ("avnewcall", Urgency.CALL, 30),
        ("avdropcall", Urgency.CALL, 30),
        ("chat", Urgency.ALERT, 604_800),
        ("journal", Urgency.ALERT, 604_800),
        ("check", Urgency.ALERT, 60),
        ("something else", Urgency.BACKGROUND, 86_400),
    ],
)
def test_what_is_left_out_follows_from_the_kind(kind: str, urgency: Urgency, ttl: int) -> None:
    told = only({"channel": "app", "token": "t", "kind": kind}).notification
    assert (told.urgency, told.expires) == (urgency, NOON + ttl)
    assert (told.id, told.is_voip, told.collapse, told.content) == (NEW, False, None, {})


def test_an_id_is_a_uuid_in_lower_case() -> None:
    """That is how providers know ids."""
    assert only({**CALL, "id": ID.upper()}).notification.id == ID


@pytest.mark.parametrize(
    ("value", "said"),
    [("text", "text"), (7, "7"), (True, "true"), ({"a": [1, "ü"]}, '{"a":[1,"ü"]}')],
)
def test_a_payload_is_carried_as_text(value: Any, said: str) -> None:
    """FCM's data has nothing but text in it."""
    message = only({**CALL, "payload": {"member": value, "none": None}})
    assert message.notification.content == {"member": said}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "5f0c"}, "bad-id"),
        ({"id": 7}, "bad-id"),
        ({"channel": None}, "bad-message"),
        ({"channel": "a\nb"}, "bad-message"),
        ({"channel": "x" * (LONGEST_WORD + 1)}, "bad-message"),
        ({"kind": ""}, "bad-message"),
        ({"kind": ["avnewcall"]}, "bad-message"),
        ({"collapse": 1}, "bad-message"),
        ({"voip": 1}, "bad-message"),
        ({"token": ""}, "token-malformed"),
        ({"token": None}, "token-malformed"),
        ({"token": "x" * (LONGEST_TOKEN + 1)}, "token-malformed"),
        ({"ttl": 0}, "bad-ttl"),
        ({"ttl": -1}, "bad-ttl"),
        ({"ttl": True}, "bad-ttl"),
        ({"ttl": "30"}, "bad-ttl"),
        ({"ttl": float("nan")}, "bad-ttl"),
        ({"ttl": float("inf")}, "bad-ttl"),
        ({"payload": "text"}, "bad-payload"),
        ({"payload": {str(n): "" for n in range(MOST_MEMBERS + 1)}}, "bad-payload"),
        ({"payload": {"data": "x" * LARGEST_PAYLOAD}}, "too-large"),
    ],
)
def test_a_message_that_is_wrong_says_why_and_spoils_no_other(
    change: dict[str, Any], reason: str
) -> None:
    wrong, right = order({**CALL, **change}, {**CALL, "id": NEW}).items
    assert wrong == Misunderstood(
        id=None if "id" in change else ID,
        reason=reason,
        text=wrong.text,
        limit=LARGEST_PAYLOAD if reason == "too-large" else None,
    )
    assert isinstance(right, Message)


def test_however_deep_a_payload_is_it_is_understood_or_refused() -> None:
    """There are depths that can be read, and not written from where that is done."""
    most = sys.getrecursionlimit()
    for depth in range(most - 300, most):
        nested = b"[" * depth + b"]" * depth
        body = b'{"messages":[{"channel":"a","kind":"chat","token":"t","payload":{"x":%b}}]}'
        try:
            (item,) = read(body % nested, NOON, lambda: NEW).items
        except MessageError as error:
            assert error.reason == "bad-body"
            continue
        assert isinstance(item, Message) or item.reason == "bad-payload"


def test_what_is_no_object_is_no_message() -> None:
    assert only("text").reason == "bad-message"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "bad-body"),
        (b"\xff", "bad-body"),
        (b'{"\xff":1}', "bad-body"),
        (b"[" * 100_000, "bad-body"),
        (b"[]", "bad-body"),
        (b"{}", "bad-body"),
        (b'{"messages":[]}', "bad-body"),
        (b'{"messages":{}}', "bad-body"),
        (b'{"messages":[{}],"ucsid":7}', "bad-body"),
        (json.dumps({"messages": [{}] * (MOST_MESSAGES + 1)}).encode(), "too-many-messages"),
        (json.dumps({"messages": [CALL, CALL]}).encode(), "bad-id"),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_whole(body: bytes, reason: str) -> None:
    with pytest.raises(MessageError) as caught:
        read(body, NOON, lambda: NEW)
    assert caught.value.reason == reason


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_a_body_is_read_in_every_encoding_that_json_has_had(coding: str) -> None:
    """RFC 4627 section 3; today it is UTF-8 alone."""
    text = json.dumps(
        {"messages": [{**CALL, "payload": {"data": "ä\N{BELL}"}}]}, ensure_ascii=False
    )
    (item,) = read(text.encode(coding), NOON, lambda: NEW).items
    assert item.notification.content == {"data": "ä\N{BELL}"}


def test_the_size_of_a_payload_is_that_of_its_octets() -> None:
    most = "ä" * ((LARGEST_PAYLOAD - len("data")) // 2)
    assert isinstance(only({**CALL, "payload": {"data": most}}), Message)
    assert only({**CALL, "payload": {"data": most + "a"}}).reason == "too-large"
    assert only({**CALL, "payload": {"data": "a" * LARGEST_PAYLOAD}}).reason == "too-large"


@given(members=st.dictionaries(st.sampled_from(sorted(CALL)), ANY_JSON))
def test_whatever_a_message_says_it_is_understood_or_refused(members: dict[str, Any]) -> None:
    item = only({**CALL, **members})
    if isinstance(item, Message):
        told = item.notification
        assert told.expires > NOON
        assert all(isinstance(text, str) for text in told.content.values())
    else:
        assert item.reason
        assert item.text.isprintable()


@given(body=st.binary(max_size=200))
def test_whatever_a_body_is_it_is_understood_or_refused(body: bytes) -> None:
    try:
        assert read(body, NOON, lambda: NEW).items
    except MessageError as error:
        assert error.text.isprintable()
