"""Push 4.6: whatever happens, no payload, token or secret is in anything written or shown.

One daemon lives through good and bad days of all its providers and ways in, and is killed with
full queues.  Then everything it has left is searched octet for octet, in every form.
"""

import base64
import json
import secrets
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec

from procall_mobility.protocols.push.web_push_encryption import public_octets
from tests.daemon import PATIENCE, ROOT
from tests.interop.push.link_server import LinkServer
from tests.interop.push.secrets_sought import files_below, forms, found_in
from tests.interop.push.town import (
    PASSWORD,
    Town,
    at_huawei,
    at_microsoft,
    message,
    town_in,
)
from tests.smoke.daemons import Daemons

pytestmark = pytest.mark.interop

BAD_DAYS: dict[str, list[dict[str, Any]]] = {
    "apns": [
        {"answer": "410 Unregistered"}, {"answer": "400 BadTopic"}, {"reset": "CANCEL"},
        {"answer": "500 InternalServerError"}, {"answer": "403 InvalidProviderToken"},
    ],
    "fcm": [
        {"answer": "404 UNREGISTERED"}, {"answer": "400 INVALID_ARGUMENT field"},
        {"answer": "502 html"}, {"answer": "401 UNAUTHENTICATED"},
    ],
    "hms": [
        {"answer": "80300007"}, {"answer": "80100001"}, {"answer": "81000001"},
        {"answer": "80200003"},
    ],
    "wns": [
        {"answer": "410 Gone"}, {"answer": "400 Bad Request"}, {"drop": True},
        {"answer": "401 Unauthorized"},
    ],
    "web_push": [
        {"answer": "410 Gone"}, {"answer": "400 Bad Request"}, {"reset": "CANCEL"},
        {"answer": "403 BadJwtToken"},
    ],
}  # fmt: skip
CHANNELS = {
    "apns": "ios.demo", "fcm": "android.demo", "hms": "huawei.demo", "wns": "windows.demo",
    "web_push": "web.demo",
}  # fmt: skip


@define
class Life:
    """What the daemon is given, and must keep to itself."""

    town: Town
    output: Path
    """What the daemon says to its terminal."""
    sender: str
    """Our public key for Web Push."""
    kept: set[bytes] = field(factory=set)
    shown: bytes = b""
    """Its arguments and environment."""

    def secret(self, text: str) -> str:
        self.kept.add(text.encode())
        return text

    def token(self, provider: str) -> str:
        if provider == "web_push":
            return self._subscription()
        chance = secrets.token_hex(32)
        made = {"wns": f"https://db5.notify.windows.com/?token={chance}", "apns": chance}
        return self.secret(made.get(provider, f"device:{chance}"))

    def _subscription(self) -> str:
        made = self.town.providers.ask("subscriptions", {"sender": self.sender})
        self.secret(made["endpoint"])
        self.secret(made["endpoint"].rpartition("/")[2])
        self.secret(made["keys"]["auth"])
        return json.dumps(made)

    def push(self, provider: str, **members: Any) -> dict[str, Any]:
        return message(
            CHANNELS[provider],
            self.token(provider),
            payload={"data": self.secret(secrets.token_urlsafe(48))},
            collapse=self.secret(f"call-{secrets.token_hex(12)}"),
            **members,
        )


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("push")
    inside = 'endpoints_inside = ["127.0.0.1"]\n'
    with town_in(folder, "--token-updates", "1000", more=inside) as town:
        facts = town.providers.facts
        (folder / "given").mkdir()
        town.does(*at_huawei("huawei.demo", facts, "android", folder / "given"))
        town.does(*at_microsoft("windows.demo", facts, folder / "given"))
        town.does("push", "mattermost", "add", "a-server", "--platform", "apple",
                  "--customer", "acme", "--channel", "ios.demo")  # fmt: skip
        town.does("push", "matrix", "add", "im.app", "--customer", "acme",
                  "--channel", "android.demo")  # fmt: skip
        key = str(folder / "given" / "vapid.pem")
        sender = town.does("push", "app", "key", key).strip()
        town.does("push", "app", "add", "web.demo", "--provider", "webpush",
                  "--credential-file", key, "--subject", "mailto:push@example.com")  # fmt: skip
        made = Life(town, folder / "output", sender)
        town.kill()
        begin(made)
        live(made)
        yield made


def begin(life: Life) -> None:
    """Start the daemon, with all that it says to its terminal in a file."""
    daemons: Daemons = life.town.daemons
    with life.output.open("ab") as output:
        process = subprocess.Popen(daemons.program("run"), cwd=ROOT, stdout=output, stderr=output)
    daemons.processes.append(process)
    daemons.until(daemons.is_up)
    place = Path(f"/proc/{process.pid}")
    life.shown += (place / "cmdline").read_bytes() + (place / "environ").read_bytes()


def live(life: Life) -> None:
    """Let happen what can happen, and die with pushes in the queue."""
    good_days(life)
    bad_days(life)
    bad_customers(life)
    other_ways_in(life)
    for provider in CHANNELS:
        life.town.providers.ask("script", {"provider": provider, "silence": True, "times": 100})
    waiting = [life.push(provider) for provider in CHANNELS for _ in range(5)]
    status, _ = life.town.posts(*waiting, wait=0)
    assert status == 202
    life.kept |= credentials(life.town)
    life.town.kill()


def good_days(life: Life) -> None:
    town = life.town
    pushes = [life.push(each, kind=kind) for each in CHANNELS for kind in ("avnewcall", "chat")]
    key = life.secret(f"key-{secrets.token_hex(16)}")
    body = json.dumps({"messages": pushes}).encode()
    for _ in range(2):
        assert town.asks("POST", "messages", body, **{"idempotency-key": key})[0] == 202
    town.daemons.until(lambda: {town.became(each) for each in pushes} == {"sent"})


def bad_days(life: Life) -> None:
    town = life.town
    for provider, acts in BAD_DAYS.items():
        for act in acts:
            town.providers.ask("script", {"provider": provider, **act})
            status, _ = town.posts(life.push(provider, ttl=60), wait=0)
            assert status == 202
            town.daemons.until(
                lambda each=provider: not town.providers.ask("state")["rules"][each]
            )
    town.asks("GET", "feedback")
    town.does("push", "lanes")


def bad_customers(life: Life) -> None:
    town = life.town
    wrong = Town(town.daemons, town.providers, life.secret(secrets.token_urlsafe(24)))
    assert wrong.asks("POST", "messages", b"{}")[0] == 401
    large = life.push("apns")
    large["payload"]["data"] += "x" * 5000
    assert town.posts(large)[0] == 413
    malformed = life.push("apns")
    malformed["token"] = life.secret("no-hex-" + secrets.token_hex(16))
    assert town.posts(malformed)[0] == 400
    spoilt = json.dumps({"messages": [life.push("fcm")]}).encode()[:-2]
    assert town.asks("POST", "messages", spoilt)[0] == 400


def other_ways_in(life: Life) -> None:
    town = life.town
    with LinkServer(town.daemons.link, PASSWORD) as server:
        for provider in CHANNELS:
            told = {"messages": [life.push(provider)], "wait": 0}
            assert "results" in server.call("mobilityPushMessages", told)
    asked = json.dumps({"channel": "ios.demo", "token": life.token("apns")}).encode()
    status, told = town.asks("POST", "capabilities", asked)
    assert status == 200
    path = "/push/" + told["endpoint"].partition("/push/")[2]
    life.kept.add(path.rpartition("/")[2].encode())
    sender = public_octets(ec.generate_private_key(ec.SECP256R1()).public_key())
    sealed = secrets.token_bytes(200)
    life.kept.add(sealed)
    content = secrets.token_bytes(16) + (4096).to_bytes(4) + bytes([len(sender)]) + sender + sealed
    said = {"ttl": "60", "content-encoding": "aes128gcm"}
    assert posts(town, path, content, **said) == 201
    assert posts(town, path + "x", content, **said) == 404
    mattermost = posts(town, "/api/v1/send_push", json.dumps({
        "ack_id": secrets.token_hex(13), "platform": "apple", "server_id": "a-server",
        "device_id": life.token("apns"), "type": "message", "category": "CAN_REPLY",
        "message": life.secret(f"@bob: {secrets.token_hex(12)}"),
        "sender_name": life.secret(f"@alice-{secrets.token_hex(8)}"),
    }).encode())  # fmt: skip
    assert mattermost == 200
    matrix = posts(town, "/_matrix/push/v1/notify", json.dumps({"notification": {
        "event_id": "$1", "room_id": "!1:example.org", "type": "m.room.message",
        "sender": life.secret(f"@carol-{secrets.token_hex(8)}:example.org"),
        "content": {"body": life.secret(secrets.token_hex(16)), "msgtype": "m.text"},
        "devices": [{"app_id": "im.app", "pushkey": life.token("fcm"), "data": {}}],
    }}).encode())  # fmt: skip
    assert matrix == 200


def posts(town: Town, path: str, body: bytes, **headers: str) -> int:
    url = f"http://127.0.0.1:{town.daemons.http}{path}"
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def credentials(town: Town) -> set[bytes]:
    """Return what the daemon was given to show to others, and what it has made of it."""
    facts = town.providers.facts
    found = {PASSWORD.encode(), base64.b64encode(f"acme:{PASSWORD}".encode())}
    for provider in ("hms", "wns"):
        found.add(Path(facts[provider]["secret"]).read_bytes().strip())
    for key in (Path(facts["apns"]["key"]), town.daemons.folder / "given" / "vapid.pem"):
        found |= set(key.read_bytes().splitlines()[1:-1])
    account = json.loads(Path(facts["fcm"]["service_account"]).read_text())
    found |= {line.encode() for line in account["private_key"].splitlines()[1:-1]}
    for each in town.providers.ask("arrivals"):
        shown = dict(each["headers"]).get("authorization", "").partition(" ")[2]
        found.add(shown.removeprefix("t=").partition(",")[0].encode())
    return {each for each in found if len(each) > 16}


def test_forms_are_found_wherever_they_stand() -> None:
    """The search is worth something."""
    secret = b"a secret of some length"
    for before in (b"", b"x", b"xy", b"xyz"):
        text = base64.b64encode(before + secret + b"and more")
        assert any(form in text for form in forms(secret))
    assert found_in(b"..." + secret.hex().encode() + b"...", [secret])
    assert not found_in(b"a secret of another", [secret])


def test_nothing_secret_is_in_any_file_it_has_left(life: Life) -> None:
    """Logs, databases with their journals, what it said; but for what its operator gave to it."""
    folder = life.town.daemons.folder
    given = [folder / name for name in ("password", "given", "providers", "key.pem", "ca-key.pem")]
    files = files_below(folder, given)
    names = {each.name for each in files}
    assert {"access.log", "service.log", "push.sqlite", "push.sqlite-wal", "output"} <= names
    assert len(life.kept) > 150
    for file in files:
        assert not found_in(file.read_bytes(), life.kept), file.name
        assert not found_in(file.name.encode(), life.kept)


def test_nothing_secret_is_in_its_arguments_or_environment(life: Life) -> None:
    assert b"procall_mobility" in life.shown
    assert not found_in(life.shown, life.kept)


def test_something_happened_that_could_have_been_told(life: Life) -> None:
    """Else it would be no wonder."""
    state = life.town.providers.ask("state")["counts"]
    for provider in CHANNELS:
        assert len([each for each in state if each.startswith(f"{provider} ")]) > 2, state
    log = life.town.daemons.log("service") + life.town.daemons.log("access")
    for word in ("push lane in trouble", "InvalidProviderToken"):
        assert word in log
