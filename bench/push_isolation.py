"""`make bench-push-isolation`: what calls by one lane feel of others that are dead and slow.

    .venv/bin/python -m bench.push_isolation [--rounds 5] [--seconds 10] [--folder DIRECTORY]

A customer's server posts calls to devices of three providers, so many each second.  In every other
round Google refuses connections and Huawei takes three seconds for each answer.  What is told is
how long calls to Apple's devices take from there to Apple: the figures of rounds with trouble are
ours, those of rounds without it the peer's.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from attrs import define

from bench.figures import Case, report
from bench.interpreter import environment, interpreter
from bench.push_load import PASSWORD, SHOWN, UCSID, percentile
from bench.push_sides import PATIENCE, REST_CORE, SETTINGS, Side
from examples.uc_demo.authority import make_certificates

PORTS = {"apns": 24_595, "fcm": 24_596, "hms": 24_597, "control": 24_598}
PORT, TLS_PORT = 24_480, 24_483
RATE = 50.0
"""Calls a second to the devices of each provider."""
SLOW = 3.0
"""Seconds for an answer."""
AT_ONCE = 1000
"""Arrivals that the simulators tell at a time."""

TOKENS = {"apns": "ab" * 32, "fcm": "android:" + "x" * 140, "hms": "huawei-" + "y" * 60}


@define
class Providers(Side):
    """The simulators of all providers."""

    def core(self) -> str:
        """Keep out of the gateway's way."""
        return REST_CORE

    def command(self) -> list[str]:
        """Start them."""
        ports = [word for name, port in PORTS.items() for word in (f"--{name}", str(port))]
        folder = ["--folder", str(self.folder), "--token-updates", "1000"]
        return [sys.executable, "-m", "examples.push_simulators", *folder, *ports]

    def _is_up(self) -> bool:
        # What it is told with is written last.
        return (self.folder / "simulators.json").exists() and super()._is_up()

    def ask(self, path: str, said: dict[str, Any] | None = None) -> Any:
        """Ask at their control interface."""
        request = urllib.request.Request(f"http://127.0.0.1:{PORTS['control']}/{path}")
        if said is not None:
            request.data = json.dumps(said).encode()
            request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def arrivals(self, provider: str, after: int) -> dict[str, float]:
        """Return when calls came to a provider, for the first time."""
        found: dict[str, float] = {}
        while told := self.ask(f"arrivals?provider={provider}&after={after}&most={AT_ONCE}"):
            after = told[-1]["number"]
            for each in told:
                found.setdefault(each["id"], each["at"])
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """The credentials that are right."""
        facts: dict[str, Any] = json.loads((self.folder / "simulators.json").read_text())
        return facts


@define
class Gateway(Side):
    """Our daemon with an application at each of three providers."""

    providers: Providers

    def prepare(self) -> None:
        """Make settings, a customer and the applications."""
        facts = self.providers.facts
        make_certificates(self.folder)
        hosts = "".join(f'{name} = "127.0.0.1:{PORTS[name]}"\n' for name in ("fcm", "hms"))
        hosts += f'hms_tokens = "127.0.0.1:{PORTS["hms"]}"\n'
        settings = SETTINGS.format(
            folder=self.folder, tls=TLS_PORT, port=self.port, apns=PORTS["apns"], ca=facts["ca"]
        ).replace("[push.limits]", f"{hosts}[push.limits]")
        (self.folder / "settings.toml").write_text(settings)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)
        self._tell("customer", "add", UCSID, "--password-file", str(password))
        secret = self.folder / "huawei.json"
        secret.touch(mode=0o600)
        told = Path(facts["hms"]["secret"]).read_text().strip()
        secret.write_text(json.dumps({"client_id": facts["hms"]["app"], "client_secret": told}))
        apns = facts["apns"]
        self._add("apns", apns["key"], "--topic", apns["topic"], "--team", apns["team"],
                  "--key-id", apns["key_id"], "--title", "Bench")  # fmt: skip
        self._add("fcm", facts["fcm"]["service_account"])
        self._add("hms", str(secret), "--system", "android", "--title", "Bench", "--body", "New",
                  "--may-ring", "yes")  # fmt: skip

    def command(self) -> list[str]:
        """Run the daemon."""
        return [*self._cli(), "run"]

    def _add(self, provider: str, file: str, *more: str) -> None:
        kind = ("--provider", provider, "--credential-file", file)
        self._tell("push", "app", "add", provider, *kind, *more)

    def _tell(self, *command: str) -> None:
        env = environment()
        subprocess.run([*self._cli(), *command], check=True, capture_output=True, env=env)

    def _cli(self) -> list[str]:
        settings = str(self.folder / "settings.toml")
        return [interpreter(), "-m", "procall_mobility.cli", "--config", settings]


def main() -> None:
    """Measure, and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.push_isolation")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="of a round")
    parser.add_argument("--folder", type=Path, help="on the disk to measure; kept")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="push-isolation-") as made:
        folder = chosen.folder or Path(made)
        (folder / "providers").mkdir(parents=True, exist_ok=True)
        (folder / "gateway").mkdir(exist_ok=True)
        providers = Providers("providers", folder / "providers", PORTS["control"])
        gateway = Gateway("gateway", folder / "gateway", PORT, providers)
        try:
            providers.start()
            gateway.prepare()
            gateway.start()
            report("push_isolation", measured(providers, chosen.rounds, chosen.seconds))
        finally:
            gateway.stop()
            providers.stop()


def measured(providers: Providers, rounds: int, seconds: float) -> list[Case]:
    """Return the cases."""
    cases = [Case(f"calls beside trouble p{share}", "ms", "no trouble") for share in (50, 99)]
    one_round(providers, 2.0)
    for _ in range(rounds):
        well = one_round(providers, seconds)
        trouble(providers, is_on=True)
        beside = one_round(providers, seconds)
        trouble(providers, is_on=False)
        for case, share in zip(cases, (0.5, 0.99), strict=True):
            case.ours.append(percentile(beside, share))
            case.theirs.append(percentile(well, share))
    return cases


def trouble(providers: Providers, *, is_on: bool) -> None:
    """Let one provider be dead and another slow, or both be well again."""
    dead = {"reception": "refuse", "cut": True} if is_on else {"reception": "welcome"}
    providers.ask("conduct", {"provider": "fcm", **dead})
    providers.ask("conduct", {"provider": "hms", "latency": SLOW if is_on else 0})


def one_round(providers: Providers, seconds: float) -> list[float]:
    """Return the milliseconds that calls took to Apple."""
    before = providers.ask("state")["last"]
    sent: dict[str, dict[str, float]] = {name: {} for name in TOKENS}
    threads = [
        threading.Thread(target=post_calls, args=(name, seconds, said))
        for name, said in sent.items()
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    wanted = sent["apns"]
    until = time.monotonic() + PATIENCE
    while wanted.keys() - (arrived := providers.arrivals("apns", before)).keys():
        if time.monotonic() > until:
            raise TimeoutError("calls did not arrive")
        time.sleep(0.1)
    return [1000.0 * (arrived[name] - at) for name, at in wanted.items()]


def post_calls(channel: str, seconds: float, sent: dict[str, float]) -> None:
    """Post calls one by one, at their times; `sent` gets when each was posted."""
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
    headers = {"authorization": SHOWN, "content-type": "application/json"}
    begun = time.monotonic()
    for number in range(int(seconds * RATE)):
        time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
        name = str(uuid.uuid4())
        message = {"id": name, "channel": channel, "token": TOKENS[channel], "kind": "avnewcall",
                   "payload": {"data": "x" * 200}}  # fmt: skip
        body = json.dumps({"ucsid": UCSID, "messages": [message]})
        sent[name] = time.time()
        line.request("POST", "/push/v1/messages", body, headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != http.client.ACCEPTED:
            raise OSError(f"a call was not accepted: {answer.status}")


if __name__ == "__main__":
    main()
