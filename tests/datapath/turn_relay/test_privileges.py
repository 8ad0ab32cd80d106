"""The program asks for no more than CAP_BPF and CAP_NET_ADMIN, and is quick without more."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.datapath.turn_relay.program import Program

ROOT = Path(__file__).parents[3]
CAP_NET_ADMIN, CAP_BPF = 1 << 12, 1 << 39


def alone(*capabilities: str) -> dict[str, Any]:
    """Load and try the program in a process that has these capabilities and no others."""
    wanted = ",".join(["-all", *(f"+{name}" for name in capabilities)])
    done = subprocess.run(
        ["setpriv", f"--bounding-set={wanted}", "--inh-caps=-all",
         sys.executable, "-m", "tests.datapath.turn_relay.alone"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.fixture(scope="module")
def seen(loaded_program: Program) -> dict[str, Any]:
    return alone("bpf", "net_admin")


def test_two_capabilities_are_enough(seen: dict[str, Any]) -> None:
    """So the daemon needs neither CAP_PERFMON nor CAP_SYS_ADMIN."""
    assert seen["capabilities"] == CAP_NET_ADMIN | CAP_BPF
    assert seen["relayed"] == [True] * 4


@pytest.mark.parametrize("only", ["bpf", "net_admin"])
def test_one_is_not_enough(loaded_program: Program, only: str) -> None:
    assert "cannot be loaded" in alone(only)["refused"]


def test_it_stays_small(seen: dict[str, Any]) -> None:
    """Of the million instructions that the kernel is willing to look at."""
    assert seen["instructions"] < 2500
    assert seen["verified"] < 20_000


def test_hardly_any_barriers_are_put_into_it(seen: dict[str, Any]) -> None:
    """Some twenty are where packets seldom come; each one elsewhere costs half a look-up."""
    assert seen["barriers"] <= 24
