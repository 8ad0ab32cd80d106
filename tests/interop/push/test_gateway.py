"""The whole push gateway: a customer's server posts, and a strict simulator of each provider, over
real HTTP/2 and TLS, has it a moment later.
"""

import base64
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from examples.uc_demo.authority import make_certificates
from tests.daemon import PATIENCE
from tests.interop.push.running import Running, running_simulators
from tests.smoke.daemons import Daemons

pytestmark = pytest.mark.interop

PASSWORD = "a-password-of-acme's"
IPHONE, ANDROID = "c0ffee" * 10 + "cafe", "android:" + "x" * 140


@define
class Town:
    """The daemon, and the providers."""

    daemons: Daemons
    providers: Running

    def posts(self, *messages: dict[str, Any], wait: int = 10) -> tuple[int, list[dict[str, Any]]]:
        body = json.dumps({"ucsid": "acme", "messages": messages}).encode()
        status, told = self.asks("POST", "messages", body, prefer=f"wait={wait}")
        return status, told["results"]

    def asks(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        shown = base64.b64encode(f"acme:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.daemons.http}/push/v1/{path}", body,
            {"authorization": f"Basic {shown}", **headers}, method=method,
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def became(self, message: dict[str, Any]) -> str:
        status: str = self.asks("GET", f"messages/{message['id']}")[1].get("status", "unknown")
        return status

    def arrived(self, provider: str) -> list[str]:
        return [each["id"] for each in self.providers.pushes(provider) if each["done"]]


def message(channel: str, token: str, kind: str = "chat", **members: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "channel": channel, "token": token, "kind": kind,
            "payload": {"enc": "aes128", "data": "c2VhbGVk"}, **members}  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("push")
    # A daemon that is started again signs no other token than before.
    with running_simulators(folder / "providers", "--token-updates", "1") as providers:
        made = Town(Daemons(folder), providers)
        try:
            begin(made)
            yield made
        finally:
            made.daemons.stop()


def begin(town: Town) -> None:
    """Start the daemon with a customer and two applications."""
    daemons, facts = town.daemons, town.providers.facts
    make_certificates(daemons.folder)
    daemons.write_settings()
    hosts = {
        "apns": facts["apns"]["production"],
        "apns_sandbox": facts["apns"]["sandbox"],
        "fcm": facts["fcm"]["origin"],
    }
    with daemons.settings.open("a") as settings:
        settings.write(f'[push]\nauthorities = "{facts["ca"]}"\n[push.hosts]\n')
        for name, origin in hosts.items():
            settings.write(f'{name} = "{origin.removeprefix("https://")}"\n')
    password = daemons.folder / "password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD)
    apns = facts["apns"]
    does(town, "customer", "add", "acme", "--password-file", str(password))
    does(town, "push", "app", "add", "ios.demo", "--provider", "apns", "--topic", apns["topic"],
         "--team", apns["team"], "--key-id", apns["key_id"], "--title", "Demo",
         "--environment", "both", "--credential-file", apns["key"])  # fmt: skip
    daemons.start_daemon()
    # The second one is registered while it runs.
    does(town, "push", "app", "add", "android.demo", "--provider", "fcm",
         "--credential-file", facts["fcm"]["service_account"])  # fmt: skip


def does(town: Town, *arguments: str) -> str:
    done = town.daemons.cli(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_call_rings_at_apple(town: Town) -> None:
    call = message("ios.demo", IPHONE, "avnewcall", voip=True, collapse="call-91")
    assert town.posts(call) == (202, [{"id": call["id"], "status": "sent"}])
    assert town.arrived("apns") == [call["id"]]


def test_a_chat_reaches_google_with_a_token_that_was_fetched(town: Town) -> None:
    chat = message("android.demo", ANDROID)
    assert town.posts(chat)[0] == 202
    town.daemons.until(lambda: town.became(chat) == "sent")
    assert len(town.arrived("fcm")) == 1


def test_every_lane_is_shown(town: Town) -> None:
    lanes = {each["lane"]: each for each in json.loads(does(town, "push", "lanes", "--json"))}
    apns = town.providers.facts["apns"]
    team = f"{apns['team']}.{apns['key_id']}"
    assert set(lanes) >= {f"apns:{team}", f"apns-sandbox:{team}", "fcm:demo-project"}
    assert [each["trouble"] for each in lanes.values()] == [None] * len(lanes)
    assert "fcm:demo-project" in does(town, "push", "lanes")
    assert "android.demo" in does(town, "push", "app", "list")


def test_the_token_of_an_application_that_is_gone_is_told(town: Town) -> None:
    gone = "dead" * 16
    town.providers.ask("devices", {"provider": "apns", "token": gone, "gone": True})
    town.providers.ask("devices", {"provider": "apns_sandbox", "token": gone, "gone": True})
    status, results = town.posts(message("ios.demo", gone))
    assert (status, results[0]["status"]) == (202, "token_gone")
    assert town.posts(message("ios.demo", gone))[0] == 410, "known by now"
    town.daemons.until(lambda: town.asks("GET", "feedback")[1]["feedback"])
    (dead,) = town.asks("GET", "feedback")[1]["feedback"]
    assert (dead["channel"], dead["token"]) == ("ios.demo", gone)


def test_a_credential_that_is_spoilt_costs_no_push(town: Town) -> None:
    """Neither while the daemon runs nor when it starts; once mended, it is taken over."""
    apns = town.providers.facts["apns"]
    key = town.daemons.folder / "spoilt.p8"
    key.write_bytes(Path(apns["key"]).read_bytes())
    does(town, "push", "app", "add", "ios.other", "--provider", "apns", "--topic", apns["topic"],
         "--team", apns["team"], "--key-id", apns["key_id"], "--title", "Demo",
         "--credential-file", str(key))  # fmt: skip
    town.providers.ask("script", {"provider": "apns", "silence": True, "token": IPHONE})
    chat = message("ios.other", IPHONE)
    assert town.posts(chat, wait=0)[0] == 202
    key.write_text("no key")
    (daemon,) = [each for each in town.daemons.processes if each.poll() is None]
    daemon.kill()
    daemon.wait(PATIENCE)
    town.providers.ask("forget", {})
    town.daemons.start_daemon()
    assert town.posts(message("ios.other", IPHONE))[0] == 503
    assert town.became(chat) == "queued"
    key.write_bytes(Path(apns["key"]).read_bytes())
    town.daemons.until(lambda: town.became(chat) == "sent")


def test_what_is_accepted_survives_kill_9_and_is_sent_by_the_next_daemon(town: Town) -> None:
    """Accepted means that no crash can lose it."""
    town.providers.ask("script", {"provider": "apns", "silence": True, "token": IPHONE})
    chats = [message("ios.demo", IPHONE) for _ in range(20)]
    status, results = town.posts(*chats, wait=0)
    assert (status, {each["status"] for each in results}) == (202, {"queued"})
    (daemon,) = [each for each in town.daemons.processes if each.poll() is None]
    daemon.kill()
    daemon.wait(PATIENCE)
    town.providers.ask("forget", {})
    town.daemons.start_daemon()
    town.daemons.until(lambda: all(town.became(each) == "sent" for each in chats))
    assert sorted(town.arrived("apns")) == sorted(each["id"] for each in chats)


def test_nothing_of_a_push_is_in_the_logs_or_readable_in_the_files(town: Town) -> None:
    """Searched octet for octet: tokens, payloads, passwords."""
    secrets = [IPHONE, ANDROID, "c2VhbGVk", PASSWORD]
    for file in town.daemons.folder.iterdir():
        if file.is_file() and file.name != "password":
            octets = file.read_bytes()
            for secret in secrets:
                assert secret.encode() not in octets, (file.name, secret)
