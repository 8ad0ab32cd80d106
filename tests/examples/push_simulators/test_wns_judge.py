"""WNS' rules, each broken once by a request that was right before."""

import json
from urllib.parse import urlencode

import pytest
from attrs import evolve

from examples.push_simulators.credentials import WNS_SID
from examples.push_simulators.devices import Device
from examples.push_simulators.exchange import Request, Verdict
from tests.examples.push_simulators.developer import NOW, Developer

CHANNEL = "AwYAAABchannel"


def asks_token(developer: Developer, path: str = "/accesstoken.srf", **changed: str) -> Verdict:
    form = {
        "grant_type": "client_credentials",
        "client_id": WNS_SID,
        "client_secret": developer.files.wns_secret.read_text(),
        "scope": "notify.windows.com",
    }
    kind = ("content-type", "application/x-www-form-urlencoded")
    body = urlencode({**form, **changed}).encode()
    asked = Request(method="POST", path=path, headers=(kind,), body=body)
    return developer.sends("wns", asked)


def push(developer: Developer, *without: str, body: bytes = b"{}", **headers: str) -> Request:
    token = json.loads(asks_token(developer).reply.body)["access_token"]
    said = {
        "authorization": f"Bearer {token}",
        "content-type": "application/octet-stream",
        "content-length": str(len(body)),
        "x-wns-type": "wns/raw",
        "x-wns-requestforstatus": "true",
        "x-wns-ttl": "60",
    }
    said |= {key.replace("_", "-"): value for key, value in headers.items()}
    return Request(
        method="POST",
        path=f"/?token={CHANNEL}",
        headers=tuple((key, value) for key, value in said.items() if key not in without),
        body=body,
    )


def test_a_right_notification_is_received(developer: Developer) -> None:
    verdict = developer.sends("wns", push(developer, body=b'{"id":"1"}'))
    headers = dict(verdict.reply.headers)
    assert (verdict.reply.status, verdict.refusal) == (200, "")
    assert headers["x-wns-status"] == "received"
    assert headers["x-wns-deviceconnectionstatus"] == "connected"
    assert (verdict.tokens, verdict.id) == ((CHANNEL,), "1")


def test_a_toast_is_known_by_what_it_starts_the_application_with(developer: Developer) -> None:
    body = b'<toast launch="{&quot;id&quot;:&quot;7&quot;}"><visual/></toast>'
    toast = push(developer, body=body, x_wns_type="wns/toast", content_type="text/xml")
    verdict = developer.sends("wns", toast)
    assert (verdict.refusal, verdict.id) == ("", "7")


@pytest.mark.parametrize(
    ("without", "headers", "expected"),
    [
        (("content-length",), {}, 411),
        (("authorization",), {}, 401),
        ((), {"authorization": "Bearer wrong"}, 401),
        (("x-wns-type",), {}, 400),
        ((), {"x_wns_type": "wns/toast"}, 400),
        ((), {"content_type": "text/plain"}, 400),
        ((), {"x_wns_ttl": "soon"}, 400),
    ],
)
def test_a_wrong_header_is_refused(
    developer: Developer, without: tuple[str, ...], headers: dict[str, str], expected: int
) -> None:
    verdict = developer.sends("wns", push(developer, *without, **headers))
    assert verdict.reply.status == expected
    assert dict(verdict.reply.headers)["x-wns-status"] == "dropped"


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (Device(token=CHANNEL, gone=NOW), 410),
        (Device(token=CHANNEL, topic="ms-app://other"), 403),
    ],
)
def test_what_is_known_of_a_channel_decides(
    developer: Developer, device: Device, expected: int
) -> None:
    developer.judges.by_name["wns"].devices.register(device)
    assert developer.sends("wns", push(developer)).reply.status == expected


def test_other_mistakes_have_their_status(developer: Developer) -> None:
    right = push(developer)
    assert developer.sends("wns", evolve(right, method="PUT")).reply.status == 405
    assert developer.sends("wns", evolve(right, path="/?token=")).reply.status == 404
    assert developer.sends("wns", evolve(right, body=b"x" * 5001)).reply.status == 413


def test_entra_gives_tokens_for_its_own_scope(developer: Developer) -> None:
    path = "/example.onmicrosoft.com/oauth2/v2.0/token"
    right = asks_token(developer, path, scope="https://wns.windows.com/.default")
    assert json.loads(right.reply.body)["expires_in"] == 86_400
    assert asks_token(developer, path).refusal == "invalid_scope"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "x"}, "invalid_scope"),
    ],
)
def test_wrong_credentials_get_no_access_token(
    developer: Developer, changed: dict[str, str], expected: str
) -> None:
    verdict = asks_token(developer, **changed)
    assert (verdict.reply.status, json.loads(verdict.reply.body)["error"]) == (400, expected)
