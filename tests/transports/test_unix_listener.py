"""The admin socket: its owner's alone, replaced when it was left behind, passed on whole."""

import os
import resource
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs

from procall_mobility.transports.listening import ListenError
from procall_mobility.transports.unix_listener import UnixListener, bound_unix

PEER = struct.Struct("3i")
"""`struct ucred` of unix(7)."""


class Reactor(MemoryReactorClock):
    """Takes connections over as a real reactor does: by a descriptor of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[socket.socket] = []

    def adoptStreamConnection(self, descriptor: int, family: int, factory: object) -> None:
        self.taken.append(socket.socket(fileno=os.dup(descriptor)))

    def read(self) -> None:
        for reader in list(self.getReaders()):
            reader.doRead()

    def close(self) -> None:
        for each in self.taken:
            each.close()


@define
class Stage:
    path: Path
    reactor: Reactor = field(factory=Reactor)

    def listener(self, **others: object) -> UnixListener:
        return UnixListener(self.reactor, str(self.path), ServerFactory(), **others)

    def call(self) -> socket.socket:
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(str(self.path))
        return caller


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "run" / "admin.sock")


OPENS = """\
import socket, sys
sock = socket.socket(fileno=int(sys.argv[1]))
sock.bind(sys.argv[2])
sock.listen()
"""


def test_whoever_asks_sees_who_serves_and_not_who_opened_the_socket(stage: Stage) -> None:
    """systemd has, or the daemon before a hand-over; `doctor` looks at whoever answers."""
    stage.path.parent.mkdir()
    passed = socket.socket(socket.AF_UNIX)
    passed.setblocking(False)
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", OPENS, str(passed.fileno()), str(stage.path)],
        pass_fds=[passed.fileno()],
        check=True,
    )
    service = stage.listener(bind=lambda _: passed)

    def serves() -> int:
        with stage.call() as caller:
            told = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
        return PEER.unpack(told)[0]

    service.open()
    assert serves() != os.getpid(), "it is another's still"
    service.startService()
    assert serves() == os.getpid()
    service.stopService()
    stage.reactor.close()


def test_the_socket_is_its_owners_alone(stage: Stage) -> None:
    service = stage.listener()
    assert service.address == str(stage.path)
    service.startService()
    assert stat.S_IMODE(stage.path.stat().st_mode) == 0o600
    service.stopService()
    assert not stage.path.exists()
    assert stage.reactor.getReaders() == []


def test_callers_are_handed_to_the_reactor(stage: Stage) -> None:
    service = stage.listener()
    service.startService()
    with stage.call() as one, stage.call() as other:
        stage.reactor.read()
        assert len(stage.reactor.taken) == 2
        stage.reactor.taken[0].send(b"hello")
        assert {one.recv(5, socket.MSG_DONTWAIT) or other.recv(5)} == {b"hello"}
    service.stopService()
    stage.reactor.close()


def test_it_may_be_open_before_anybody_is_answered(stage: Stage) -> None:
    """Whoever calls meanwhile waits."""
    service = stage.listener()
    service.open()
    service.open()
    (sock,) = service.sockets
    with stage.call():
        assert stage.reactor.getReaders() == []
        service.startService()
        assert service.sockets == (sock,)
        stage.reactor.read()
        assert len(stage.reactor.taken) == 1
    service.stopService()
    assert service.sockets == ()
    stage.reactor.close()


def test_whoever_has_the_socket_too_keeps_its_path(stage: Stage) -> None:
    """A hand-over: the next daemon answers there already."""
    service = stage.listener()
    service.startService()
    (sock,) = service.sockets
    with sock.dup() as passed_on:
        service.let_go()
        service.let_go()
        with stage.call():
            passed_on.setblocking(True)
            passed_on.accept()[0].close()


def test_a_path_that_is_a_socket_units_is_left_to_it(stage: Stage) -> None:
    service = stage.listener(is_ours=lambda _: False)
    service.startService()
    service.stopService()
    assert stage.path.is_socket()


def test_a_socket_that_a_killed_daemon_left_behind_is_replaced(stage: Stage) -> None:
    bound_unix(stage.path).close()
    service = stage.listener()
    service.startService()
    stage.call().close()
    service.stopService()


@pytest.mark.parametrize("what", ["daemon", "file"])
def test_what_is_somebody_elses_is_not_replaced(stage: Stage, what: str) -> None:
    stage.path.parent.mkdir()
    if what == "file":
        stage.path.write_text("precious")
        with pytest.raises(ListenError, match="another daemon does, or it is no socket"):
            stage.listener().startService()
        assert stage.path.read_text() == "precious"
        return
    with (
        bound_unix(stage.path),
        pytest.raises(ListenError, match="another daemon does, or it is no socket"),
    ):
        stage.listener().startService()


def test_a_path_that_is_not_to_be_had_ends_the_start(stage: Stage) -> None:
    service = UnixListener(stage.reactor, "/proc/no/admin.sock", ServerFactory())
    with pytest.raises(ListenError, match=r"cannot listen on /proc/no/admin\.sock: No such file"):
        service.startService()
    service.stopService()


@pytest.fixture
def no_more_files() -> Iterator[Callable[[], None]]:
    """Have the system refuse any further descriptor."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def limit() -> None:
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_without_descriptors_callers_wait_a_second(
    stage: Stage, no_more_files: Callable[[], None]
) -> None:
    """The reactor would tell us again and again, and each time would be a line in the log."""
    service = stage.listener()
    service.startService()
    (door,) = stage.reactor.getReaders()
    assert door.logPrefix() == "admin" and door.fileno() == service.sockets[0].fileno()
    with stage.call(), capturedLogs() as logged:
        no_more_files()
        stage.reactor.read()
        assert [each["error"] for each in logged] == ["Too many open files"]
        assert stage.reactor.getReaders() == []
        stage.reactor.advance(1)
        assert stage.reactor.getReaders() == [door]
        stage.reactor.read()
        service.stopService()
    assert stage.reactor.getDelayedCalls() == []
    door.connectionLost()


def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path / ("x" * 108))
    with pytest.raises(ListenError, match=r"AF_UNIX path too long: choose a shorter one$"):
        stage.listener().open()
