"""Another daemon is started as this one was, with the sockets it gets (real processes)."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility.operations import starter, starting
from procall_mobility.operations.starting import NoStarterError, Starter

PROGRAM = """
import json, os, sys
told = {name: os.environ.get(name) for name in (
    "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "PROCALL_MOBILITY_HAND_OVER", "WATCHDOG_PID",
    "KEPT")}
inodes = {number: os.fstat(number).st_ino for number in (3, 4, 5)}
os.write(5, json.dumps([told, inodes, os.getpid(), os.getppid(), sys.argv[1:]]).encode())
"""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(10)
    with ours, theirs:
        yield ours, theirs


def test_the_program_gets_its_sockets_by_number(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """sd_listen_fds(3): from 3 on, with its own LISTEN_PID; then comes the channel.

    It is nobody's child, so that the service manager learns of its end.
    """
    monkeypatch.setenv("KEPT", "yes")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    descriptor, process = starting.launch([sys.executable, "-c", PROGRAM, "argument"])
    ours, theirs = pair
    environment = {starting.VARIABLE: str(descriptor)}
    with socket.socket() as one, socket.socket() as other:
        asking = Starter(environment)
        assert environment == {}, "nobody else shall ask"
        # What has the numbers of others is put aside first.
        asking.start(["a", "b"], [other.fileno(), one.fileno(), theirs.fileno()])
        told, inodes, pid, parent, arguments = json.loads(ours.recv(10_000))
        assert arguments == ["argument"]
        assert told == {
            "LISTEN_PID": str(pid),
            "LISTEN_FDS": "2",
            "LISTEN_FDNAMES": "a:b",
            "PROCALL_MOBILITY_HAND_OVER": "5",
            "WATCHDOG_PID": None,
            "KEPT": "yes",
        }
        expected = {
            str(number): os.fstat(sock.fileno()).st_ino
            for number, sock in enumerate((other, one, theirs), 3)
        }
        assert inodes == expected
        assert parent != process.pid
    asking.close()
    assert process.wait(10) == 0, "it ends with whom it serves"


def test_a_program_that_is_not_there_is_an_end_of_the_channel(
    pair: tuple[socket.socket, socket.socket], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    descriptor, process = starting.launch([str(tmp_path / "nothing")])
    asking = Starter({starting.VARIABLE: str(descriptor)})
    ours, theirs = pair
    asking.start([], [theirs.fileno()])
    theirs.close()
    assert ours.recv(10) == b""
    asking.close()
    assert process.wait(10) == 0
    assert "not started anew" in capfd.readouterr().err


@pytest.mark.parametrize("text", ["", "x", "-1", "99999", "1234567890", "٣"])
def test_without_a_starter_there_is_a_reason(text: str) -> None:
    asking = Starter({starting.VARIABLE: text} if text else {})
    with pytest.raises(NoStarterError, match="procall-mobility run"):
        asking.start([], [0])
    asking.close()


def test_a_starter_that_has_gone_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    asking = Starter({starting.VARIABLE: str(theirs.detach())})
    ours.close()
    with pytest.raises(NoStarterError, match="is gone"):
        asking.start([], [0])
    asking.close()


def test_more_than_a_message_carries_is_not_handed_over(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    asking = Starter({starting.VARIABLE: str(pair[1].detach())})
    with pytest.raises(NoStarterError, match="more than 252 sockets"):
        asking.start([], [0] * 254)
    asking.close()


def test_the_starter_needs_nothing_of_ours() -> None:
    """It is loaded before the package may be replaced, and -I -S finds nothing but Python."""
    source = Path(starter.__file__).read_text("utf-8")
    assert "procall_mobility." not in source.replace("procall_mobility/", "")


def test_what_was_meant_for_one_process_is_not_handed_on() -> None:
    before = {"LISTEN_FDS": "9", "LISTEN_PIDFDID": "1", "SYSTEMD_EXEC_PID": "1", "HOME": "/"}
    assert starter.environment(before, ["a"], 7) == {
        "HOME": "/",
        "LISTEN_PID": "7",
        "LISTEN_FDS": "1",
        "LISTEN_FDNAMES": "a",
        "PROCALL_MOBILITY_HAND_OVER": "4",
    }


def test_signals_for_the_daemon_do_not_end_the_starter(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """`systemctl kill` and terminals send them to every process of a service."""
    descriptor, process = starting.launch(["/bin/true"])
    asking = Starter({starting.VARIABLE: str(descriptor)})
    ours, theirs = pair
    asking.start([], [theirs.fileno()])
    theirs.close()
    assert ours.recv(10) == b"", "it has begun"
    for number in starter.SIGNALS:
        process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    asking.close()
    assert process.wait(10) == 0
