"""`make bench-push-isolation`: what calls by one lane feel of others that are dead and slow.

    .venv/bin/python -m bench.push_isolation [--rounds 5] [--seconds 10] [--folder DIRECTORY]

A customer's server posts calls to devices of three providers, so many each second.  In one half of
the rounds Google refuses connections and Huawei takes three seconds for each answer.  What is told
is how long calls to Apple's devices take from there to Apple: the figures of rounds with trouble
are ours, those of rounds without it the peer's.

Each round, with trouble or without, begins in the same place: everything that waited has gone out,
all providers have been well for a while, and calls went to all of them a moment ago.  For what was
kept from one that is well again comes all at once, and it is the simulators, which share what is
left of the machine with the load, that have the most work with it.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define

from bench.figures import Case, report
from bench.interpreter import environment, interpreter
from bench.push_load import PASSWORD, SHOWN, UCSID, percentile
from bench.push_sides import PATIENCE, REST_CORE, SETTINGS, Side
from examples.uc_demo.authority import make_certificates
from procall_mobility.operations import admin_client

PORTS = {"apns": 24_595, "fcm": 24_596, "hms": 24_597, "control": 24_598}
PORT, TLS_PORT = 24_480, 24_483
RATE = 50.0
"""Calls a second to the devices of each provider."""
SLOW = 3.0
"""Seconds for an answer."""
WARM_UP = 3.0
"""Seconds of calls before each round that are not measured."""
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

    def settle(self) -> None:
        """Wait until nothing waits, and no lane is in trouble any more."""
        until = time.monotonic() + PATIENCE
        while any(self._is_busy(each) for each in self._lanes()):
            if time.monotonic() > until:
                raise TimeoutError(f"lanes are not well again: {self._lanes()}")
            time.sleep(0.1)

    def _lanes(self) -> list[dict[str, Any]]:
        lanes: list[dict[str, Any]] = admin_client.ask(self.folder / "admin.sock", "push-lanes")
        return lanes

    @staticmethod
    def _is_busy(lane: dict[str, Any]) -> bool:
        return bool(lane["waiting"] or lane["in_flight"] or lane["trouble"])

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
            cases = measured(
                play=lambda seconds: one_round(providers, seconds),
                trouble=lambda is_on: trouble(providers, is_on=is_on),
                settle=gateway.settle,
                rounds=chosen.rounds,
                seconds=chosen.seconds,
            )
            report("push_isolation", cases)
        finally:
            gateway.stop()
            providers.stop()


def measured(
    *,
    play: Callable[[float], list[float]],
    trouble: Callable[[bool], None],
    settle: Callable[[], None],
    rounds: int,
    seconds: float,
) -> list[Case]:
    """Return the cases.

    Args:
        play: has calls made for so many seconds; returns the milliseconds they took.
        trouble: lets providers be in trouble, or well again.
        settle: waits until nothing is left of a trouble.
        rounds: how many of both kinds.
        seconds: how long a round lasts.
    """
    cases = [Case(f"calls beside trouble p{share}", "ms", "no trouble") for share in (50, 99)]
    for number in range(rounds):
        # First one and then the other goes first: what drifts is nobody's advantage.
        took: dict[bool, list[float]] = {}
        for is_on in (False, True) if number % 2 == 0 else (True, False):
            settle()
            play(WARM_UP)
            if is_on:
                trouble(True)
            took[is_on] = play(seconds)
            if is_on:
                trouble(False)
        for case, share in zip(cases, (0.5, 0.99), strict=True):
            case.ours.append(percentile(took[True], share))
            case.theirs.append(percentile(took[False], share))
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
