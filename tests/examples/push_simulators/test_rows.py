"""Each row of each provider's table: what the simulator says, and what our side makes of it.

The rows are those of the providers' documentation; what follows is decided in
`procall_mobility.protocols.push`, and this is where the two meet.
"""

from typing import Any

import pytest

from examples.push_simulators.exchange import Reply, Verdict
from procall_mobility.protocols.push import (
    apns_outcomes,
    fcm_outcomes,
    hms_outcomes,
    web_push_outcomes,
    wns_outcomes,
)
from procall_mobility.protocols.push.exchange import Answer
from tests.examples.push_simulators.developer import NOW, PUSH_ID, Developer

TOKEN = "T" * 130

EXPECTED = {
    "apns": {
        "200": "Delivered",
        "400 BadCollapseId": "Refused",
        "400 BadDeviceToken": "WrongEnvironment",
        "400 BadExpirationDate": "Refused",
        "400 BadMessageId": "Refused",
        "400 BadPriority": "Refused",
        "400 BadTopic": "Refused",
        "400 DeviceTokenNotForTopic": "TokenDead",
        "400 DuplicateHeaders": "Refused",
        "400 IdleTimeout": "Later",
        "400 InvalidPushType": "Refused",
        "400 MissingDeviceToken": "Refused",
        "400 MissingTopic": "Refused",
        "400 PayloadEmpty": "Refused",
        "400 TopicDisallowed": "Refused",
        "403 BadCertificate": "LaneRefused",
        "403 BadCertificateEnvironment": "LaneRefused",
        "403 BadEnvironmentKeyIdInToken": "LaneRefused",
        "403 ExpiredProviderToken": "CredentialStale",
        "403 Forbidden": "LaneRefused",
        "403 InvalidProviderToken": "LaneRefused",
        "403 MissingProviderToken": "LaneRefused",
        "403 UnrelatedKeyIdInToken": "LaneRefused",
        "404 BadPath": "LaneRefused",
        "405 MethodNotAllowed": "LaneRefused",
        "410 ExpiredToken": "TokenDead",
        "410 Unregistered": "TokenDead",
        "413 PayloadTooLarge": "Refused",
        "429 TooManyProviderTokenUpdates": "Later",
        "429 TooManyRequests": "Later",
        "500 InternalServerError": "Later",
        "503 ServiceUnavailable": "Later",
        "503 Shutdown": "Later",
    },
    "fcm": {
        "200": "Delivered",
        "400 INVALID_ARGUMENT token": "TokenDead",
        "400 INVALID_ARGUMENT field": "Refused",
        "401 THIRD_PARTY_AUTH_ERROR": "LaneRefused",
        "401 UNAUTHENTICATED": "CredentialStale",
        "403 SENDER_ID_MISMATCH": "TokenDead",
        "403 PERMISSION_DENIED": "LaneRefused",
        "404 UNREGISTERED": "TokenDead",
        "404 NOT_FOUND": "LaneRefused",
        "429 QUOTA_EXCEEDED": "Later",
        "429 QUOTA_EXCEEDED device": "Later",
        "500 INTERNAL": "Later",
        "502 html": "Later",
        "503 UNAVAILABLE": "Later",
    },
    "hms": {
        "80000000": "Delivered",
        "80100000": "TokenDead",
        "80100001": "Refused",
        "80100003": "Refused",
        "80100004": "Refused",
        "80100013": "Refused",
        "80100016": "Refused",
        "80100017": "Later",
        "80200001": "CredentialStale",
        "80200003": "CredentialStale",
        "80200005": "CredentialStale",
        "80300002": "LaneRefused",
        "80300007": "TokenDead",
        "80300008": "Refused",
        "80300010": "Refused",
        "80300011": "Refused",
        "80300029": "Later",
        "80300036": "LaneRefused",
        "80300037": "LaneRefused",
        "80600003": "Later",
        "81000001": "Later",
        "503 flow control": "Later",
    },
    "web_push": {
        "201": "Delivered",
        "200": "Delivered",
        "400 Bad Request": "Refused",
        "400 Invalid TTL": "Refused",
        "400 Invalid Topic": "Refused",
        "401 Unauthorized": "CredentialStale",
        "403 Forbidden": "CredentialStale",
        "403 VAPID public key mismatch": "TokenDead",
        "403 other credentials": "TokenDead",
        "403 BadJwtToken": "CredentialStale",
        "403 ExpiredJwtToken": "CredentialStale",
        "400 VapidPkHashMismatch": "TokenDead",
        "404 Not Found": "TokenDead",
        "405 Method Not Allowed": "Refused",
        "410 Gone": "TokenDead",
        "413 Payload Too Large": "Refused",
        "429 Too Many Requests": "Later",
        "500 Internal Server Error": "Later",
        "503 Service Unavailable": "Later",
        "503 once more": "Later",
    },
    "wns": {
        "200 received": "Delivered",
        "200 dropped": "Refused",
        "200 channelthrottled": "Later",
        "400 Bad Request": "Refused",
        "401 Unauthorized": "CredentialStale",
        "403 Forbidden": "TokenDead",
        "404 Not Found": "TokenDead",
        "405 Method Not Allowed": "Refused",
        "406 Not Acceptable": "Later",
        "410 Gone": "TokenDead",
        "410 Domain Blocked": "LaneRefused",
        "411 Length Required": "Refused",
        "413 Request Entity Too Large": "Refused",
        "500 Internal Server Error": "Later",
        "503 Service Unavailable": "Later",
    },
}


def outcome(provider: str, answer: Answer) -> Any:
    match provider:
        case "apns":
            elsewhere = apns_outcomes.OtherEnvironment.UNTRIED
            return apns_outcomes.judge(answer, unix=NOW, other_environment=elsewhere)
        case "fcm":
            return fcm_outcomes.judge(answer, unix=NOW)
        case "hms":
            return hms_outcomes.judge(answer, token=TOKEN, unix=NOW)
        case "web_push":
            return web_push_outcomes.judge(answer, unix=NOW)
        case _:
            return wns_outcomes.judge(answer, unix=NOW)


def says(developer: Developer, provider: str, row: str) -> Reply:
    right = Verdict(
        reply=Reply(201 if provider == "web_push" else 200), tokens=(TOKEN,), id=PUSH_ID
    )
    return developer.judges.by_name[provider].answer(row, right, NOW - 60)


@pytest.mark.parametrize(
    ("provider", "row", "expected"),
    [(name, row, expected) for name, rows in EXPECTED.items() for row, expected in rows.items()],
)
def test_a_row_is_said_and_understood(
    developer: Developer, provider: str, row: str, expected: str
) -> None:
    reply = says(developer, provider, row)
    if provider != "hms":
        assert reply.status == int(row[:3])
    answer = Answer(status=reply.status, headers=dict(reply.headers), body=reply.body)
    assert type(outcome(provider, answer)).__name__ == expected


@pytest.mark.parametrize("provider", sorted(EXPECTED))
def test_no_row_is_left_out(developer: Developer, provider: str) -> None:
    assert set(developer.judges.by_name[provider].rows) == set(EXPECTED[provider])


def test_a_dead_token_of_apples_tells_since_when(developer: Developer) -> None:
    reply = says(developer, "apns", "410 Unregistered")
    answer = Answer(status=410, headers={}, body=reply.body)
    assert outcome("apns", answer).since == NOW - 60
