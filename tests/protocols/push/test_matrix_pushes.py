"""What devices are told of a Matrix notification."""

import base64
import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.push import apns, fcm, unified_push
from procall_mobility.protocols.push.apns import ApnsTarget, PushType, push_type
from procall_mobility.protocols.push.endpoints import EndpointPolicy
from procall_mobility.protocols.push.matrix import MatrixError
from procall_mobility.protocols.push.matrix_pushes import apple_token, as_notification, pushes
from procall_mobility.protocols.push.notification import Notification, Urgency
from tests.protocols.push.any_json import ANY_JSON
from tests.protocols.push.matrix_posts import DEVICE, TOLD, notify
from tests.protocols.push.pushes import APNS_TOKEN, FCM_TOKEN, ID, UNIX

LEAN = {
    "event_id": TOLD["event_id"],
    "room_id": TOLD["room_id"],
    "prio": "high",
    "unread": "2",
    "missed_calls": "1",
}
ONLY_IDS = {"format": "event_id_only"}
TARGET = ApnsTarget(topic="org.example.app", title="Example")


def told(
    data: Any = None, tweaks: Any = None, token: str = APNS_TOKEN, **members: Any
) -> list[Notification]:
    one = {**DEVICE, "data": data or {}, "tweaks": tweaks}
    read = notify(**{"devices": [one], **members})
    return pushes(read, read.devices[0], name=ID, token=token, unix=UNIX)


def fullest(*args: Any, **members: Any) -> Notification:
    return told(*args, **members)[0]


def test_a_device_that_wants_ids_alone_is_told_ids_alone() -> None:
    """Even where its homeserver says more."""
    (only,) = told(ONLY_IDS)
    assert only.content == LEAN


def test_others_are_told_everything_and_less_where_that_does_not_fit() -> None:
    full, lean = told()
    assert full.content == {
        **LEAN,
        "type": "m.room.message",
        "sender": "@exampleuser:matrix.org",
        "sender_display_name": "Major Tom",
        "room_name": "Mission Control",
        "room_alias": "#exampleroom:matrix.org",
        "content": '{"body":"I\'m floating in a most peculiar way.","msgtype":"m.text"}',
    }
    assert lean.content == LEAN


def test_an_application_finds_its_own_members_again() -> None:
    payload = {
        "aps": {"mutable-content": 1}, "client": "c1", "number": 7, "event_id": "theirs",
        "id": "theirs", "google.x": "x", "from": "x", "list": [], "a b": "x",
    }  # fmt: skip
    with_own, lean = told({**ONLY_IDS, "default_payload": payload})
    assert with_own.content == {**LEAN, "client": "c1", "number": "7"}
    assert lean.content == LEAN


def test_an_application_has_a_bounded_number_of_them() -> None:
    many = {f"member{number}": "x" for number in range(100)}
    assert len(fullest({**ONLY_IDS, "default_payload": many}).content) == len(LEAN) + 16


@pytest.mark.parametrize(
    "content", [{"body": "x" * 5000}, {"offer": {"sdp": "v=0"}}, {"x": 1e99}, {}]
)
def test_content_that_is_too_long_or_no_text_is_left_out(content: Any) -> None:
    assert "content" not in fullest(content=content).content


def test_a_message_is_an_alert_worth_a_week() -> None:
    event = fullest()
    assert (event.kind, event.urgency) == ("matrix.event", Urgency.ALERT)
    assert (event.expires, event.collapse) == (UNIX + 7 * 86_400, None)


def test_a_message_of_low_priority_is_shown_but_wakes_nobody() -> None:
    """`prio` asks for less power, not for silence."""
    event = fullest(prio="low")
    assert event.urgency is Urgency.BACKGROUND
    assert event.content["prio"] == "low"
    assert push_type(event) is PushType.ALERT
    assert ("apns-priority", "5") in apns.request(event, TARGET, None, UNIX).headers


@pytest.mark.parametrize(
    ("members", "tweaks"),
    [
        ({"type": "m.call.invite"}, None),
        ({"type": "m.rtc.notification"}, None),
        ({"type": "m.room.encrypted"}, {"sound": "ring"}),
    ],
)
def test_a_call_rings(members: Any, tweaks: Any) -> None:
    call = fullest(tweaks=tweaks, **members)
    assert (call.kind, call.urgency, call.expires) == ("matrix.call", Urgency.CALL, UNIX + 30)


@pytest.mark.parametrize(
    ("lifetime", "seconds"), [(60_000, 60), (999, 30), (True, 30), ("60000", 30), (1e9, 30)]
)
def test_a_call_rings_as_long_as_it_says(lifetime: Any, seconds: float) -> None:
    call = fullest(type="m.call.invite", content={"lifetime": lifetime})
    assert call.expires == UNIX + seconds


def test_counts_alone_disturb_nobody_and_are_replaced_by_the_next() -> None:
    (counts,) = told(**{name: None for name in TOLD if name not in ("devices", "counts")})
    assert (counts.kind, counts.urgency) == ("matrix.counts", Urgency.BACKGROUND)
    assert counts.content == {"unread": "2", "missed_calls": "1"}
    assert counts.collapse == "matrix.counts"
    assert push_type(counts) is PushType.BACKGROUND


def test_applications_of_apples_write_tokens_in_base64_or_in_hex() -> None:
    octets = bytes.fromhex(APNS_TOKEN)
    assert apple_token(base64.b64encode(octets).decode()) == APNS_TOKEN
    assert apple_token(APNS_TOKEN) == APNS_TOKEN
    assert apple_token("neither, nor") == "neither, nor"
    assert apple_token("ü") == "ü"


def test_applications_of_unified_push_are_told_as_homeservers_tell() -> None:
    assert as_notification(fullest())["notification"] == {
        **{name: TOLD[name] for name in TOLD if name not in ("devices", "counts")},
        "id": ID,
        "counts": {"unread": 2, "missed_calls": 1},
    }
    assert as_notification(fullest(ONLY_IDS))["notification"] == {
        "id": ID,
        "event_id": TOLD["event_id"],
        "room_id": TOLD["room_id"],
        "prio": "high",
        "counts": {"unread": 2, "missed_calls": 1},
    }


def test_a_push_server_gets_the_notification_as_the_homeserver_put_it() -> None:
    """UnifiedPush, "Matrix": its applications read the body of the gateway's request."""
    told = evolve(fullest(ONLY_IDS), token="https://push.example/UP?token=1")
    policy = EndpointPolicy(inside=frozenset({"push.example"}))
    unified_push.check(told, policy)
    target = unified_push.plain_endpoint(told.token)
    assert json.loads(unified_push.request(told, target, UNIX).body) == as_notification(told)


@pytest.mark.parametrize("content", [{"unread": "many"}, {"content": "{"}])
def test_what_only_calls_itself_a_matrix_event_is_handed_on_as_it_is(content: Any) -> None:
    """Kinds are words of customers' servers, whatever they mean by them."""
    said = as_notification(evolve(fullest(ONLY_IDS), content=content))["notification"]
    ((name, text),) = content.items()
    assert {**said, **said["counts"]}[name] == text


NAMES = sorted({*TOLD, "membership"} - {"devices", "event_id", "room_id"})


@settings(max_examples=30)
@given(members=st.dictionaries(st.sampled_from(NAMES), ANY_JSON), data=ANY_JSON, tweaks=ANY_JSON)
def test_whatever_is_told_the_shortest_form_fits_everywhere(
    members: dict[str, Any], data: Any, tweaks: Any
) -> None:
    """So nothing that a homeserver tells holds back what comes after it."""
    wishes = {"default_payload": data} if isinstance(data, dict) else {}
    for token, check in ((APNS_TOKEN, lambda e: apns.check(e, TARGET)), (FCM_TOKEN, fcm.check)):
        try:
            forms = told(wishes, tweaks, token, **members)
        except MatrixError:
            return  # Not even JSON: Python writes numbers that are none.
        assert all(isinstance(text, str) for text in forms[0].content.values())
        check(forms[-1])
        for form in forms:
            json.dumps(as_notification(form))
