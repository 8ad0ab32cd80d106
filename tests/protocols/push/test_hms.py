"""Requests to Huawei's Push Kit, for Android and for HarmonyOS."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.hms import (
    HOST,
    LARGEST,
    LONGEST_TTL,
    TOKEN_HOST,
    HmsTarget,
    Manner,
    System,
    check,
    manner,
    request,
    token_request,
)
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import (
    MalformedToken,
    NoText,
    ReservedName,
    TooLarge,
    Unsayable,
)
from tests.protocols.push.pushes import CALL as ANY_CALL
from tests.protocols.push.pushes import CHAT as ANY_CHAT
from tests.protocols.push.pushes import ID, UNIX

TOKEN = "IQAAAACy0bJtAABZ" + "x" * 110
CALL, CHAT = evolve(ANY_CALL, token=TOKEN), evolve(ANY_CHAT, token=TOKEN)
BACKGROUND = evolve(CHAT, urgency=Urgency.BACKGROUND)
DROPPED = evolve(CALL, kind="avdropcall")

ANDROID = HmsTarget(system=System.ANDROID, id="101653523", title="ProCall", body="News for you")
HARMONY = evolve(ANDROID, system=System.HARMONY, id="388421841")

CONTENT = {"enc": "aes128", "data": "c2VhbGVk"}


def body(notification: Notification, target: HmsTarget) -> Any:
    return json.loads(request(notification, target, "TOKEN", UNIX).body)


def test_the_hosts_are_huaweis() -> None:
    assert (HOST, TOKEN_HOST) == ("push-api.cloud.huawei.com", "oauth-login.cloud.huawei.com")


def test_a_push_for_android_goes_to_version_1() -> None:
    made = request(CHAT, ANDROID, "TOKEN", UNIX)
    assert (made.method, made.path) == ("POST", "/v1/101653523/messages:send")
    assert made.headers == (
        ("authorization", "Bearer TOKEN"),
        ("content-type", "application/json; charset=utf-8"),
    )


@pytest.mark.parametrize(
    ("notification", "push_type"), [(CALL, "10"), (CHAT, "0"), (BACKGROUND, "6"), (DROPPED, "6")]
)
def test_a_push_for_harmony_goes_to_version_3_and_says_its_type(
    notification: Notification, push_type: str
) -> None:
    made = request(notification, HARMONY, "TOKEN", UNIX)
    assert (made.method, made.path) == ("POST", "/v3/388421841/messages:send")
    assert made.headers == (
        ("authorization", "Bearer TOKEN"),
        ("content-type", "application/json; charset=utf-8"),
        ("push-type", push_type),
    )


SILENT_TARGET = evolve(ANDROID, may_ring=False)


@pytest.mark.parametrize(
    ("notification", "target", "how"),
    [
        (CALL, ANDROID, Manner.RING),
        (CALL, SILENT_TARGET, Manner.SHOW),
        (DROPPED, ANDROID, Manner.TELL),
        (CHAT, ANDROID, Manner.SHOW),
        (BACKGROUND, ANDROID, Manner.TELL),
        (evolve(CHAT, kind="check"), ANDROID, Manner.TELL),
        (evolve(CHAT, kind="journal"), ANDROID, Manner.SHOW),
        (evolve(CALL, kind="somethingnew"), ANDROID, Manner.RING),
    ],
)
def test_a_push_is_put_to_the_device_as_its_kind_wants(
    notification: Notification, target: HmsTarget, how: Manner
) -> None:
    assert manner(notification, target) is how


def data_of(said: Any) -> Any:
    return json.loads(said["message"].pop("data"))


def test_an_android_phone_rings() -> None:
    """Data of high priority starts the application, if Huawei has granted it that."""
    said = body(CALL, ANDROID)
    assert data_of(said) == {"id": ID, "kind": "avnewcall", **CONTENT}
    assert said == {
        "message": {
            "android": {"ttl": "30s", "urgency": "HIGH", "category": "VOIP"},
            "token": [TOKEN],
        }
    }


def test_an_android_phone_shows_a_text_that_says_nothing() -> None:
    said = body(CHAT, ANDROID)
    assert data_of(said) == {"id": ID, "kind": "chat", **CONTENT}
    assert said["message"]["android"] == {
        "ttl": "3600s",
        "category": "IM",
        "notification": {
            "title": "ProCall",
            "body": "News for you",
            "click_action": {"type": 3},
            "tag": "talk-7",
        },
    }
    assert (
        "tag"
        not in body(evolve(CHAT, collapse=None), ANDROID)["message"]["android"]["notification"]
    )


@pytest.mark.parametrize(
    ("notification", "target", "android"),
    [
        (BACKGROUND, ANDROID, {"ttl": "3600s", "urgency": "NORMAL"}),
        # What stops the ringing is as urgent as what began it.
        (DROPPED, ANDROID, {"ttl": "30s", "urgency": "HIGH", "category": "VOIP"}),
        (DROPPED, SILENT_TARGET, {"ttl": "30s", "urgency": "NORMAL"}),
    ],
)
def test_an_android_application_is_told(
    notification: Notification, target: HmsTarget, android: object
) -> None:
    assert body(notification, target)["message"]["android"] == android


@pytest.mark.parametrize("notification", [CALL, CHAT, BACKGROUND])
def test_no_push_is_lost_to_another_of_a_small_number_of_groups(
    notification: Notification,
) -> None:
    """Of each `collapse_key`, and there are 100, a phone that was away gets the newest alone."""
    assert b"collapse_key" not in request(notification, ANDROID, "TOKEN", UNIX).body


@pytest.mark.parametrize("notification", [CALL, BACKGROUND, DROPPED])
def test_a_harmony_application_gets_its_data(notification: Notification) -> None:
    said = body(notification, HARMONY)
    data = json.loads(said["payload"].pop("extraData"))
    assert data == {"id": ID, "kind": notification.kind, **CONTENT}
    assert said == {
        "payload": {},
        "pushOptions": {"ttl": notification.ttl(UNIX)},
        "target": {"token": [TOKEN]},
    }


def test_a_harmony_phone_shows_a_text_that_says_nothing() -> None:
    said = body(CHAT, HARMONY)["payload"]["notification"]
    number = said.pop("notifyId")
    assert said == {
        "category": "IM",
        "title": "ProCall",
        "body": "News for you",
        "clickAction": {"actionType": 0, "data": {"id": ID, "kind": "chat", **CONTENT}},
        "foregroundShow": False,
        "appMessageId": ID,
    }
    assert (
        number == body(evolve(CHAT, id=ID[::-1]), HARMONY)["payload"]["notification"]["notifyId"]
    )
    other = body(evolve(CHAT, collapse="talk-8"), HARMONY)["payload"]["notification"]["notifyId"]
    assert number != other
    assert "notifyId" not in body(evolve(CHAT, collapse=None), HARMONY)["payload"]["notification"]


@given(st.text(min_size=1) | st.just("\ud800"))
def test_a_collapse_key_is_a_number_that_huawei_takes(key: str) -> None:
    """From 0 to 2^31-1."""
    text = body(evolve(CHAT, collapse=key), HARMONY)["payload"]["notification"]
    assert 0 <= text["notifyId"] < 2**31


@pytest.mark.parametrize(
    ("expires", "ttl"),
    [
        (UNIX + 30.9, 30),
        (UNIX, 1),
        (UNIX - 9, 1),
        (UNIX + LONGEST_TTL, LONGEST_TTL),
        (UNIX + 9e9, LONGEST_TTL),
    ],
)
def test_a_push_lives_as_long_as_somebody_wants_it(expires: float, ttl: int) -> None:
    """At least a second, at most fifteen days."""
    notification = evolve(CALL, expires=expires)
    assert body(notification, ANDROID)["message"]["android"]["ttl"] == f"{ttl}s"
    assert body(notification, HARMONY)["pushOptions"]["ttl"] == ttl


def filled(notification: Notification, target: HmsTarget, size: int) -> Notification:
    """Return the notification with content that makes its body so large, without the token."""
    forever = evolve(notification, content={"data": ""}, expires=UNIX + LONGEST_TTL)
    empty = len(request(forever, target, "TOKEN", UNIX).body) - len(TOKEN)
    return evolve(forever, content={"data": "x" * (size - empty)})


@pytest.mark.parametrize("target", [ANDROID, HARMONY], ids=["android", "harmony"])
@pytest.mark.parametrize("notification", [CALL, CHAT, BACKGROUND], ids=["call", "chat", "calm"])
def test_the_limit_is_known_before_a_push_is_accepted(
    notification: Notification, target: HmsTarget
) -> None:
    """4096 octets, the token not counted."""
    check(filled(notification, target, LARGEST), target)
    made = request(filled(notification, target, LARGEST), target, "TOKEN", UNIX)
    assert len(made.body) - len(TOKEN) == LARGEST
    with pytest.raises(TooLarge) as caught:
        check(filled(notification, target, LARGEST + 1), target)
    assert (caught.value.size, caught.value.limit) == (4097, 4096)


def test_what_was_accepted_can_be_said_whenever_its_turn_comes() -> None:
    """A number of seconds has more digits the longer it is."""
    notification = evolve(CALL, content={"data": ""})
    room = LARGEST - len(request(notification, ANDROID, "TOKEN", UNIX).body) + len(TOKEN)
    with pytest.raises(TooLarge):
        check(evolve(notification, content={"data": "x" * room}), ANDROID)


@pytest.mark.parametrize("token", ["", "short", "x" * 1025, "x" * 20 + '"', "x" * 20 + "\\",
                                   "x" * 20 + "\n", "x x" * 9, "\u00e4" * 20])  # fmt: skip
def test_what_is_no_token_is_told_before_a_push_is_accepted(token: str) -> None:
    with pytest.raises(MalformedToken) as caught:
        check(evolve(CHAT, token=token), ANDROID)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("target", [ANDROID, HARMONY], ids=["android", "harmony"])
@pytest.mark.parametrize(
    ("content", "error"), [({"id": "x"}, ReservedName), ({"data": "\ud800"}, NoText)]
)
def test_content_that_cannot_be_said(
    content: dict[str, str], error: type[Unsayable], target: HmsTarget
) -> None:
    for notification in (CALL, CHAT):
        with pytest.raises(error):
            check(evolve(notification, content=content), target)


@pytest.mark.parametrize(
    "wrong",
    [{"id": ""}, {"id": "../x"}, {"id": "1" * 65}, {"id": "1\n"}, {"title": ""}, {"body": ""},
     {"title": "x" * 101}, {"category": "im"}, {"category": ""}],
)  # fmt: skip
def test_an_application_is_as_huawei_knows_it(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        evolve(ANDROID, **wrong)


def test_an_access_token_is_asked_for() -> None:
    """RFC 6749 section 4.4."""
    asked = token_request("101653523", "s&cret=")
    assert (asked.method, asked.path) == ("POST", "/oauth2/v3/token")
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["101653523"],
        "client_secret": ["s&cret="],
    }


@given(
    st.text(max_size=100) | st.just(TOKEN),
    st.dictionaries(st.text(max_size=20), st.text(max_size=1500), max_size=4),
    st.sampled_from([CALL, CHAT, BACKGROUND]),
    st.sampled_from([ANDROID, HARMONY]),
)
def test_any_notification_is_said_or_refused(
    token: str, content: dict[str, str], notification: Notification, target: HmsTarget
) -> None:
    notification = evolve(notification, token=token, content=content)
    try:
        check(notification, target)
    except Unsayable:
        return
    assert len(request(notification, target, "TOKEN", UNIX).body) <= LARGEST + len(token)
