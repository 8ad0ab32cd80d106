"""The push simulators as the command starts them, and their control interface."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define

ROOT = Path(__file__).parents[3]
PATIENCE = 120.0
"""Seconds we wait for what must come, also on a machine that is busy with other things."""


@define
class Running:
    folder: Path
    process: "subprocess.Popen[str]"
    addresses: dict[str, str]

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.folder / "simulators.json").read_text())
        return facts

    def port(self, name: str) -> int:
        return int(self.addresses[name].rsplit(":", 1)[1])

    def ask(self, path: str, said: "dict[str, Any] | None" = None) -> Any:
        request = urllib.request.Request(f"{self.addresses['control']}{path}")
        if said is not None:
            request.data = json.dumps(said).encode()
            request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def pushes(self, provider: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        last = 0
        while page := self.ask(f"arrivals?provider={provider}&after={last}"):
            found += page
            last = page[-1]["number"]
        return [each for each in found if each["is_push"]]

    def until(self, is_so: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextmanager
def running_simulators(folder: Path, *options: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.push_simulators", "--folder", str(folder), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        addresses = json.loads(process.stdout.readline())
        addresses["control"] = addresses["control"].rstrip("/") + "/"
        yield Running(folder, process, addresses)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()
