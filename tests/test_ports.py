"""Ports that tests get are free, the kernel's to nobody, and given once."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import CHOICE, LOCAL_RANGE, free_port, give, outside_of

ROOT = Path(__file__).parents[1]


def test_no_port_is_given_twice() -> None:
    ports = [free_port() for _ in range(100)]
    assert len(set(ports)) == 100


def test_ports_are_not_those_the_kernel_gives() -> None:
    first, last = map(int, LOCAL_RANGE.read_text().split())
    assert not any(first <= free_port() <= last for _ in range(100))
    assert outside_of(CHOICE[1], CHOICE[-2]) == [CHOICE[0], CHOICE[-1]]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["TCP", "UDP"])
@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_port_in_use_is_passed_over(
    family: socket.AddressFamily, kind: socket.SocketKind, host: str
) -> None:
    with socket.socket(family, kind) as holder:
        holder.bind((host, 0))
        port = holder.getsockname()[1]
        assert list(give([port])) == []


def test_another_run_beside_this_one_gets_others() -> None:
    mine = free_port()
    program = f"from tests.ports import give; print(list(give([{mine}])))"
    beside = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert beside.stdout == "[]\n"
