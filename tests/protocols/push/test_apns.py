"""Notifications as APNs wants them said, and those that cannot be said to it."""

import json
import math

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.apns import (
    LARGEST,
    LARGEST_VOIP,
    PRODUCTION,
    SANDBOX,
    ApnsTarget,
    check,
    limit,
    request,
)
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import (
    MalformedToken,
    NoText,
    ReservedName,
    TooLarge,
    Unsayable,
)
from tests.protocols.push.pushes import APNS_TOKEN, CALL, CHAT, ID, UNIX, VOIP

APP = ApnsTarget(topic="de.example.app", title="ProCall")
BACKGROUND = evolve(CHAT, urgency=Urgency.BACKGROUND)


def headers(notification: Notification, token: str | None = "TOKEN") -> dict[str, str]:
    return dict(request(notification, APP, token, UNIX).headers)


def body(notification: Notification) -> dict[str, object]:
    value = json.loads(request(notification, APP, "TOKEN", UNIX).body)
    assert isinstance(value, dict)
    return value


def filled(notification: Notification, size: int) -> Notification:
    """Return the notification with as much content as makes its body so large."""
    empty = evolve(notification, content={"data": ""})
    left = size - len(request(empty, APP, None, UNIX).body)
    return evolve(empty, content={"data": "x" * left})


def test_a_push_goes_to_its_device() -> None:
    said = request(CHAT, APP, "TOKEN", UNIX)
    assert (said.method, said.path) == ("POST", f"/3/device/{APNS_TOKEN}")
    assert said.headers == (
        ("authorization", "bearer TOKEN"),
        ("apns-topic", "de.example.app"),
        ("apns-push-type", "alert"),
        ("apns-priority", "10"),
        ("apns-expiration", str(int(UNIX) + 3600)),
        ("apns-id", ID),
        ("apns-collapse-id", "talk-7"),
    )


@pytest.mark.parametrize(
    ("notification", "push_type", "topic", "priority"),
    [
        (VOIP, "voip", "de.example.app.voip", "10"),
        (evolve(VOIP, kind="avdropcall"), "voip", "de.example.app.voip", "10"),
        (evolve(VOIP, kind="avdropcall", urgency=Urgency.BACKGROUND), "voip",
         "de.example.app.voip", "10"),
        (evolve(VOIP, kind="chat", urgency=Urgency.ALERT), "voip", "de.example.app.voip", "10"),
        (CALL, "alert", "de.example.app", "10"),
        (evolve(CALL, kind="avdropcall"), "background", "de.example.app", "5"),
        (CHAT, "alert", "de.example.app", "10"),
        (BACKGROUND, "alert", "de.example.app", "5"),
        (evolve(CHAT, kind="journal"), "alert", "de.example.app", "10"),
        (evolve(CHAT, kind="check"), "background", "de.example.app", "5"),
        (evolve(CHAT, kind="voicemail"), "alert", "de.example.app", "10"),
        (evolve(CALL, kind="ring"), "alert", "de.example.app", "10"),
        (evolve(BACKGROUND, kind="sync"), "background", "de.example.app", "5"),
    ],
)  # fmt: skip
def test_every_kind_has_its_push_type_topic_and_priority(
    notification: Notification, push_type: str, topic: str, priority: str
) -> None:
    """A token for calls has a topic of its own; 10 is an error for background pushes."""
    said = headers(notification)
    assert said["apns-push-type"] == push_type
    assert said["apns-topic"] == topic
    assert said["apns-priority"] == priority


def test_an_alert_lets_the_extension_decrypt_it_and_says_nothing_itself() -> None:
    assert body(CHAT) == {
        "aps": {"alert": {"title": "ProCall"}, "sound": "default", "mutable-content": 1},
        "id": ID,
        "kind": "chat",
        "enc": "aes128",
        "data": "c2VhbGVk",
    }


def test_a_background_push_shows_nothing() -> None:
    assert body(evolve(CHAT, kind="check"))["aps"] == {"content-available": 1}


def test_a_call_is_for_the_application_to_show() -> None:
    assert body(VOIP)["aps"] == {}


def test_a_connection_with_a_certificate_needs_no_token() -> None:
    assert "authorization" not in headers(CHAT, None)


@pytest.mark.parametrize(
    ("expires", "expiration"),
    [
        (UNIX + 30.7, int(UNIX) + 30),
        (UNIX + 1, int(UNIX) + 1),
        (UNIX + 0.5, 0),
        (UNIX, 0),
        (UNIX - 5, 0),
        (UNIX + 10**9, int(UNIX) + 2_592_000),
        (math.inf, int(UNIX) + 2_592_000),
        (math.nan, 0),
    ],
)
def test_expiration_is_a_time_or_now_or_never(expires: float, expiration: int) -> None:
    """0 is one attempt and nothing kept; Apple keeps nothing longer than 30 days."""
    assert headers(evolve(CHAT, expires=expires))["apns-expiration"] == str(expiration)


def test_what_is_sent_again_has_the_same_names() -> None:
    """Nobody knows whether the first one arrived; with one collapse id it is shown once."""
    alone = evolve(CHAT, collapse=None)
    assert headers(alone)["apns-collapse-id"] == headers(alone)["apns-id"] == ID
    assert (
        request(alone, APP, "OTHER", UNIX + 60).headers[1:]
        == (request(alone, APP, "TOKEN", UNIX).headers[1:])
    )


@given(st.text(min_size=1))
def test_no_collapse_key_is_too_long_or_strange_for_a_header(key: str) -> None:
    said = headers(evolve(CHAT, collapse=key))["apns-collapse-id"]
    assert len(said.encode()) <= 64
    assert said.isascii() and said.isprintable() and " " not in said


@pytest.mark.parametrize("token", [APNS_TOKEN.upper(), "ab" * 8, "ab" * 80, "ab" * 100])
def test_tokens_are_hexadecimal_of_many_lengths(token: str) -> None:
    """Apple promises no length."""
    said = request(evolve(CHAT, token=token), APP, "TOKEN", UNIX)
    assert said.path == f"/3/device/{token.lower()}"


@pytest.mark.parametrize(
    "token", ["", "ab" * 7, "ab" * 101, APNS_TOKEN[:-1], "../" * 8, APNS_TOKEN + "\n", "٣" * 64,
              f"{APNS_TOKEN}/../x", "gh" * 32, "ab " * 16, f" {APNS_TOKEN}",
              "\uff11" * 64, "0x" + "ab" * 15, "a_" * 16]
)  # fmt: skip
def test_other_tokens_are_refused_before_they_get_into_a_path(token: str) -> None:
    with pytest.raises(MalformedToken) as caught:
        check(evolve(CHAT, token=token), APP)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    ("notification", "largest"), [(CHAT, LARGEST), (CALL, LARGEST), (VOIP, LARGEST_VOIP)]
)
def test_the_limit_is_known_before_a_push_is_accepted(
    notification: Notification, largest: int
) -> None:
    """4096 octets, and 5120 for calls."""
    assert limit(notification) == largest == {False: 4096, True: 5120}[notification.is_voip]
    full = filled(notification, largest)
    check(full, APP)
    assert len(request(full, APP, None, UNIX).body) == largest
    over = evolve(full, content={"data": full.content["data"] + "x"})
    with pytest.raises(TooLarge, match=f"{largest + 1} octets") as caught:
        check(over, APP)
    assert (caught.value.size, caught.value.limit) == (largest + 1, largest)
    with pytest.raises(TooLarge):
        request(over, APP, None, UNIX)


def test_octets_are_counted_and_not_characters() -> None:
    check(evolve(CHAT, content={"data": "x" * 3900}), APP)
    with pytest.raises(TooLarge):
        check(evolve(CHAT, content={"data": "ü" * 3900}), APP)


@pytest.mark.parametrize("name", ["aps", "id", "kind"])
def test_content_cannot_pose_as_what_ios_or_we_say(name: str) -> None:
    with pytest.raises(ReservedName):
        check(evolve(CHAT, content={name: "x"}), APP)


def test_what_no_utf_8_can_say_is_refused() -> None:
    with pytest.raises(NoText):
        check(evolve(CHAT, content={"data": "\udc00"}), APP)


@given(
    st.builds(
        Notification,
        id=st.just(ID),
        kind=st.sampled_from(["avnewcall", "avdropcall", "chat"]) | st.text(),
        token=st.just(APNS_TOKEN) | st.text(),
        is_voip=st.booleans(),
        urgency=st.sampled_from(Urgency),
        expires=st.floats(),
        collapse=st.none() | st.text(),
        content=st.dictionaries(st.text(), st.text()),
    )
)
def test_whatever_passes_the_check_can_be_said(notification: Notification) -> None:
    """An accepted push is never found unsayable later."""
    try:
        check(notification, APP)
    except Unsayable:
        return
    said = request(notification, APP, "TOKEN", UNIX)
    assert len(said.body) <= limit(notification)
    assert all(value.isascii() and value.isprintable() for _, value in said.headers)


def test_a_target_names_the_topic_of_calls_and_the_host() -> None:
    assert (APP.voip_topic, APP.host) == ("de.example.app.voip", PRODUCTION)
    other = ApnsTarget(topic="a", voip_topic="a.calls", title="A", sandbox=True)
    assert (other.voip_topic, other.host) == ("a.calls", SANDBOX)


@pytest.mark.parametrize(
    "wrong",
    [{"topic": ""}, {"topic": "a b"}, {"topic": "a\r\nb"}, {"topic": "a\n"},
     {"voip_topic": "ü"}, {"title": ""}, {"title": "x" * 101}],
)  # fmt: skip
def test_a_target_that_no_header_can_carry_is_none(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must match"):
        ApnsTarget(**{"topic": "de.example.app", "title": "ProCall", **wrong})


def test_nothing_of_a_request_is_shown() -> None:
    said = repr(request(CHAT, APP, "TOKEN", UNIX)) + repr(CHAT)
    assert not any(secret in said for secret in ("TOKEN", APNS_TOKEN, "c2VhbGVk"))
