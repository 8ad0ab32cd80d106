"""systemd keeps our sockets over a restart (FDSTORE in sd_notify(3))."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility.operations.descriptor_store import DescriptorStore
from procall_mobility.operations.systemd import Voice


class Systemd:
    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        self.socket.setblocking(False)

    def heard(self) -> list[tuple[str, list[int]]]:
        """What was told, each with the inodes of the sockets that came with it."""
        messages = []
        while True:
            try:
                text, descriptors, _, _ = socket.recv_fds(self.socket, 1000, 10)
            except BlockingIOError:
                return messages
            inodes = [os.fstat(each).st_ino for each in descriptors]
            for each in descriptors:
                os.close(each)
            messages.append((text.decode(), inodes))


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    played = Systemd(tmp_path / "notify")
    yield played
    played.socket.close()


def kept(name: str, sock: socket.socket) -> tuple[str, list[int]]:
    return f"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", [os.fstat(sock.fileno()).st_ino]


def dropped(name: str) -> tuple[str, list[int]]:
    return f"FDSTOREREMOVE=1\nFDNAME={name}", []


def test_each_socket_is_kept_once_by_its_name(systemd: Systemd) -> None:
    store = DescriptorStore(Voice(systemd.address))
    with socket.socket() as one, socket.socket() as other:
        store.keep({"one": one, "other": other})
        assert systemd.heard() == [kept("one", one), kept("other", other)]
        store.keep({"one": one, "other": other})
        assert systemd.heard() == []


def test_ports_that_were_closed_are_kept_no_more(systemd: Systemd) -> None:
    store = DescriptorStore(Voice(systemd.address))
    with socket.socket() as one, socket.socket() as other:
        store.keep({"one": one, "other": other})
        systemd.heard()
        store.keep({"other": other})
        assert systemd.heard() == [dropped("one")]
        store.drop(["from before"])
        assert systemd.heard() == [dropped("from before")]


def test_a_port_that_was_opened_anew_replaces_the_one_before(systemd: Systemd) -> None:
    store = DescriptorStore(Voice(systemd.address))
    with socket.socket() as before, socket.socket() as after:
        store.keep({"one": before})
        systemd.heard()
        store.keep({"one": after})
        assert systemd.heard() == [dropped("one"), kept("one", after)]


def test_without_systemd_nothing_happens() -> None:
    store = DescriptorStore(Voice(None))
    with socket.socket() as one:
        store.keep({"one": one})
    store.drop(["one"])
