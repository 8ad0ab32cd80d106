"""FCM's rules, each broken once by a message that was right before."""

import json
from typing import Any

import pytest
from attrs import evolve

from examples.push_simulators.devices import Device
from examples.push_simulators.exchange import Verdict
from examples.push_simulators.fcm.answers import FCM_ERROR
from tests.examples.push_simulators.developer import FCM_DEVICE, NOW, Developer

RIGHT = {
    "token": FCM_DEVICE,
    "data": {"id": "1", "kind": "chat"},
    "android": {"priority": "high", "ttl": "60s", "collapse_key": "chat"},
}


def error(verdict: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(verdict.reply.body)["error"]
    return found


def code(verdict: Verdict) -> str:
    details = error(verdict).get("details", [])
    return next((str(each["errorCode"]) for each in details if each["@type"] == FCM_ERROR), "")


def test_a_right_message_is_taken_and_given_a_name(developer: Developer) -> None:
    verdict = developer.sends("fcm", developer.fcm(RIGHT))
    assert (verdict.reply.status, verdict.refusal, verdict.remarks) == (200, "", ())
    assert json.loads(verdict.reply.body)["name"].startswith("projects/demo-project/messages/0:")
    assert (verdict.tokens, verdict.id) == ((FCM_DEVICE,), "1")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"data": {"a": 1}}, "message.data[0].value"),
        ({"data": {"a": "x", "b": None}}, "message.data[1].value"),
        ({"data": ["a"]}, "message.data"),
        ({"token": 7}, "message.token"),
        ({"to": FCM_DEVICE}, "message"),
        ({"android": {"priority": "10"}}, "message.android.priority"),
        ({"android": {"ttl": 60}}, "message.android.ttl"),
        ({"android": {"ttl": "60"}}, "message.android.ttl"),
        ({"android": {"ttl": "2419201s"}}, "message.android.ttl"),
        ({"android": {"time_to_live": "60s"}}, "message.android"),
        ({"android": {"directBootOk": "yes"}}, "message.android.direct_boot_ok"),
        ({"apns": {"headers": {"apns-priority": 10}}}, "message.apns.headers[0].value"),
        ({"apns": {"payload": "aps"}}, "message.apns.payload"),
        ({"webpush": 1}, "message.webpush"),
    ],
)
def test_a_wrong_field_is_named(developer: Developer, changed: dict[str, Any], field: str) -> None:
    verdict = developer.sends("fcm", developer.fcm({**RIGHT, **changed}))
    assert (verdict.reply.status, error(verdict)["status"]) == (400, "INVALID_ARGUMENT")
    assert error(verdict)["details"][0]["fieldViolations"][0]["field"] == field
    assert code(verdict) == ""


@pytest.mark.parametrize(
    "changed",
    [
        *({"data": {name: "x"}} for name in ("from", "google.x", "gcm", "gcm.x", "message_type")),
        {"android": {"data": {"from": "x"}}},
        {"data": {"a": "x" * 4096}},
        {"token": "short"},
        {"token": "with space " + "x" * 30},
        {"token": FCM_DEVICE, "topic": "news"},
        {"token": ""},
    ],
)
def test_what_no_field_says_wrong_is_an_invalid_argument_of_fcm(
    developer: Developer, changed: dict[str, Any]
) -> None:
    verdict = developer.sends("fcm", developer.fcm({**RIGHT, **changed}))
    assert (verdict.reply.status, code(verdict)) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("device", "status", "expected"),
    [
        (Device(token=FCM_DEVICE, gone=NOW), 404, "UNREGISTERED"),
        (Device(token=FCM_DEVICE, topic="another-project"), 403, "SENDER_ID_MISMATCH"),
    ],
)
def test_what_is_known_of_a_device_decides(
    developer: Developer, device: Device, status: int, expected: str
) -> None:
    developer.judges.by_name["fcm"].devices.register(device)
    verdict = developer.sends("fcm", developer.fcm(RIGHT))
    assert (verdict.reply.status, code(verdict)) == (status, expected)


def test_a_rehearsal_has_a_name_of_its_own(developer: Developer) -> None:
    right = developer.fcm(RIGHT)
    said = {"message": RIGHT, "validate_only": True}
    verdict = developer.sends("fcm", evolve(right, body=json.dumps(said).encode()))
    assert json.loads(verdict.reply.body)["name"].endswith("/fake_message_id")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"message":null}'])
def test_what_is_no_message_is_refused(developer: Developer, body: bytes) -> None:
    verdict = developer.sends("fcm", evolve(developer.fcm(RIGHT), body=body))
    assert verdict.reply.status == 400
    assert verdict.refusal


def test_an_access_token_ends(developer: Developer) -> None:
    right = developer.fcm(RIGHT)
    developer.now += 3600
    verdict = developer.sends("fcm", right)
    assert (verdict.reply.status, error(verdict)["status"]) == (401, "UNAUTHENTICATED")


def test_no_access_token_is_another_reason_than_a_wrong_one(developer: Developer) -> None:
    right = developer.fcm(RIGHT)
    nothing = developer.sends("fcm", evolve(right, headers=right.headers[1:]))
    wrong = developer.sends("fcm", developer.fcm(RIGHT, "ya29.wrong"))
    reasons = [error(each)["details"][0]["reason"] for each in (nothing, wrong)]
    assert reasons == ["CREDENTIALS_MISSING", "ACCESS_TOKEN_EXPIRED"]


def test_another_project_is_denied(developer: Developer) -> None:
    elsewhere = evolve(developer.fcm(RIGHT), path="/v1/projects/other/messages:send")
    assert error(developer.sends("fcm", elsewhere))["status"] == "PERMISSION_DENIED"


def test_another_path_gets_the_front_doors_page(developer: Developer) -> None:
    verdict = developer.sends("fcm", evolve(developer.fcm(RIGHT), path="/fcm/send"))
    assert (verdict.reply.status, verdict.reply.headers[0][1]) == (404, "text/html; charset=UTF-8")


def test_urgency_without_a_time_to_live_is_remarked(developer: Developer) -> None:
    verdict = developer.sends("fcm", developer.fcm({**RIGHT, "android": {"priority": "high"}}))
    assert verdict.remarks == ("high priority with the longest time to live",)


def test_the_token_endpoint_takes_forms_alone(developer: Developer) -> None:
    asked = developer.fcm(RIGHT)
    for wrong in ({"path": "/token"}, {"path": "/token", "method": "GET"}):
        verdict = developer.sends("fcm", evolve(asked, **wrong))
        assert (verdict.reply.status, verdict.is_push) == (400, False)
        assert json.loads(verdict.reply.body)["error"] == "invalid_request"
