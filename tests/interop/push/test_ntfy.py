"""ntfy, as Debian 13 ships it: a push server of UnifiedPush that other people wrote."""

import base64
import json
import os
import socket
import ssl
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from cryptography.hazmat.primitives.asymmetric import ec

from procall_mobility.protocols.push.web_push_encryption import public_octets, unseal
from tests.daemon import PATIENCE, ROOT
from tests.ports import free_port
from tests.smoke.daemons import PASSWORD, Daemons

NTFY = ROOT / "tests/interop/push/ntfy/usr/bin/ntfy"
"""Where `make interop` has unpacked it."""

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not NTFY.exists(), reason="Debian 13's ntfy could not be fetched"),
]


@define
class Town:
    """The daemon, and a push server whose address people's applications tell."""

    daemons: Daemons
    port: int

    def endpoint(self) -> str:
        return f"https://localhost:{self.port}/up{uuid.uuid4().hex[:20]}?up=1"

    def posts(self, token: str, kind: str = "chat") -> dict[str, Any]:
        """Have one message sent, and return what became of it."""
        told = {"channel": "up.demo", "token": token, "kind": kind, "payload": {"data": "sealed"}}
        shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.daemons.http}/push/v1/messages",
            json.dumps({"messages": [told]}).encode(),
            {"authorization": f"Basic {shown}", "prefer": "wait=10"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            result: dict[str, Any] = json.load(answer)["results"][0]
        self.daemons.until(lambda: self.became(result, shown) != "queued")
        return {**result, "status": self.became(result, shown)}

    def became(self, result: dict[str, Any], shown: str) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.daemons.http}/push/v1/messages/{result['id']}",
            headers={"authorization": f"Basic {shown}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            status: str = json.load(answer)["status"]
            return status

    def kept(self, endpoint: str) -> list[bytes]:
        """Return what the push server holds for an application's topic."""
        topic = endpoint.partition("?")[0]
        context = ssl.create_default_context(cafile=str(self.daemons.folder / "ca.pem"))
        with urllib.request.urlopen(
            f"{topic}/json?poll=1", timeout=PATIENCE, context=context
        ) as answer:
            told = [json.loads(line) for line in answer.read().splitlines()]
        return [
            base64.b64decode(each["message"])
            if each.get("encoding") == "base64"
            else each["message"].encode()
            for each in told
        ]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(Daemons(tmp_path_factory.mktemp("ntfy")), free_port())
    daemons, folder = made.daemons, made.daemons.folder
    daemons.prepare()
    with daemons.settings.open("a") as settings:
        settings.write(f'[push]\nauthorities = "{folder}/ca.pem"\n')
        settings.write('endpoints_inside = ["localhost"]\n')
    key = folder / "vapid.pem"
    daemons.must("push", "app", "key", str(key))
    daemons.must("push", "app", "add", "up.demo", "--provider", "webpush", "--credential-file",
                 str(key), "--subject", "mailto:push@example.com")  # fmt: skip
    try:
        daemons.processes.append(ntfy(folder, made.port))
        daemons.until(lambda: listens(made.port))
        daemons.start_daemon()
        yield made
    finally:
        daemons.stop()


def ntfy(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    settings = folder / "ntfy.yml"
    settings.write_text(
        f"base-url: https://localhost:{port}\n"
        f"listen-http: 127.0.0.1:{free_port()}\n"
        f"listen-https: 127.0.0.1:{port}\n"
        f"cert-file: {folder}/certificate.pem\n"
        f"key-file: {folder}/key.pem\n"
        f"cache-file: {folder}/ntfy.sqlite\n"
        f"log-file: {folder}/ntfy.log\n"
    )
    return subprocess.Popen([NTFY, "serve", "--config", settings])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_bare_endpoint_of_older_applications_gets_the_message(town: Town) -> None:
    endpoint = town.endpoint()
    assert town.posts(endpoint)["status"] == "sent"
    (message,) = town.kept(endpoint)
    assert json.loads(message)["data"] == "sealed"


def test_a_subscription_gets_what_its_application_alone_can_read(town: Town) -> None:
    """ntfy answers 200 where RFC 8030 has 201."""
    endpoint, key, secret = (
        town.endpoint(),
        ec.generate_private_key(ec.SECP256R1()),
        os.urandom(16),
    )
    keys = {"p256dh": text(public_octets(key.public_key())), "auth": text(secret)}
    token = json.dumps({"endpoint": endpoint, "keys": keys})
    assert town.posts(token, "avnewcall")["status"] == "sent"
    (message,) = town.kept(endpoint)
    told = json.loads(unseal(message, key, secret))
    assert (told["kind"], told["data"]) == ("avnewcall", "sealed")


def test_those_with_and_without_a_credential_have_a_lane_each(town: Town) -> None:
    lanes = town.daemons.facts("push", "lanes")
    found = [each for each in lanes if str(town.port) in each["lane"]]
    counted = [(each["sent"], each["rejected"], each["trouble"]) for each in found]
    assert counted == [(1, 0, None)] * 2


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
