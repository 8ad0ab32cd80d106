"""A daemon of a test's own: where it lives, what it is told, and the command beside it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import define
from click.testing import CliRunner, Result

from procall_mobility import cli

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0
"""Seconds we wait for what must come; a busy machine with two cores needs some."""

SETTINGS = """\
[service]
data = "{folder}"
[tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[log]
access = "{folder}/access.log"
service = "{folder}/service.log"
level = "debug"
[store]
path = "{folder}/customers.sqlite"
[admin]
socket = "{folder}/admin.sock"
[demo]
origin_from_request = true
"""
"""What does not depend on what is tested: everything is in one folder, and in the logs."""


@define
class Daemon:
    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    def program(self, *arguments: str) -> Sequence[str]:
        """Return the command as a program of its own: `run` becomes the daemon."""
        settings = str(self.settings)
        return [sys.executable, "-m", "procall_mobility.cli", "--config", settings, *arguments]

    def fails_to_run(self) -> "subprocess.CompletedProcess[str]":
        """Run it to its end, which comes at once."""
        return subprocess.run(
            self.program("run"), cwd=ROOT, capture_output=True, text=True, check=False
        )

    def cli(self, *arguments: str) -> Result:
        """Run the command; in this process, as there are hundreds of these."""
        return CliRunner().invoke(cli.main, ["--config", str(self.settings), *arguments])

    def must(self, *arguments: str) -> None:
        done = self.cli(*arguments)
        assert done.exit_code == 0, f"{arguments}: {done.output}"

    def facts(self, *arguments: str) -> Any:
        done = self.cli(*arguments, "--json")
        assert done.exit_code == 0, f"{arguments}: {done.output}"
        return json.loads(done.stdout)

    def is_up(self) -> bool:
        return self.cli("status").exit_code == 0

    def until(self, is_so: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            self.check()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def check(self) -> None:
        """Fail where there is nothing to be waited for any more."""

    def said(self) -> str:
        """Everything in its books, for a failure's message."""
        names = ("output", "service.log", "access.log")
        found = (self.folder / name for name in names)
        return "\n".join(path.read_text()[-3000:] for path in found if path.exists())
