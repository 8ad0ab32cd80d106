"""systemd keeps what the daemon has opened, and gives back what nobody wants (real sockets)."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from attrs import define

from procall_mobility.hand_over.socket_keeping import SocketKeeping
from procall_mobility.operations.descriptor_store import DescriptorStore
from procall_mobility.operations.systemd import Voice
from procall_mobility.transports.listening import bound_socket
from procall_mobility.transports.passed import Passed


class Spoken(Voice):
    def __init__(self) -> None:
        super().__init__(None)
        self.heard: list[str] = []

    def say(self, state: str, descriptors: Sequence[int] = ()) -> None:
        self.heard += [line for line in state.split("\n") if line.startswith("FD")]


@define
class Listener:
    sockets: tuple[socket.socket, ...]


@define
class House:
    listeners: list[Listener]

    def all_listeners(self) -> list[Listener]:
        return self.listeners


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def kept(name: str) -> list[str]:
    return ["FDSTORE=1", f"FDNAME={name}", "FDPOLL=0"]


def test_what_was_opened_here_is_kept_and_what_a_unit_has_is_not(
    stack: ExitStack, tmp_path: Path
) -> None:
    """A `.socket` unit keeps its own; and the admin socket's folder goes with the service."""
    units = [stack.enter_context(bound_socket("127.0.0.1", 0)) for _ in range(2)]
    name_of_all = "procall-mobility.socket"
    passed = Passed([(os.dup(each.fileno()), name_of_all) for each in units])
    taken = [stack.enter_context(passed.tcp(*each.getsockname())) for each in units]
    ours = stack.enter_context(passed.tcp("127.0.0.1", 0))
    admin = stack.enter_context(passed.unix(tmp_path / "admin.sock"))
    house, voice = House([Listener((*taken, ours)), Listener((admin,))]), Spoken()
    keeping = SocketKeeping(house, passed, DescriptorStore(voice))
    name = f"tcp-127.0.0.1-{ours.getsockname()[1]}"
    keeping.look()
    keeping.look()
    assert voice.heard == kept(name)
    assert keeping.sockets() == [
        (name_of_all, taken[0]),
        (name_of_all, taken[1]),
        (name, ours),
        ("unix-admin.sock", admin),
    ]
    house.listeners = [Listener((*taken,))]
    keeping.look()
    assert voice.heard[-2:] == ["FDSTOREREMOVE=1", f"FDNAME={name}"]


def test_what_was_kept_from_before_and_nobody_wants_is_given_back(stack: ExitStack) -> None:
    before = stack.enter_context(bound_socket("127.0.0.1", 0))
    passed = Passed([(os.dup(before.fileno()), "tcp-before")])
    voice = Spoken()
    SocketKeeping(House([]), passed, DescriptorStore(voice)).look()
    assert voice.heard == ["FDSTOREREMOVE=1", "FDNAME=tcp-before"]
