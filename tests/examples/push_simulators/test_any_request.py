"""Whatever is sent, a judge has a verdict: a simulator that falls over proves nothing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples.push_simulators.credentials import HMS_APP, WNS_SID
from examples.push_simulators.exchange import Request, Visit
from tests.examples.push_simulators.developer import DEVICE, NOW, Developer

PATHS = {
    "apns": ["/3/device/" + DEVICE, "/3/device", "/"],
    "fcm": ["/v1/projects/demo-project/messages:send", "/token", "/"],
    "hms": [f"/v1/{HMS_APP}/messages:send", "/v3/200000002/messages:send", "/oauth2/v3/token"],
    "web_push": ["/push/x", "/push/", "/"],
    "wns": ["/?token=x", "/accesstoken.srf", "/t/oauth2/v2.0/token", "/?token=%ff&token=y"],
}
NAMES = st.sampled_from(
    [
        *("authorization", "content-type", "content-encoding", "content-length", "ttl", "topic"),
        *("urgency", "apns-id", "apns-topic", "apns-push-type", "apns-priority", "push-type"),
        *("apns-expiration", "apns-collapse-id", "x-wns-type", "x-wns-ttl"),
        "x-wns-requestforstatus",
    ]
)
VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=20)
KNOWN = st.sampled_from(
    [
        *("application/json", "application/x-www-form-urlencoded", "text/xml", "aes128gcm", "60"),
        *(
            "alert",
            "background",
            "voip",
            "10",
            "5",
            "example.demo",
            "vapid t=a.b.c, k=d",
            "wns/raw",
        ),
        *("application/octet-stream", "wns/toast", "0", "bearer a.b.c", "Bearer x"),
    ]
)
MEMBERS = st.sampled_from(
    [
        *("message", "token", "data", "android", "ttl", "notification", "urgency", "priority"),
        *("apns", "webpush", "headers", "payload", "target", "pushOptions", "extraData", "id"),
        *("collapse_key", "click_action", "title", "body", "type", "validate_only", "aps"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=10,
)
BODIES = (
    st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        [b"grant_type=client_credentials&client_id=x", b"assertion=a.b.c&grant_type="]
    )
)


@pytest.mark.parametrize("provider", sorted(PATHS))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_request_has_a_verdict(developer: Developer, provider: str, data: Any) -> None:
    request = Request(
        method=data.draw(st.sampled_from(["POST", "POST", "POST", "GET", "PUT"])),
        path=data.draw(st.sampled_from(PATHS[provider]) | VALUES),
        headers=tuple(data.draw(st.lists(st.tuples(NAMES, KNOWN | VALUES), max_size=8))),
        body=data.draw(BODIES),
    )
    verdict = developer.judges.by_name[provider].judge(request, Visit(1), NOW)
    assert 100 <= verdict.reply.status <= 599
    assert verdict.refusal or verdict.reply.status < 300


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    message=st.dictionaries(MEMBERS, JSON, max_size=5), provider=st.sampled_from(["fcm", "hms"])
)
def test_any_message_has_a_verdict_once_its_sender_is_known(
    developer: Developer, message: dict[str, Any], provider: str
) -> None:
    judge: Any = developer.judges.by_name[provider]
    client = next(iter(judge.accounts if provider == "fcm" else judge.secrets))
    bearer = ("authorization", f"Bearer {judge.access.issue(client, NOW)}")
    request = Request(
        method="POST",
        path=PATHS[provider][0],
        headers=(bearer, ("content-type", "application/json")),
        body=json.dumps({"message": message}).encode(),
    )
    assert judge.judge(request, Visit(1), NOW).reply.status in (200, 400, 404)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_payload_of_a_known_sender_has_a_verdict(developer: Developer, body: bytes) -> None:
    token = developer.apple_token()
    request = developer.apns(body=body, authorization=f"bearer {token}")
    developer.judges.apns_tokens.most_updates = 1000
    assert developer.sends("apns", request).reply.status in (200, 400)
    judge: Any = developer.judges.by_name["wns"]
    bearer = ("authorization", f"Bearer {judge.access.issue(WNS_SID, NOW)}")
    kinds = (("content-type", "application/octet-stream"), ("x-wns-type", "wns/raw"))
    headers = (bearer, *kinds, ("content-length", str(len(body))))
    raw = Request(method="POST", path="/?token=x", headers=headers, body=body)
    assert judge.judge(raw, Visit(1), NOW).reply.status == 200
