"""What our side says to providers is right by their rules, and leaves nothing to remark."""

import json
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec

from examples.push_simulators.credentials import (
    HMS_APP,
    HMS_PROJECT,
    KEY_ID,
    PROJECT,
    TEAM,
    TOPIC,
    WNS_SID,
)
from examples.push_simulators.exchange import Verdict
from procall_mobility.protocols.push import apns, fcm, hms, web_push, wns
from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens, NoMemory
from procall_mobility.protocols.push.exchange import ProviderRequest
from procall_mobility.protocols.push.hms_accounts import hms_account
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.vapid import Vapid
from procall_mobility.protocols.push.web_push_encryption import Ephemeral
from tests.examples.push_simulators.developer import NOW, PUSH_ID, Developer, request_of

CHAT = Notification(
    id=PUSH_ID,
    kind="chat",
    token="",
    urgency=Urgency.ALERT,
    expires=NOW + 3600,
    collapse="talk 7",
    content={"enc": "aes128gcm", "data": "c2VhbGVk"},
)
CALL = evolve(CHAT, kind="avnewcall", urgency=Urgency.CALL, expires=NOW + 30, collapse="call-1")
CHECK = evolve(CHAT, kind="check", urgency=Urgency.BACKGROUND, collapse=None, content={})
OVER = evolve(CHAT, expires=NOW - 1)
NOTIFICATIONS = [CHAT, CALL, CHECK, OVER, evolve(CALL, content={"data": "x" * 1000})]


def asked(developer: Developer, provider: str, request: ProviderRequest) -> Verdict:
    return developer.sends(provider, request_of(request))


def access(verdict: Verdict) -> str:
    return str(json.loads(verdict.reply.body)["access_token"])


def right(verdict: Verdict) -> None:
    assert (verdict.refusal, verdict.remarks, verdict.id) == ("", (), PUSH_ID)


@pytest.mark.parametrize("is_voip", [False, True])
@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_to_apns(developer: Developer, notification: Notification, is_voip: bool) -> None:
    key = apple_key(developer.files.apns_key.read_bytes(), team=TEAM, key_id=KEY_ID)
    token = AppleTokens(key, wall_clock=lambda: NOW, memory=NoMemory()).token(0.0)
    target = apns.ApnsTarget(topic=TOPIC, title="ProCall")
    push = evolve(notification, token="ab" * 32, is_voip=is_voip)
    right(asked(developer, "apns", apns.request(push, target, token, NOW)))


@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_to_fcm(developer: Developer, notification: Notification) -> None:
    push = evolve(notification, token="c" * 22 + ":APA91b" + "x" * 134)
    token = developer.google_token()
    target = fcm.FcmTarget(project=PROJECT)
    right(asked(developer, "fcm", fcm.request(push, target, token, NOW)))


@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_to_huaweis_android(developer: Developer, notification: Notification) -> None:
    secret = developer.files.hms_secret.read_text()
    token = access(asked(developer, "hms", hms.token_request(HMS_APP, secret)))
    target = hms.HmsTarget(system=hms.System.ANDROID, id=HMS_APP, title="ProCall", body="News")
    push = evolve(notification, token="H" * 130)
    verdict = asked(developer, "hms", hms.request(push, target, token, NOW))
    right(verdict)
    assert json.loads(verdict.reply.body)["code"] == "80000000"


@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_to_harmonyos(developer: Developer, notification: Notification) -> None:
    token = hms_account(developer.files.hms_account.read_bytes()).tokens().token(NOW)
    target = hms.HmsTarget(system=hms.System.HARMONY, id=HMS_PROJECT, title="ProCall", body="News")
    push = evolve(notification, token="H" * 130)
    verdict = asked(developer, "hms", hms.request(push, target, token, NOW))
    right(verdict)
    assert json.loads(verdict.reply.body)["code"] == "80000000"


@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_to_a_web_push_service(developer: Developer, notification: Notification) -> None:
    """And the subscription's keys read what was meant for it."""
    vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:operator@example.com")
    judge = developer.judges.web_push
    made = judge.subscriptions.add(vapid.public_key)
    said = json.dumps({"endpoint": judge.endpoint(made), "keys": made.keys()})
    push = evolve(notification, token=said)
    ephemeral = Ephemeral(ec.generate_private_key(ec.SECP256R1()), b"s" * 16)
    request = web_push.request(push, web_push.subscription(said), vapid, NOW, ephemeral=ephemeral)
    verdict = asked(developer, "web_push", request)
    right(verdict)
    content: Any = json.loads(verdict.clear or b"")
    assert content == {"id": PUSH_ID, "kind": notification.kind, **notification.content}


@pytest.mark.parametrize("title", ["ProCall", None])
@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_to_wns(developer: Developer, notification: Notification, title: str | None) -> None:
    secret = developer.files.wns_secret.read_text()
    token = access(asked(developer, "wns", wns.store_token_request(WNS_SID, secret)))
    push = evolve(notification, token="https://db5.notify.windows.com/?token=AwYAAABc")
    right(asked(developer, "wns", wns.request(push, wns.WnsTarget(title=title), token, NOW)))


def test_to_wns_by_entra(developer: Developer) -> None:
    secret = developer.files.wns_secret.read_text()
    request = wns.entra_token_request("example.onmicrosoft.com", WNS_SID, secret)
    assert access(asked(developer, "wns", request))
