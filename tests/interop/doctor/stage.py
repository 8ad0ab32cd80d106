"""A set-up of its own for each test, and the real `doctor` on it, as an operator runs it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from tests.daemon import ROOT
from tests.diagnosis.certificates import Authority
from tests.ports import free_port

PATIENCE = 180.0
"""Seconds for one run, most of whose own waits are for what does not answer."""

SETTINGS = """\
[service]
origin = "https://{host}:{tls}"
data = "{folder}/data"
[listen]
tls = ["127.0.0.1:{tls}"{more}]
[tls]
certificate = "{folder}/certificate.pem"
key = "{folder}/key.pem"
[connections]
total = {connections}
[turn]
udp = ["127.0.0.1:{turn}"{more_udp}]
tcp = []
tls = []
relay = ["127.0.0.1"]
[turn.limits]
allocations = 100
[log]
access = "{folder}/data/access.log"
service = "{folder}/data/service.log"
[store]
path = "{folder}/data/customers.sqlite"
[admin]
socket = "{folder}/data/admin.sock"
"""

ORDINARY = 65_534
"""`nobody`, who has nothing to do with any of this."""


@frozen
class Said:
    """What `doctor` has found."""

    status: int
    facts: dict[str, Any]

    @property
    def wrong(self) -> list[dict[str, str]]:
        return [each for each in self.facts["findings"] if each["state"] == "wrong"]

    @property
    def worse_than_ok(self) -> list[dict[str, str]]:
        return [each for each in self.facts["findings"] if each["state"] != "ok"]

    def one(self, reason: str) -> dict[str, str]:
        """Return the only finding for a reason."""
        (found,) = [each for each in self.facts["findings"] if each["reason"] == reason]
        return found


@define
class Stage:
    """One set-up; whole, until a test breaks it."""

    folder: Path
    host: str = "localhost"
    connections: int = 1000
    more: str = ""
    more_udp: str = ""
    tls: int = field(factory=free_port)
    turn: int = field(factory=free_port)
    authority: Authority = field(factory=Authority)

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def build(self) -> "Stage":
        """Write everything down."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.authority.write(self.folder / "ca.pem")
        self.authority.issue(self.folder, self.host)
        self.write_settings()
        return self

    def write_settings(self) -> None:
        self.settings.write_text(
            SETTINGS.format(
                folder=self.folder,
                host=self.host,
                tls=self.tls,
                turn=self.turn,
                more=self.more,
                more_udp=self.more_udp,
                connections=self.connections,
            )
        )

    def program(self, *arguments: str) -> list[str]:
        settings = str(self.settings)
        return [sys.executable, "-m", "procall_mobility.cli", "--config", settings, *arguments]

    def doctor(
        self,
        *options: str,
        within: Sequence[str] = (),
        environment: dict[str, str] | None = None,
    ) -> Said:
        """Run it; `within` is a command that runs another one, somewhere else."""
        asked = ["doctor", "--json", "--ca", str(self.folder / "ca.pem"), *options]
        done = subprocess.run(
            [*within, *self.program(*asked)],
            cwd=ROOT,
            env=_without_coverage() | (environment or {}),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode in (0, 1, 78), done.stderr
        return Said(done.returncode, json.loads(done.stdout))


def _without_coverage() -> dict[str, str]:
    """Ordinary users cannot write down what was covered."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def inside(script: str, *words: str) -> list[str]:
    """Return what runs a command in a network and with mounts of its own, after a shell script.

    The script has `words` as $1 and so on; what it starts ends with it.
    """
    assert shutil.which("unshare")
    after = f'shift {len(words)}; "$@"; status=$?; kill $(jobs -p) 2>/dev/null; wait; exit $status'
    whole = f"set -e\nip link set lo up\n{script}\nset +e\n{after}"
    return ["unshare", "--net", "--mount", "bash", "-c", whole, "bash", *words]


OPEN_THE_WAY = """\
closed=$1 prefix=$2
mkdir -p $3; mount --bind "$prefix" $3
mount -t tmpfs -o mode=755 none "$closed"
mkdir -p "$prefix"; mount --bind $3 "$prefix"
"""
"""Lets ordinary users run a Python that only root can come to, in a mount namespace of its own."""


def as_ordinary_user(folder: Path) -> list[str]:
    """Return what runs a command as a user who may do nothing."""
    prefix = Path(sys.base_prefix)
    closed = [each for each in reversed(prefix.parents) if not each.stat().st_mode & 0o001]
    drop = ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups"]
    if not closed:
        return [*inside(""), *drop]
    beside = folder / "python"
    return [*inside(OPEN_THE_WAY, str(closed[0]), str(prefix), str(beside)), *drop]
