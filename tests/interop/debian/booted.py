"""systemd itself, in namespaces of its own in a root: what only it can show.

Where a machine gives no cgroup for that, it does not start; the played one has shown the rest.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from tests.interop.debian.root import ENVIRONMENT, Root

BOOT = Path(__file__).with_name("boot")
PATIENCE = 180.0
"""Seconds we wait for what must come."""
NAMESPACES = ("--mount", "--pid", "--cgroup", "--uts", "--ipc")


@frozen
class Booted(Root):
    """A root in which systemd runs as process `pid`; commands are run beside it."""

    pid: int

    def enter(self) -> list[str]:
        return ["nsenter", f"--target={self.pid}", *NAMESPACES, *super().enter()]

    def shows(self, unit: str, name: str) -> str:
        """Return a property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).strip()


def cgroups() -> Path | None:
    """Return where the tree of cgroups (version 2) is, if it is ours to change."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind == "cgroup2" and os.access(where, os.W_OK):
            return Path(where)
    return None


@contextlib.contextmanager
def booted(folder: Path) -> Iterator[Booted | None]:
    """Have systemd run in a root; None where it cannot."""
    above = cgroups()
    if above is None:
        yield None
        return
    group = above / f"procall-mobility-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        yield None
        return

    command = ["sh", "-c", 'echo 0 > "$1/cgroup.procs" && shift && exec "$@"', "join", str(group)]
    command += ["unshare", "--fork", "--kill-child", *NAMESPACES, str(BOOT), str(folder)]
    outer = subprocess.Popen(command, env=ENVIRONMENT)
    try:
        yield _reached(folder, outer)
    finally:
        outer.kill()
        outer.wait()
        _remove(group)


def _reached(folder: Path, outer: "subprocess.Popen[bytes]") -> Booted | None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and outer.poll() is None:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        if children:
            found = Booted(folder, int(children[0]))
            with contextlib.suppress(AssertionError):
                state = found.run("systemctl", "is-system-running", fine=(0, 1)).strip()
                if state in {"running", "degraded"}:
                    return found
        time.sleep(0.2)
    return None


def _remove(group: Path) -> None:
    """Remove a tree of cgroups, once what ran in it has ended."""
    deadline = time.monotonic() + PATIENCE
    while group.exists() and time.monotonic() < deadline:
        for above, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(above).rmdir()
        time.sleep(0.1)
