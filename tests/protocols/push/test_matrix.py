"""What homeservers post (Matrix Push Gateway API, version 1)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.push.matrix import (
    LONGEST_CONTENT,
    MOST_DEVICES,
    Device,
    MatrixError,
    Notify,
    read,
)
from procall_mobility.protocols.push.matrix_pushes import pushes
from procall_mobility.protocols.push.messages import LONGEST_TOKEN
from tests.protocols.push.any_json import ANY_JSON
from tests.protocols.push.matrix_posts import DEVICE, TOLD, device, notify


def test_the_example_of_the_specification_is_understood() -> None:
    told = notify()
    assert (told.event_id, told.room_id) == (TOLD["event_id"], TOLD["room_id"])
    assert told.is_urgent
    assert told.counts == {"unread": 2, "missed_calls": 1}
    assert told.spoken == {
        "type": "m.room.message",
        "sender": "@exampleuser:matrix.org",
        "sender_display_name": "Major Tom",
        "room_name": "Mission Control",
        "room_alias": "#exampleroom:matrix.org",
    }
    assert json.loads(told.content or "") == TOLD["content"]
    assert told.devices == (
        Device(
            app_id="org.matrix.matrixConsole.ios",
            pushkey=DEVICE["pushkey"],
            registered=12345678.0,
            tweaks={"sound": "bing"},
        ),
    )


def test_what_an_event_says_is_written_once_however_many_devices_it_is_for() -> None:
    """Nobody shows a credential here: a hundred copies of a large event would take seconds."""
    content = {f"member{number}": "x" for number in range(20)}
    told = notify(
        devices=[{**DEVICE, "pushkey": str(each)} for each in range(100)], content=content
    )
    texts = [pushes(told, each, name="", token="", unix=0.0)[0] for each in told.devices]
    assert {id(each.content["content"]) for each in texts} == {id(told.content)}
    assert notify(content={**content, "body": "x" * LONGEST_CONTENT}).content is None


def test_counts_alone_are_a_notification_too() -> None:
    told = read(json.dumps({"notification": {"devices": [DEVICE], "counts": {}}}).encode())
    assert told == Notify(devices=told.devices)


def test_priorities_are_high_unless_low_is_said() -> None:
    assert [notify(prio=prio).is_urgent for prio in ("low", "high", None, 7)] == [
        False, True, True, True,
    ]  # fmt: skip


def test_what_a_device_wants_is_read_of_its_data() -> None:
    data = {"format": "event_id_only", "default_payload": {"aps": {}, "client": "x"}}
    told = device(data=data)
    assert told.format == "event_id_only"
    assert told.payload == {"aps": {}, "client": "x"}


@pytest.mark.parametrize(
    "members",
    [
        {"counts": [1]},
        {"counts": {"unread": "2", "missed_calls": True}},
        {"counts": {"unread": -1, "missed_calls": 1e9}},
    ],
)
def test_counts_that_are_none_are_left_out(members: dict[str, Any]) -> None:
    """Better a push without a number than none."""
    assert notify(**members).counts == {}


@pytest.mark.parametrize(
    "members",
    [{"sender": 7}, {"room_name": "x" * 513}, {"type": ""}, {"content": "text"}],
)
def test_what_is_said_wrong_and_is_not_needed_is_left_out(members: dict[str, Any]) -> None:
    (name,) = members
    told = notify(**members)
    assert name not in told.spoken
    assert name != "content" or told.content is None


@pytest.mark.parametrize("moment", [None, "1", True, 0, -5, 1e12])
def test_a_time_of_registration_that_is_none_is_left_out(moment: Any) -> None:
    assert device(pushkey_ts=moment).registered is None


@pytest.mark.parametrize(
    "members",
    [{"data": 7, "tweaks": "ring"}, {"data": {"format": 1, "default_payload": []}}],
)
def test_wishes_that_are_none_are_left_out(members: dict[str, Any]) -> None:
    told = device(**members)
    assert (told.format, told.payload) == (None, {})


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"devices": None}, "M_MISSING_PARAM"),
        ({"devices": []}, "M_MISSING_PARAM"),
        ({"devices": [7]}, "M_BAD_JSON"),
        ({"devices": [{}]}, "M_MISSING_PARAM"),
        ({"devices": [{**DEVICE, "pushkey": ""}]}, "M_MISSING_PARAM"),
        ({"devices": [{**DEVICE, "pushkey": "x" * (LONGEST_TOKEN + 1)}]}, "M_MISSING_PARAM"),
        ({"devices": [{**DEVICE, "app_id": 7}]}, "M_MISSING_PARAM"),
        ({"devices": [DEVICE] * (MOST_DEVICES + 1)}, "M_TOO_LARGE"),
        ({"event_id": 7}, "M_INVALID_PARAM"),
        ({"event_id": "x" * 256}, "M_INVALID_PARAM"),
        ({"room_id": "\ud800"}, "M_INVALID_PARAM"),
    ],
)
def test_what_a_push_cannot_do_without_has_to_be_right(members: dict[str, Any], code: str) -> None:
    with pytest.raises(MatrixError) as caught:
        notify(**members)
    assert caught.value.reason == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "M_NOT_JSON"),
        (b"\xff", "M_NOT_JSON"),
        (b"[" * 100_000, "M_NOT_JSON"),
        (b'{"notification":NaN}', "M_NOT_JSON"),
        (b"[]", "M_BAD_JSON"),
        (b'{"notification":[]}', "M_BAD_JSON"),
    ],
)
def test_what_is_no_notification_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(MatrixError) as caught:
        read(body)
    assert caught.value.reason == code


def test_nothing_secret_is_shown() -> None:
    shown = repr(notify())
    for secret in (DEVICE["pushkey"], "Major Tom", "floating"):
        assert secret not in shown


@settings(max_examples=30)
@given(
    members=st.dictionaries(st.sampled_from(sorted(TOLD)), ANY_JSON),
    of_device=st.dictionaries(st.sampled_from(sorted(DEVICE)), ANY_JSON),
)
def test_whatever_is_told_it_is_understood_or_refused(
    members: dict[str, Any], of_device: dict[str, Any]
) -> None:
    told = {**TOLD, "devices": [{**DEVICE, **of_device}], **members}
    try:
        assert read(json.dumps({"notification": told}).encode()).devices
    except MatrixError as error:
        assert error.reason.startswith("M_")
        assert error.text.isprintable()


@given(body=st.binary(max_size=200))
def test_whatever_a_body_is_it_is_understood_or_refused(body: bytes) -> None:
    with pytest.raises(MatrixError):
        read(body)
