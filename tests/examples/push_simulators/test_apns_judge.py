"""APNs' rules, each broken once by a request that was right before."""

import json
from typing import Any

import pytest
from attrs import evolve

from examples.push_simulators.apns.reasons import REASONS
from examples.push_simulators.devices import Device
from examples.push_simulators.exchange import Visit
from tests.examples.push_simulators.developer import (
    DEVICE,
    NOW,
    PUSH_ID,
    Developer,
    reason,
)


def test_a_right_request_is_taken_and_its_id_comes_back(developer: Developer) -> None:
    verdict = developer.sends("apns", developer.apns())
    assert (verdict.reply.status, verdict.refusal) == (200, "")
    assert verdict.reply.headers == (("apns-id", PUSH_ID),)
    assert (verdict.tokens, verdict.id, verdict.remarks) == ((DEVICE,), PUSH_ID, ())


def test_a_push_without_an_id_is_given_one(developer: Developer) -> None:
    verdict = developer.sends("apns", developer.apns("apns-id"))
    assert verdict.reply.headers[0][1] == verdict.id != ""


def test_the_sandbox_tells_the_id_of_its_console(developer: Developer) -> None:
    verdict = developer.sends("apns_sandbox", developer.apns())
    assert "apns-unique-id" in dict(verdict.reply.headers)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"apns_id": "1"}, "BadMessageId"),
        ({"apns_id": PUSH_ID.replace("-", "")}, "BadMessageId"),
        ({"apns_expiration": "tomorrow"}, "BadExpirationDate"),
        ({"apns_expiration": "-1"}, "BadExpirationDate"),
        ({"apns_priority": "7"}, "BadPriority"),
        ({"apns_push_type": "ring"}, "InvalidPushType"),
        ({"apns_push_type": "background"}, "BadPriority"),
        ({"apns_collapse_id": "x" * 65}, "BadCollapseId"),
        ({"apns_topic": "example/demo"}, "BadTopic"),
        ({"apns_topic": "example.other"}, "TopicDisallowed"),
        ({"apns_topic": "example.demo.voip"}, "TopicDisallowed"),
        ({"apns_push_type": "voip"}, "TopicDisallowed"),
        ({"authorization": "bearer x"}, "InvalidProviderToken"),
        ({"authorization": "Basic x"}, "MissingProviderToken"),
    ],
)
def test_a_wrong_header_is_refused_by_its_reason(
    developer: Developer, headers: dict[str, str], expected: str
) -> None:
    verdict = developer.sends("apns", developer.apns(**headers))
    assert (reason(verdict), verdict.reply.status) == (expected, REASONS[expected])
    assert verdict.refusal == expected


@pytest.mark.parametrize(
    ("without", "expected"),
    [("apns-topic", "MissingTopic"), ("authorization", "MissingProviderToken")],
)
def test_a_missing_header_is_refused_by_its_reason(
    developer: Developer, without: str, expected: str
) -> None:
    assert reason(developer.sends("apns", developer.apns(without))) == expected


def test_a_header_that_stands_twice_is_refused(developer: Developer) -> None:
    right = developer.apns()
    twice = evolve(right, headers=(*right.headers, ("apns-priority", "5")))
    assert reason(developer.sends("apns", twice)) == "DuplicateHeaders"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"method": "GET"}, "MethodNotAllowed"),
        ({"path": "/2/device/" + DEVICE}, "BadPath"),
        ({"path": "/3/device/"}, "MissingDeviceToken"),
        ({"path": "/3/device/xyz"}, "BadDeviceToken"),
        ({"path": "/3/device/" + "ab" * 31}, "BadDeviceToken"),
        ({"body": b""}, "PayloadEmpty"),
        ({"body": b"no JSON"}, "PayloadEmpty"),
        ({"body": b'{"aps":{"alert":"' + b"x" * 4096 + b'"}}'}, "PayloadTooLarge"),
    ],
)
def test_a_wrong_request_is_refused_by_its_reason(
    developer: Developer, changed: dict[str, Any], expected: str
) -> None:
    assert reason(developer.sends("apns", evolve(developer.apns(), **changed))) == expected


@pytest.mark.parametrize(
    ("kind", "ending", "priority"),
    [
        ("alert", "", "1"),
        ("background", "", "5"),
        ("voip", ".voip", "10"),
        ("liveactivity", ".push-type.liveactivity", "5"),
        ("location", ".location-query", "10"),
        ("pushtotalk", ".voip-ptt", "10"),
    ],
)
def test_each_push_type_has_its_topic(
    developer: Developer, kind: str, ending: str, priority: str
) -> None:
    headers = {"apns_push_type": kind, "apns_topic": f"example.demo{ending}"}
    verdict = developer.sends("apns", developer.apns(**headers, apns_priority=priority))
    assert verdict.reply.status == 200


@pytest.mark.parametrize(("size", "status"), [(5120, 200), (5121, 413)])
def test_a_call_may_be_larger(developer: Developer, size: int, status: int) -> None:
    frame = len(b'{"aps":{},"x":""}')
    body = b'{"aps":{},"x":"%s"}' % (b"x" * (size - frame))
    headers = {"apns_push_type": "voip", "apns_topic": "example.demo.voip"}
    assert developer.sends("apns", developer.apns(body=body, **headers)).reply.status == status


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (Device(token=DEVICE, gone=NOW - 60.5), "Unregistered"),
        (Device(token=DEVICE, environment="sandbox"), "BadDeviceToken"),
        (Device(token=DEVICE, topic="example.demo.voip"), "DeviceTokenNotForTopic"),
    ],
)
def test_what_is_known_of_a_device_decides(
    developer: Developer, device: Device, expected: str
) -> None:
    developer.judges.by_name["apns"].devices.register(device)
    verdict = developer.sends("apns", developer.apns())
    assert reason(verdict) == expected
    if device.gone is not None:
        assert json.loads(verdict.reply.body)["timestamp"] == int((NOW - 60.5) * 1000)


def test_a_certificate_is_for_its_application_alone(developer: Developer) -> None:
    """No token is asked for then, and the topic may be left out."""
    developer.visit = Visit(2, "example.demo")
    assert developer.sends("apns", developer.apns("authorization", "apns-topic")).refusal == ""
    other = developer.apns("authorization", apns_topic="example.other")
    assert reason(developer.sends("apns", other)) == "TopicDisallowed"


def test_a_token_beside_a_certificate_is_remarked(developer: Developer) -> None:
    """Nobody looks at it: whoever sends it is mistaken about the connection."""
    developer.visit = Visit(2, "example.demo")
    verdict = developer.sends("apns", developer.apns())
    assert verdict.remarks == ("a provider token on a connection with a certificate",)


@pytest.mark.parametrize(
    ("headers", "body", "remark"),
    [
        ({"authorization": "Bearer"}, None, "authorization"),
        ({"apns_id": PUSH_ID.upper()}, None, "apns-id"),
        ({}, b'{"aps":{}}', "nothing to show"),
        ({}, b"{}", "no aps"),
        (
            {"apns_push_type": "voip", "apns_topic": "example.demo.voip", "apns_priority": "5"},
            None,
            "a call without",
        ),
        (
            {"apns_push_type": "background", "apns_priority": "5"},
            b'{"aps":{"alert":"x","content-available":1}}',
            "background",
        ),
    ],
)
def test_what_passes_and_should_not_be_is_remarked(
    developer: Developer, headers: dict[str, str], body: bytes | None, remark: str
) -> None:
    if headers.get("authorization") == "Bearer":
        headers = {"authorization": f"Bearer {developer.apple_token()}"}
    verdict = developer.sends("apns", developer.apns(body=body, **headers))
    assert verdict.reply.status == 200
    assert [each for each in verdict.remarks if remark in each]
