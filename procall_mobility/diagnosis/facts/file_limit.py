"""Finds out how many files may be open: of the daemon, of its unit, or of what we would start."""

import re
import resource
import subprocess
from pathlib import Path

from procall_mobility.composition.terms import turn_is_on
from procall_mobility.config import Settings
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.diagnosis.judgements.file_limit import LimitFacts, Whose

UNIT = "procall-mobility.service"
SYSTEMD = Path("/run/systemd/system")
PATIENCE = 5.0
"""Seconds for systemd's answer."""

_SOFT = re.compile(r"^Max open files +(\d+|unlimited)", re.MULTILINE)


def look_at_file_limit(settings: Settings, daemon: DaemonFacts) -> LimitFacts:
    """Look at the limit that counts."""
    connections = settings.connections.total
    relays = settings.turn.limits.allocations if turn_is_on(settings) else 0
    found = _of_process(daemon.pid)
    whose = Whose.DAEMON
    has_unit = False
    if found is None:
        found, has_unit = _of_unit()
        whose = Whose.UNIT
    if found is None:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        found = str(soft) if soft != resource.RLIM_INFINITY else "unlimited"
        whose = Whose.OURS
    return LimitFacts(
        limit=int(found) if found.isdigit() else None,
        whose=whose,
        connections=connections,
        relays=relays,
        has_unit=has_unit,
    )


def soft_limit(text: str) -> str | None:
    """Return the soft limit in the text of /proc/PID/limits: a number, or `unlimited`."""
    found = _SOFT.search(text)
    return found[1] if found else None


def _of_process(pid: int | None) -> str | None:
    if pid is None:
        return None
    try:
        return soft_limit(Path(f"/proc/{pid}/limits").read_text("utf-8"))
    except OSError:
        return None


def _of_unit() -> tuple[str | None, bool]:
    """Return the unit's limit, and whether there is one."""
    if not SYSTEMD.is_dir():
        return None, False
    command = ["systemctl", "show", UNIT, "--property=LoadState,LimitNOFILESoft"]
    try:
        done = subprocess.run(  # noqa: S603  # A program of the system's, of fixed arguments.
            command, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None, False
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    is_there = told.get("LoadState") == "loaded"
    limit = told.get("LimitNOFILESoft", "").replace("infinity", "unlimited")
    return (limit or None) if is_there else None, is_there
