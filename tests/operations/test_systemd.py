"""systemd is told how far we are (sd_notify(3))."""

import socket
from pathlib import Path

import pytest

from procall_mobility.operations.systemd import READY, STOPPING, notify


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
