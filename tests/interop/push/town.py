"""The whole daemon with the simulators of all providers beside it, and a customer's words.

Everything happens over real sockets, and in processes of their own.
"""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define

from examples.uc_demo.authority import make_certificates
from procall_mobility.gateway.push.pipeline import LONGEST_WAIT
from tests.daemon import PATIENCE
from tests.interop.push.running import Running, running_simulators
from tests.smoke.daemons import Daemons

PASSWORD = "a-password-of-acme's"
LONGEST_BACK_OFF = 60.0
"""Seconds until the daemon tries again to connect; most often it is one or two."""
IPHONE, ANDROID = "c0ffee" * 10 + "cafe", "android:" + "x" * 140


@define
class Town:
    """The daemon, and the providers."""

    daemons: Daemons
    providers: Running
    password: str = PASSWORD

    def posts(
        self, *messages: dict[str, Any], wait: int | None = None
    ) -> tuple[int, list[dict[str, Any]]]:
        """Post a batch, and return how each has ended; or with a `wait` just what is answered."""
        body = json.dumps({"ucsid": "acme", "messages": messages}).encode()
        prefer = f"wait={LONGEST_WAIT:.0f}" if wait is None else f"wait={wait}"
        status, told = self.asks("POST", "messages", body, prefer=prefer)
        results: list[dict[str, Any]] = told["results"]
        return status, [self.ended(each) for each in results] if wait is None else results

    def ended(self, result: dict[str, Any]) -> dict[str, Any]:
        """Wait for how a push ends where the daemon has not: it does so for two seconds."""
        if result["status"] != "queued":
            return result
        self.daemons.until(lambda: self.became(result) != "queued")
        return self.asks("GET", f"messages/{result['id']}")[1]

    def asks(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        shown = base64.b64encode(f"acme:{self.password}".encode()).decode()
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
        return [each["id"] for each in self.providers.pushes(provider) if each["done"] == "200"]

    def does(self, *arguments: str) -> str:
        """Have the command do something."""
        done = self.daemons.cli(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    def tries(self, channel: str, *options: str) -> str:
        """Have the command try a credential, again until there is a verdict; return what it says.

        There is none while connections are made, and when an answer takes ten seconds.
        """
        said: list[str] = []

        def is_judged() -> bool:
            said.append(self.daemons.cli("push", "app", "test", channel, *options).stdout)
            return "cannot tell" not in said[-1] and '"is_good": null' not in said[-1]

        self.daemons.until(is_judged)
        return said[-1]

    @property
    def daemon(self) -> "subprocess.Popen[bytes]":
        (running,) = [each for each in self.daemons.processes if each.poll() is None]
        return running

    def until(
        self, is_so: Callable[[], Any], within: float = LONGEST_BACK_OFF + 2 * PATIENCE
    ) -> None:
        """Wait for what comes after connections were refused for a while."""
        deadline = time.monotonic() + within
        while not is_so():
            assert time.monotonic() < deadline, self.daemons.said()
            time.sleep(0.05)

    def kill(self) -> None:
        """End the daemon as a failing machine does."""
        daemon = self.daemon
        daemon.kill()
        daemon.wait(PATIENCE)


def message(channel: str, token: str, kind: str = "chat", **members: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "channel": channel, "token": token, "kind": kind,
            "payload": {"enc": "aes128", "data": "c2VhbGVk"}, **members}  # fmt: skip


@contextmanager
def town_in(folder: Path, *options: str, more: str = "") -> Iterator[Town]:
    """Have a town; `options` are the simulators', `more` are lines of the daemon's settings."""
    with running_simulators(folder / "providers", *options) as providers:
        made = Town(Daemons(folder), providers)
        try:
            settle(made, more)
            yield made
        finally:
            made.daemons.stop()


def settle(town: Town, more: str = "") -> None:
    """Start the daemon with a customer and two applications."""
    daemons, facts = town.daemons, town.providers.facts
    make_certificates(daemons.folder)
    daemons.write_settings()
    with daemons.settings.open("a") as settings:
        settings.write(push_settings(facts, more))
    password = daemons.folder / "password"
    password.touch(mode=0o600)
    password.write_text(town.password)
    town.does("customer", "add", "acme", "--password-file", str(password))
    town.does(*at_apple("ios.demo", facts, "both"))
    daemons.start_daemon()
    # The second one is registered while it runs.
    town.does(*at_google("android.demo", facts))


def push_settings(facts: dict[str, Any], more: str = "") -> str:
    """Return settings by which the simulators are the providers."""
    hosts = {
        "apns": facts["apns"]["production"],
        "apns_sandbox": facts["apns"]["sandbox"],
        "fcm": facts["fcm"]["origin"],
        "hms": facts["hms"]["origin"],
        "hms_tokens": facts["hms"]["origin"],
        "wns": facts["wns"]["origin"],
        "wns_tokens": facts["wns"]["origin"],
    }
    said = "".join(f'{name} = "{host.removeprefix("https://")}"\n' for name, host in hosts.items())
    return f'[push]\nauthorities = "{facts["ca"]}"\n{more}[push.hosts]\n{said}'


def at_apple(channel: str, facts: dict[str, Any], environment: str) -> tuple[str, ...]:
    """Return the command that registers an application at Apple."""
    apns = facts["apns"]
    return ("push", "app", "add", channel, "--provider", "apns", "--topic", apns["topic"],
            "--team", apns["team"], "--key-id", apns["key_id"], "--title", "Demo",
            "--environment", environment, "--credential-file", apns["key"])  # fmt: skip


def at_google(channel: str, facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the command that registers one at Google."""
    account = facts["fcm"]["service_account"]
    return ("push", "app", "add", channel, "--provider", "fcm", "--credential-file", account)


def at_huawei(channel: str, facts: dict[str, Any], system: str, folder: Path) -> tuple[str, ...]:
    """Return the command that registers one at Huawei; a file of its client is made."""
    hms = facts["hms"]
    file = hms["service_account"]
    if system == "android":
        file = client_file(folder / "huawei.json", hms["app"], hms["secret"])
    return ("push", "app", "add", channel, "--provider", "hms", "--system", system,
            "--title", "Demo", "--body", "New", "--credential-file", file)  # fmt: skip


def at_microsoft(channel: str, facts: dict[str, Any], folder: Path) -> tuple[str, ...]:
    """Return the command that registers one at Microsoft; likewise."""
    wns = facts["wns"]
    file = client_file(folder / "microsoft.json", wns["sid"], wns["secret"])
    return ("push", "app", "add", channel, "--provider", "wns", "--credential-file", file)


def client_file(file: Path, client: str, secret: str) -> str:
    """Write what consoles show and give out no file of."""
    file.touch(mode=0o600)
    said = {"client_id": client, "client_secret": Path(secret).read_text().strip()}
    file.write_text(json.dumps(said))
    return str(file)
