"""Notifications as FCM wants them said, and those that cannot be said to it."""

import json
import math
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.contents import json_octets
from procall_mobility.protocols.push.fcm import LARGEST, FcmTarget, check, request
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import (
    MalformedToken,
    NoText,
    ReservedName,
    TooLarge,
    Unsayable,
)
from tests.protocols.push import pushes
from tests.protocols.push.pushes import FCM_TOKEN, ID, UNIX

PROJECT = FcmTarget(project="procall-91")
CHAT = evolve(pushes.CHAT, token=FCM_TOKEN)
CALL = evolve(pushes.CALL, token=FCM_TOKEN)
BACKGROUND = evolve(CHAT, urgency=Urgency.BACKGROUND)


def said(notification: Notification, **how: bool) -> dict[str, Any]:
    return json.loads(request(notification, PROJECT, "TOKEN", UNIX, **how).body)


def test_a_push_goes_to_its_project() -> None:
    sent = request(CHAT, PROJECT, "TOKEN", UNIX)
    assert (sent.method, sent.path) == ("POST", "/v1/projects/procall-91/messages:send")
    assert sent.headers == (
        ("authorization", "Bearer TOKEN"),
        ("content-type", "application/json; charset=utf-8"),
    )


def test_a_push_is_data_for_the_application_alone() -> None:
    """What Android shows by itself would be shown without having been decrypted."""
    assert said(CHAT) == {
        "message": {
            "token": FCM_TOKEN,
            "data": {"id": ID, "kind": "chat", "enc": "aes128", "data": "c2VhbGVk"},
            "android": {"priority": "high", "ttl": "3600s"},
        }
    }


@pytest.mark.parametrize(
    ("notification", "android"),
    [
        (CALL, {"priority": "high", "ttl": "30s"}),
        (CHAT, {"priority": "high", "ttl": "3600s"}),
        (BACKGROUND, {"priority": "normal", "ttl": "3600s", "collapse_key": "talk-7"}),
        (evolve(BACKGROUND, collapse=None), {"priority": "normal", "ttl": "3600s"}),
        (evolve(BACKGROUND, collapse="x" * 65),
         {"priority": "normal", "ttl": "3600s", "collapse_key":
          "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9"}),
    ],
)  # fmt: skip
def test_only_what_nobody_waits_for_may_collapse(
    notification: Notification, android: dict[str, str]
) -> None:
    """FCM keeps four keys for a device that is away, and throttles what has one."""
    assert said(notification)["message"]["android"] == android


@pytest.mark.parametrize(
    ("left", "ttl"),
    [(30.9, "30s"), (1, "1s"), (0.9, "0s"), (0, "0s"), (-5, "0s"), (10**9, "2419200s"),
     (math.inf, "2419200s"), (math.nan, "0s")],
)  # fmt: skip
def test_the_time_to_live_is_what_is_left_up_to_four_weeks(left: float, ttl: str) -> None:
    late = evolve(CALL, expires=UNIX + left)
    assert said(late)["message"]["android"]["ttl"] == ttl


def test_a_rehearsal_is_not_delivered() -> None:
    assert said(CHAT, is_rehearsal=True) == {**said(CHAT), "validate_only": True}


def test_the_limit_of_data_is_known_before_a_push_is_accepted() -> None:
    empty = len(json_octets({"id": ID, "kind": "chat", "data": ""}))
    check(evolve(CHAT, content={"data": "x" * (LARGEST - empty)}))
    over = evolve(CHAT, content={"data": "x" * (LARGEST - empty + 1)})
    with pytest.raises(TooLarge, match="4097 octets, where the provider takes 4096"):
        check(over)
    with pytest.raises(TooLarge):
        request(over, PROJECT, "TOKEN", UNIX)


@pytest.mark.parametrize(
    "name", ["from", "message_type", "collapse_key", "gcm", "gcm.x", "google", "google.c", "id"]
)
def test_names_that_are_googles_or_ours_are_refused(name: str) -> None:
    with pytest.raises(ReservedName) as caught:
        check(evolve(CHAT, content={"data": "x", name: "secret"}))
    assert "secret" not in str(caught.value)


def test_what_no_utf_8_can_say_is_refused() -> None:
    with pytest.raises(NoText):
        check(evolve(CHAT, content={"data": "\udc00"}))


@pytest.mark.parametrize(
    "token", ["", "x" * 19, "x" * 4097, FCM_TOKEN + "\n", FCM_TOKEN + " ", "ü" * 100, '"' * 100]
)
def test_other_tokens_are_refused_before_a_push_is_accepted(token: str) -> None:
    with pytest.raises(MalformedToken) as caught:
        check(evolve(CHAT, token=token))
    assert not token or token not in str(caught.value)


@given(
    st.builds(
        Notification,
        id=st.just(ID),
        kind=st.text(),
        token=st.just(FCM_TOKEN) | st.text(),
        urgency=st.sampled_from(Urgency),
        expires=st.floats(),
        collapse=st.none() | st.text(),
        content=st.dictionaries(st.text(), st.text()),
    )
)
def test_whatever_passes_the_check_can_be_said(notification: Notification) -> None:
    """An accepted push is never found unsayable later."""
    try:
        check(notification)
    except Unsayable:
        return
    assert all(isinstance(value, str) for value in said(notification)["message"]["data"].values())


@pytest.mark.parametrize("project", ["", "a/b", "../x", "a b", "A", "a\n"])
def test_a_project_that_no_path_can_carry_is_none(project: str) -> None:
    with pytest.raises(ValueError, match="must match"):
        FcmTarget(project=project)


@pytest.mark.parametrize("project", ["procall-91", "123456789012", "example.com:procall"])
def test_projects_have_ids_and_numbers(project: str) -> None:
    assert FcmTarget(project=project).project == project
