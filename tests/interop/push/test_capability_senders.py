"""Web Push libraries send to capability URLs of the whole daemon, as to any push service.

What arrives at Apple or Google is what they have enciphered, and only the application can read it.
"""

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from procall_mobility.protocols.push.web_push_encryption import public_octets, unseal
from tests.interop.push.town import ANDROID, IPHONE, Town, town_in

py_vapid = pytest.importorskip("py_vapid")
pywebpush = pytest.importorskip("pywebpush")
requests = pytest.importorskip("requests")

pytestmark = pytest.mark.interop

NODE = Path(__file__).parent / "node"
LIMITS = "url_rate = 0.01\nurl_burst = 10.0\nsender_rate = 0.02\nsender_burst = 3.0\n"
CLEAR = '{"id":"8"}'


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("capabilities")
    with town_in(folder, more=f"[push.limits]\n{LIMITS}") as made:
        yield made


@pytest.fixture
def http(town: Town) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(town.daemons.folder / "ca.pem")
        yield session


class Application:
    """Runs on a device, and keeps what deciphers."""

    def __init__(self, town: Town, channel: str, token: str, **members: Any) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        asked = json.dumps({"channel": channel, "token": token, **members}).encode()
        status, told = town.asks("POST", "capabilities", asked)
        assert status == 200, told
        # It was asked for without TLS, which Web Push libraries do not speak.
        path = told["endpoint"].partition("/push/")[2]
        self.url = f"https://localhost:{town.daemons.tls}/push/{path}"

    @property
    def subscription(self) -> dict[str, Any]:
        keys = {"p256dh": text(public_octets(self.key.public_key())), "auth": text(self.secret)}
        return {"endpoint": self.url, "keys": keys}

    def reads(self, data: dict[str, Any]) -> str:
        assert data["enc"] == "aes128gcm"
        sealed = base64.urlsafe_b64decode(data["data"] + "=" * (-len(data["data"]) % 4))
        return unseal(sealed, self.key, self.secret).decode()


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sends(to: Application, http: Any, data: str = CLEAR, **options: Any) -> Any:
    given = {
        "vapid_private_key": py_vapid.Vapid02(ec.generate_private_key(ec.SECP256R1())),
        "vapid_claims": {"sub": "mailto:operator@example.com"},
        "ttl": 60,
        **options,
    }
    return pywebpush.webpush(
        subscription_info=to.subscription, data=data, requests_session=http, **given
    )


def data_at(town: Town, provider: str, count: int) -> list[dict[str, Any]]:
    """Return what the application is told by the last pushes."""
    town.daemons.until(lambda: len(town.arrived(provider)) >= count)
    bodies = [json.loads(each["body"]) for each in town.providers.pushes(provider)[-count:]]
    return [each["message"]["data"] if provider == "fcm" else each for each in bodies]


def assert_has_to_wait(answer: Any, seconds: int, began: float) -> None:
    """That is less by what has gone by since the first message."""
    gone_by = time.monotonic() - began
    assert seconds - gone_by <= int(answer.headers["retry-after"]) <= seconds


def test_pywebpush_reaches_an_iphone_and_nobody_reads_it_on_the_way(town: Town, http: Any) -> None:
    app = Application(town, "ios.demo", IPHONE)
    answer = sends(app, http, headers={"urgency": "high", "topic": "talk-7"})
    assert answer.status_code == 201
    assert answer.headers["ttl"] == "60"
    assert "/push/m/" in answer.headers["location"]
    (told,) = data_at(town, "apns", 1)
    assert (told["kind"], app.reads(told)) == ("webpush", CLEAR)


def test_the_url_for_calls_wakes_by_voip(town: Town, http: Any) -> None:
    app = Application(town, "ios.demo", IPHONE, voip=True)
    before = len(town.arrived("apns"))
    assert sends(app, http, "rings").status_code == 201
    town.daemons.until(lambda: len(town.arrived("apns")) > before)
    last = town.providers.pushes("apns")[-1]
    headers = dict(last["headers"])
    assert headers["apns-push-type"] == "voip"
    assert app.reads(json.loads(last["body"])) == "rings"


def test_web_push_of_node_reaches_android(town: Town) -> None:
    app = Application(town, "android.demo", ANDROID)
    done = subprocess.run(
        ["node", "web-push.cjs"], cwd=NODE, check=True, capture_output=True, text=True,
        input=json.dumps({"subscription": app.subscription}),
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(town.daemons.folder / "ca.pem")},
    )  # fmt: skip
    # Nobody was named as the only sender, so that the third needs no VAPID.
    assert json.loads(done.stdout) == [201, 201, 201]
    assert [app.reads(each) for each in data_at(town, "fcm", 3)] == [CLEAR] * 3


def test_only_the_sender_that_was_named_may_send(town: Town, http: Any) -> None:
    key = py_vapid.Vapid02(ec.generate_private_key(ec.SECP256R1()))
    app = Application(town, "ios.demo", IPHONE, sender=text(public_octets(key.public_key)))
    with pytest.raises(pywebpush.WebPushException) as caught:
        sends(app, http)
    assert caught.value.response.status_code == 403
    with pytest.raises(pywebpush.WebPushException) as caught:
        sends(app, http, vapid_private_key=None, vapid_claims=None)
    assert caught.value.response.status_code == 401
    assert sends(app, http, vapid_private_key=key).status_code == 201


def test_a_message_that_is_too_large_is_told_the_limit(town: Town, http: Any) -> None:
    app = Application(town, "ios.demo", IPHONE)
    with pytest.raises(pywebpush.WebPushException) as caught:
        sends(app, http, "x" * 3900)
    assert caught.value.response.status_code == 413
    largest = caught.value.response.json()["limit"]
    overhead = 16 + 4 + 1 + 65 + 1 + 16
    assert sends(app, http, "x" * (largest - overhead)).status_code == 201


def test_a_device_that_is_gone_is_410(town: Town, http: Any) -> None:
    gone = "dead" * 16
    for provider in ("apns", "apns_sandbox"):
        town.providers.ask("devices", {"provider": provider, "token": gone, "gone": True})
    app = Application(town, "ios.demo", gone)
    assert sends(app, http).status_code == 201
    town.daemons.until(lambda: town.asks("GET", "feedback")[1]["feedback"])
    with pytest.raises(pywebpush.WebPushException) as caught:
        sends(app, http)
    assert caught.value.response.status_code == 410


def test_unifiedpush_finds_a_push_server(town: Town, http: Any) -> None:
    app = Application(town, "ios.demo", IPHONE)
    assert http.get(app.url).json() == {"unifiedpush": {"version": 1}}
    assert http.get(app.url + "x").status_code == 404


def test_a_url_takes_so_many_messages_as_the_operator_lets_it(town: Town, http: Any) -> None:
    app, began = Application(town, "ios.demo", "fa57" * 16), time.monotonic()
    assert {sends(app, http, str(each)).status_code for each in range(10)} == {201}
    with pytest.raises(pywebpush.WebPushException) as caught:
        sends(app, http)
    assert caught.value.response.status_code == 429
    assert_has_to_wait(caught.value.response, 100, began)


def test_servers_that_show_no_credential_ask_as_often_as_the_operator_lets_them(
    town: Town, http: Any
) -> None:
    url, began = f"https://localhost:{town.daemons.tls}/api/v1/send_push", time.monotonic()
    answers = [http.post(url, json={"server_id": "nobody"}) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert_has_to_wait(answers[-1], 50, began)
