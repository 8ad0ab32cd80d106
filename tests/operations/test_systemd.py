"""systemd is told how far we are (sd_notify(3))."""

import socket
from pathlib import Path

import pytest

from procall_mobility.operations.systemd import (
    ALIVE,
    READY,
    STOPPING,
    notify,
    reloading,
    watchdog_period,
)


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_of_it(tmp_path: Path, abstract: bool) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name if abstract else name)
        listener.setblocking(False)
        notify("@" + name if abstract else name, READY)
        notify("@" + name if abstract else name, STOPPING)
        assert listener.recv(100) == b"READY=1"
        assert listener.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("address", [None, "", "/nowhere/notify"])
def test_without_systemd_nothing_happens(address: str | None) -> None:
    notify(address, READY)


def test_nobody_who_reads_holds_up_a_sign_of_life(tmp_path: Path) -> None:
    """The kernel keeps few messages; a daemon that waited for the reader would hang with it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"{tmp_path}/notify")
        for _ in range(10_000):
            notify(f"{tmp_path}/notify", ALIVE)
        assert listener.recv(100) == b"WATCHDOG=1"


def test_systemd_hears_since_when_files_are_read_again() -> None:
    """It tells this start of reading from one before (Type=notify-reload)."""
    assert reloading(12.5) == "RELOADING=1\nMONOTONIC_USEC=12500000"


def test_a_sign_of_life_is_given_twice_in_the_time_systemd_waits() -> None:
    assert watchdog_period({"WATCHDOG_USEC": "30000000"}, 7) == 15.0
    assert watchdog_period({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 7) == 15.0


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"},
    ],
)
def test_nobody_waits_for_a_sign_of_life(environment: dict[str, str]) -> None:
    """Switched off, not understood, or meant for the process that started us."""
    assert watchdog_period(environment, 7) is None
