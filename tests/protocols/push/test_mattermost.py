"""What Mattermost servers post to push proxies (`PushNotification`, `PushNotificationAck`)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.push import apns
from procall_mobility.protocols.push.apns import ApnsTarget, PushType, push_type
from procall_mobility.protocols.push.mattermost import (
    Acknowledgement,
    MattermostError,
    SendPush,
    failed,
    pushes,
    read,
    read_acknowledgement,
)
from procall_mobility.protocols.push.notification import Notification, Urgency
from tests.protocols.push.any_json import ANY_JSON
from tests.protocols.push.pushes import APNS_TOKEN, ID, UNIX

TOLD: dict[str, Any] = {
    "ack_id": "7w8ny5wqttnbmkq8sjpzr5q4ph",
    "platform": "apple_rn-v2",
    "server_id": "pzr5q4ph7w8ny5wqttnbmkq8sj",
    "device_id": APNS_TOKEN,
    "post_id": "post",
    "category": "CAN_REPLY",
    "sound": "default",
    "message": "@bob: lunch?",
    "badge": 3,
    "cont_ava": 0,
    "team_id": "team",
    "channel_id": "channel",
    "root_id": "root",
    "channel_name": "Town Square",
    "type": "message",
    "sub_type": "",
    "sender_id": "bob",
    "sender_name": "@bob",
    "override_username": "",
    "override_icon_url": "",
    "from_webhook": "",
    "version": "v2",
    "is_crt_enabled": True,
    "is_id_loaded": False,
    "signature": "a.b.c",
}
ACK: dict[str, Any] = {
    "id": "7w8ny5wqttnbmkq8sjpzr5q4ph",
    "received_at": 1_800_000_000_000,
    "platform": "ios",
    "type": "message",
    "post_id": "post",
    "is_id_loaded": True,
}


def push(**members: Any) -> SendPush:
    return read(json.dumps({**TOLD, **members}).encode())


def told(**members: Any) -> list[Notification]:
    return pushes(push(**members), name=ID, unix=UNIX)


def test_a_push_is_understood() -> None:
    read = push()
    assert (read.server_id, read.platform) == (TOLD["server_id"], "apple_rn")
    assert (read.device_id, read.type, read.ack_id) == (APNS_TOKEN, "message", TOLD["ack_id"])
    full, lean = told()
    assert lean.content == {
        "ack_id": "7w8ny5wqttnbmkq8sjpzr5q4ph",
        "server_id": "pzr5q4ph7w8ny5wqttnbmkq8sj",
        "post_id": "post",
        "category": "CAN_REPLY",
        "sound": "default",
        "badge": "3",
        "team_id": "team",
        "channel_id": "channel",
        "root_id": "root",
        "type": "message",
        "sender_id": "bob",
        "version": "v2",
        "is_crt_enabled": "true",
        "signature": "a.b.c",
    }
    assert full.content == {
        **lean.content,
        "message": "@bob: lunch?",
        "channel_name": "Town Square",
        "sender_name": "@bob",
    }


def test_a_device_that_loads_posts_by_their_ids_is_told_no_more() -> None:
    (only,) = told(is_id_loaded=True)
    assert only.content["is_id_loaded"] == "true"
    assert not {"message", "channel_name", "sender_name"} & only.content.keys()


def test_long_texts_are_cut() -> None:
    assert told(message="x" * 5000)[0].content["message"] == "x" * 2047


@pytest.mark.parametrize(
    ("kind", "sub_type", "urgency", "ttl", "how"),
    [
        ("message", "", Urgency.ALERT, 604_800, PushType.ALERT),
        ("message", "calls", Urgency.CALL, 30, PushType.ALERT),
        ("session", "", Urgency.ALERT, 604_800, PushType.ALERT),
        ("test", "", Urgency.ALERT, 60, PushType.ALERT),
        ("", "", Urgency.ALERT, 604_800, PushType.ALERT),
        ("clear", "", Urgency.BACKGROUND, 86_400, PushType.BACKGROUND),
        ("update_badge", "calls", Urgency.BACKGROUND, 86_400, PushType.BACKGROUND),
    ],
)
def test_the_type_says_how_urgent_it_is(
    kind: str, sub_type: str, urgency: Urgency, ttl: int, how: PushType
) -> None:
    made = told(type=kind, sub_type=sub_type)[0]
    assert (made.urgency, made.expires, push_type(made)) == (urgency, UNIX + ttl, how)


def test_badges_and_cleared_channels_are_replaced_by_the_next() -> None:
    assert told(type="clear")[0].collapse == "clear:channel"
    assert told(type="update_badge", channel_id="")[0].collapse == "update_badge:"
    assert told()[0].collapse is None


@pytest.mark.parametrize("badge", [True, "3", None, 1.5])
def test_a_badge_that_is_none_is_left_out(badge: Any) -> None:
    assert "badge" not in told(badge=badge)[0].content


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"server_id": ""}, "`server_id` is missing"),
        ({"platform": None}, "`platform` is missing"),
        ({"device_id": ""}, "`device_id` is missing, or no device"),
        ({"device_id": "x" * 4097}, "`device_id` is missing, or no device"),
        ({"ack_id": "x" * 129}, "`ack_id` has more than 128 characters"),
        ({"server_id": "a\nb"}, "`server_id` has more than 128 characters"),
    ],
)
def test_what_is_missing_is_named(members: dict[str, Any], text: str) -> None:
    with pytest.raises(MattermostError) as caught:
        push(**members)
    assert caught.value.text == text


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"[]"])
def test_what_is_no_push_is_refused(body: bytes) -> None:
    for what in (read, read_acknowledgement):
        with pytest.raises(MattermostError):
            what(body)


def test_an_acknowledgement_is_understood() -> None:
    assert read_acknowledgement(json.dumps(ACK).encode()) == Acknowledgement(
        id=ACK["id"], platform="ios", type="message"
    )
    for name in ("id", "platform", "type"):
        with pytest.raises(MattermostError, match=f"`{name}` is missing"):
            read_acknowledgement(json.dumps({**ACK, name: ""}).encode())


def test_a_failure_is_told_in_mattermosts_words() -> None:
    assert failed("why") == {"status": "FAIL", "error": "why"}


def test_nothing_secret_is_shown() -> None:
    shown = repr(push())
    for secret in (APNS_TOKEN, "lunch", "Town Square"):
        assert secret not in shown


@settings(max_examples=30)
@given(members=st.dictionaries(st.sampled_from(sorted(TOLD)), ANY_JSON))
def test_whatever_is_told_it_is_understood_or_refused(members: dict[str, Any]) -> None:
    try:
        forms = told(**members)
    except MattermostError as error:
        assert error.text.isprintable()
        return
    assert all(isinstance(text, str) for text in forms[0].content.values())
    target = ApnsTarget(topic="org.example.app", title="Example")
    for form in forms[-1:] if forms[-1].token == APNS_TOKEN else []:
        apns.check(form, target)


@given(body=st.binary(max_size=200))
def test_whatever_a_body_is_it_is_understood_or_refused(body: bytes) -> None:
    for what in (read, read_acknowledgement):
        with pytest.raises(MattermostError):
            what(body)
