"""After the start no privilege is left that loading needed; those of other purposes stay."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from procall_mobility.datapath.privileges import BPF, NET_ADMIN, PERFMON, give_up

ROOT = Path(__file__).parents[2]
NET_BIND_SERVICE = 10

SHOWS = """
import subprocess, sys
from procall_mobility.datapath.privileges import give_up
give_up()
give_up()
print(open("/proc/self/status").read())
sys.stdout.flush()
subprocess.run(["cat", "/proc/self/status"])
"""

NAMES = "bpf,+net_admin,+perfmon,+net_bind_service"


def sets(status: str) -> list[dict[str, set[int]]]:
    """Return the sets of capabilities of each process shown."""
    found: list[dict[str, set[int]]] = []
    for name, value in re.findall(r"Cap(Inh|Prm|Eff|Amb):\s*(\w+)", status):
        if name == "Inh":
            found.append({})
        found[-1][name] = {bit for bit in range(64) if int(value, 16) >> bit & 1}
    return found


def _as_systemd_starts_it(program: str) -> subprocess.CompletedProcess[str]:
    command = [
        "setpriv", "--reuid=65534", f"--inh-caps=-all,+{NAMES}", f"--ambient-caps=-all,+{NAMES}",
        f"--bounding-set=-all,+{NAMES}", sys.executable, "-c", program,
    ]  # fmt: skip
    # What they run cannot be noted: an ordinary user may not write where we do.
    named = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False,
        env={**named, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_an_ordinary_user_holds_nothing_of_it_any_more_nor_do_its_programs() -> None:
    """As systemd starts it: an unprivileged user with ambient capabilities."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("root and setpriv are needed: apt install util-linux")
    if _as_systemd_starts_it("pass").returncode:
        pytest.skip("ordinary users cannot run this Python; the distribution's own they can")
    ran = _as_systemd_starts_it(SHOWS)
    assert ran.stderr == ""
    ours, its_child = sets(ran.stdout)
    for each in (ours, its_child):
        assert not {BPF, NET_ADMIN, PERFMON} & set().union(*each.values())
        assert NET_BIND_SERVICE in each["Eff"] & each["Amb"]


def test_root_stays_what_it_is() -> None:
    if os.geteuid() != 0:
        pytest.skip("root is needed")
    before = Path("/proc/self/status").read_text()
    give_up()
    after = Path("/proc/self/status").read_text()
    assert sets(before) == sets(after)
