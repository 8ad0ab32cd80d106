"""Privileges are needed at start only: then the daemon drops them, and goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from procall_mobility.datapath.kernel import PRIVILEGES, KernelRelay
from tests.datapath.namespace import Namespace

ROOT = Path(__file__).parents[2]

DROPS = """
import os, re
from pathlib import Path
from socket import if_nametoindex
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.kernel import KernelRelay, Sizes
from procall_mobility.datapath.libbpf import libbpf
from procall_mobility.datapath.routes import Routes
from tests.datapath.maps import entries
from tests.datapath.stage import Stage, packed

sizes = Sizes(channels=8, allocations=8)
relay = KernelRelay(libbpf(), sizes)
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
held = re.search(r"CapEff:\\s*(\\w+)", Path("/proc/self/status").read_text())[1]
assert int(held, 16) == 0, held

stage = Stage(relay.maps, rate=1e6)
stage.table.enabled = True
channel = stage.carried()
assert len(entries(relay.maps)) == 2 and stage.table.enabled
stage.put(channel, 900)
assert stage.relays(channel, sent=100, received=200)
stage.after(1)
stage.table.release(channel.relay.allocation)
assert channel.relay.allocation.carried_octets == 300
assert entries(relay.maps) == {}
stage.table.enabled = False

routes = Routes()
routes.find(packed("198.51.100.7"), None, 0.0)
routes.has_changed()
routes.close()

relay.detach(relay.attach(if_nametoindex("up0"), "up0"))
try:
    KernelRelay(libbpf(), sizes)
except CannotCarry as error:
    print(error)
relay.close()
"""


STARTS = """
import re
from pathlib import Path
from procall_mobility.datapath.kernel import Sizes
from procall_mobility.datapath.path import open_path

held = re.search(r"CapEff:\\s*(\\w+)", Path("/proc/self/status").read_text())[1]
assert int(held, 16).bit_count() == 2, held
print(open_path("kernel", names=[], hosts=["0.0.0.0"], sizes=Sizes(channels=8, allocations=8)).why)
"""


def test_without_any_privilege_it_goes_on(network: Namespace, kernel: KernelRelay) -> None:
    """Updates, deletes, the switch, counters, routes, and interfaces that come later.

    Only loading is over.
    """
    ran = network.call(lambda: _run([sys.executable, "-c", DROPS]))
    assert ran.stderr == ""
    (loading,) = ran.stdout.splitlines()
    assert loading.startswith("the program cannot be loaded") and loading.endswith(PRIVILEGES)


def test_two_capabilities_are_enough_to_start(network: Namespace, kernel: KernelRelay) -> None:
    """Loaded, tried and attached; CAP_PERFMON and root's other powers are not needed."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not there: apt install util-linux")
    command = ["setpriv", "--bounding-set=-all,+bpf,+net_admin", sys.executable, "-c", STARTS]
    ran = network.call(lambda: _run(command))
    assert (ran.stdout, ran.stderr) == (
        "the kernel relays media of bound channels that come in by up0\n", ""
    )  # fmt: skip


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    # What they run cannot be noted: who has no privilege may not write where we do.
    named = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment = {**named, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
