"""Sockets that were passed to us are taken where the settings name them (real sockets)."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from twisted.logger import capturedLogs

from procall_mobility.transports.listening import bound_socket
from procall_mobility.transports.passed import Passed
from procall_mobility.transports.turn.udp_relay import open_udp
from procall_mobility.transports.unix_listener import bound_unix

BUFFER = 1 << 16


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def given(sock: socket.socket) -> int:
    """A descriptor as another program gives it: inherited, and waiting."""
    descriptor = os.dup(sock.fileno())
    os.set_inheritable(descriptor, True)
    os.set_blocking(descriptor, True)
    return descriptor


def inode(sock: socket.socket) -> int:
    return os.fstat(sock.fileno()).st_ino


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_kernel_says_which_socket_is_which(stack: ExitStack, host: str) -> None:
    """TCP and UDP of one port, passed in any order and by any names."""
    tcp = stack.enter_context(bound_socket(host, 0))
    port = tcp.getsockname()[1]
    udp = stack.enter_context(open_udp(host, port, BUFFER))
    passed = Passed([(given(udp), "one"), (given(tcp), "two")])
    with passed.tcp(host, port) as taken:
        assert inode(taken) == inode(tcp)
        assert (taken.family, taken.type) == (tcp.family, socket.SOCK_STREAM)
        assert not taken.getblocking() and not taken.get_inheritable()
        assert passed.name(taken) == "two"
        assert not passed.is_ours(taken), "a `.socket` unit has it"
    with passed.udp(host, port, BUFFER) as taken:
        assert inode(taken) == inode(udp)
        assert not taken.getblocking() and not taken.get_inheritable()
    assert passed.close_rest() == []


def test_an_address_is_the_same_however_it_is_written(stack: ExitStack) -> None:
    there = stack.enter_context(bound_socket("::1", 0))
    passed = Passed([(given(there), "x")])
    with passed.tcp("0:0:0:0:0:0:0:1", there.getsockname()[1]) as taken:
        assert inode(taken) == inode(there)


def test_what_nobody_passed_is_bound(stack: ExitStack, tmp_path: Path) -> None:
    passed = Passed()
    tcp = stack.enter_context(passed.tcp("127.0.0.1", 0))
    udp = stack.enter_context(passed.udp("::1", 0, BUFFER))
    unix = stack.enter_context(passed.unix(tmp_path / "admin.sock"))
    port, udp_port = tcp.getsockname()[1], udp.getsockname()[1]
    assert [*map(passed.name, (tcp, udp, unix))] == [
        f"tcp-127.0.0.1-{port}",
        f"udp-..1-{udp_port}",
        "unix-admin.sock",
    ]
    assert all(map(passed.is_ours, (tcp, udp, unix)))


def test_what_a_daemon_passes_to_the_next_stays_a_daemons(stack: ExitStack) -> None:
    there = stack.enter_context(bound_socket("127.0.0.1", 0))
    passed = Passed([(given(there), Passed().name(there))])
    with passed.tcp(*there.getsockname()) as taken:
        assert passed.is_ours(taken)


def test_a_socket_is_taken_once(stack: ExitStack) -> None:
    """The second time it is in use, as any port that is."""
    there = stack.enter_context(bound_socket("127.0.0.1", 0))
    passed = Passed([(given(there), "x")])
    stack.enter_context(passed.tcp(*there.getsockname()))
    with pytest.raises(OSError, match="in use"):
        passed.tcp(*there.getsockname())


def test_what_the_settings_do_not_name_is_closed_and_told(stack: ExitStack) -> None:
    there = stack.enter_context(bound_socket("127.0.0.1", 0))
    host, port = there.getsockname()
    datagrams = stack.enter_context(open_udp(host, port, BUFFER))
    descriptors = [given(there), given(datagrams)]
    passed = Passed(zip(descriptors, ("old", "older"), strict=True))
    with capturedLogs() as logged:
        assert passed.close_rest() == ["old", "older"]
        assert passed.close_rest() == []
    assert [each["address"] for each in logged] == [f"{host} {port}"] * 2
    assert "connections" in logged[0]["text"] and "datagrams" in logged[1]["text"]
    for descriptor in descriptors:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def test_the_admin_socket_is_passed_by_its_path(stack: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    there = stack.enter_context(bound_unix(path))
    passed = Passed([(given(there), "unix-admin.sock")])
    taken = stack.enter_context(passed.unix(path))
    assert inode(taken) == inode(there)
    assert passed.is_ours(taken)


def test_a_socket_whose_path_was_taken_away_is_of_no_use(stack: ExitStack, tmp_path: Path) -> None:
    """Nobody would find it: systemd takes the whole folder away at a stop."""
    path = tmp_path / "admin.sock"
    there = stack.enter_context(bound_unix(path))
    passed = Passed([(given(there), "x")])
    path.unlink()
    taken = stack.enter_context(passed.unix(path))
    assert inode(taken) != inode(there)
    assert path.is_socket()


def strange(stack: ExitStack, kind: str) -> socket.socket | int:
    """Return what nobody should pass."""
    enter = stack.enter_context
    if kind == "deaf":
        deaf = enter(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        return deaf
    if kind == "unbound":
        return enter(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    if kind == "pair":
        one, other = socket.socketpair()
        enter(one)
        return enter(other)
    if kind == "netlink":
        return enter(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
    if kind == "file":
        return enter(Path(os.devnull).open()).fileno()
    return 1_000_000


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("deaf", "Accept=no"),
        ("unbound", "no port"),
        ("pair", "no path"),
        ("netlink", "neither TCP"),
        ("file", "Socket operation on non-socket"),
        ("nothing", "Bad file descriptor"),
    ],
)
def test_what_cannot_be_meant_is_told_and_left_alone(
    stack: ExitStack, kind: str, why: str
) -> None:
    """A wrong count makes the interpreter's own descriptors look passed: none may be closed."""
    there = strange(stack, kind)
    descriptor = there if isinstance(there, int) else os.dup(there.fileno())
    with capturedLogs() as logged:
        passed = Passed([(descriptor, "x")])
    (told,) = logged
    assert why in told["error"]
    assert passed.close_rest() == []
    if kind != "nothing":
        os.fstat(descriptor)
        if not isinstance(there, int):
            os.close(descriptor)


@pytest.mark.parametrize(
    ("kind", "why"), [("dual", "BindIPv6Only=ipv6-only"), ("datagrams", "name each address")]
)
def test_what_the_settings_can_never_name_is_told_and_closed(
    stack: ExitStack, kind: str, why: str
) -> None:
    """The daemon opens the port itself then, which it could not as long as it is open here."""
    if kind == "dual":
        there = stack.enter_context(socket.socket(socket.AF_INET6))
        there.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        there.bind(("::", 0))
        there.listen()
    else:
        there = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        there.bind(("0.0.0.0", 0))
    descriptor = given(there)
    with capturedLogs() as logged:
        assert Passed([(descriptor, "x")]).close_rest() == []
    assert why in logged[0]["error"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_of_two_for_one_address_the_first_is_taken(stack: ExitStack) -> None:
    there = stack.enter_context(bound_socket("127.0.0.1", 0))
    second = given(there)
    with capturedLogs() as logged:
        passed = Passed([(given(there), "first"), (second, "second")])
    assert "another one" in logged[0]["error"]
    with passed.tcp(*there.getsockname()) as taken:
        assert passed.name(taken) == "first"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(second)
