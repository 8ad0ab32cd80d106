"""httpx over HTTP/2 and PyJWT against the simulated FCM and its token endpoint."""

import json
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from tests.interop.push.running import Running

httpx = pytest.importorskip("httpx")
jwt = pytest.importorskip("jwt")

pytestmark = pytest.mark.interop

DEVICE = "c" * 22 + ":" + "APA91b" + "x" * 134
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


def trust(simulators: Running) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=simulators.facts["ca"])


class Sender:
    """Somebody with the service account's file."""

    def __init__(self, simulators: Running) -> None:
        fcm = simulators.facts["fcm"]
        self.account = json.loads(Path(fcm["service_account"]).read_text())
        self.origin = fcm["origin"]
        self.path = f"/v1/projects/{fcm['project']}/messages:send"
        self.http = httpx.Client(http2=True, verify=trust(simulators), base_url=self.origin)

    def assertion(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.account["client_email"],
            "scope": SCOPE,
            "aud": self.account["token_uri"],
            "iat": now,
            "exp": now + 3600,
        }
        key = {"kid": self.account["private_key_id"]}
        return str(jwt.encode({**claims, **changed}, self.account["private_key"], "RS256", key))

    def token(self, assertion: str) -> Any:
        form = {"grant_type": GRANT, "assertion": assertion}
        return self.http.post(self.account["token_uri"], data=form)

    def send(self, message: dict[str, Any], token: str) -> Any:
        bearer = {"authorization": f"Bearer {token}"}
        return self.http.post(self.path, json={"message": message}, headers=bearer)


@pytest.fixture
def sender(simulators: Running) -> Any:
    made = Sender(simulators)
    yield made
    made.http.close()


def test_a_message_is_taken_over_http_2(simulators: Running, sender: Sender) -> None:
    token = sender.token(sender.assertion()).json()
    assert token["token_type"] == "Bearer"
    answer = sender.send({"token": DEVICE, "data": {"id": "1"}}, token["access_token"])
    assert answer.http_version == "HTTP/2"
    assert answer.status_code == 200
    assert answer.json()["name"].startswith("projects/demo-project/messages/")
    (arrived,) = simulators.pushes("fcm")
    assert (arrived["token"], arrived["id"], arrived["done"]) == (DEVICE, "1", "200")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"iss": "somebody@example.com"}, "invalid_grant"),
        ({"aud": "https://oauth2.example.com/token"}, "invalid_grant"),
        ({"exp": 4_000_000_000}, "invalid_grant"),
        ({"iat": 1, "exp": 3601}, "invalid_grant"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "invalid_scope"),
    ],
)
def test_a_wrong_assertion_gets_no_token(
    sender: Sender, wrong: dict[str, Any], error: str
) -> None:
    answer = sender.token(sender.assertion(**wrong))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_data_that_is_no_text_is_refused_by_its_field(sender: Sender) -> None:
    token = sender.token(sender.assertion()).json()["access_token"]
    answer = sender.send({"token": DEVICE, "data": {"id": 1}}, token)
    (detail,) = answer.json()["error"]["details"]
    assert answer.status_code == 400
    assert detail["fieldViolations"][0]["field"] == "message.data[0].value"


def test_a_revoked_access_token_is_unauthenticated(simulators: Running, sender: Sender) -> None:
    token = sender.token(sender.assertion()).json()["access_token"]
    simulators.ask("keys", {"revoke": True})
    answer = sender.send({"token": DEVICE, "data": {}}, token)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_http_1_1_is_spoken_as_well(simulators: Running, sender: Sender) -> None:
    with httpx.Client(verify=trust(simulators), base_url=sender.origin) as old:
        form = {"grant_type": GRANT, "assertion": sender.assertion()}
        token = old.post("/token", data=form).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        message = {"message": {"token": DEVICE, "data": {"id": "2"}}}
        answer = old.post(sender.path, json=message, headers=bearer)
    assert (answer.http_version, answer.status_code) == ("HTTP/1.1", 200)


def test_apns_speaks_nothing_but_http_2(simulators: Running) -> None:
    """RFC 7301 section 3.2: whoever offers nothing we speak gets an alert."""
    with (
        httpx.Client(verify=trust(simulators)) as old,
        pytest.raises(httpx.TransportError),
    ):
        old.post(f"{simulators.addresses['apns']}/3/device/{'ab' * 32}")
