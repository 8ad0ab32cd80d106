"""What test runs cannot show, as the kernel does not let them pretend it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.datapath.turn_relay.program import Program

ROOT = Path(__file__).parents[3]


def test_a_frame_of_a_vlan_passes_up(loaded_program: Program) -> None:
    """D18: its tag stands beside the packet, which looks like any other; that one is relayed."""
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.datapath.turn_relay.on_a_device"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if "refused" in told:
        pytest.skip(f"a program cannot be attached here: {told['refused']}")
    assert told["seen"] == [[[1, 4, 0, 0], {"tagged": 1}]] * 2
