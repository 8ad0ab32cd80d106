"""Ports are listened on, or the daemon does not start (real sockets, no running reactor)."""

import errno
import os
import socket

import pytest
from twisted.internet.defer import succeed
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import MemoryReactor

from procall_mobility.transports import listening
from procall_mobility.transports.listening import (
    ListenError,
    TcpListener,
    bound_socket,
    share,
)


class Port:
    def __init__(self, opened: socket.socket) -> None:
        self.opened = opened

    def getHost(self) -> object:
        return type("Address", (), {"port": self.opened.getsockname()[1]})

    def stopListening(self) -> object:
        self.opened.close()
        return succeed(None)


class Reactor(MemoryReactor):
    """Takes sockets over as a real reactor does: by a descriptor of its own."""

    def adoptStreamPort(self, descriptor: int, family: int, factory: ServerFactory) -> Port:
        return Port(socket.socket(family, socket.SOCK_STREAM, fileno=os.dup(descriptor)))


def listener(host: str, port: int = 0) -> TcpListener:
    return TcpListener(Reactor(), host, port, ServerFactory(), "tls")


def test_connections_are_taken_until_it_stops() -> None:
    service = listener("127.0.0.1")
    assert service.address == "tls 127.0.0.1:0"
    service.startService()
    assert service.address == f"tls 127.0.0.1:{service.port}"
    socket.create_connection(("127.0.0.1", service.port)).close()
    port = service.port
    assert service.stopService() is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert service.stopService() is None


def test_both_families_share_a_port() -> None:
    """`0.0.0.0` and `[::]` in one list."""
    first = listener("0.0.0.0")
    first.startService()
    second = listener("::", first.port)
    second.startService()
    assert second.address == f"tls [::]:{first.port}"
    first.stopService()
    second.stopService()


def test_a_taken_port_ends_the_start_with_a_cure() -> None:
    with bound_socket("127.0.0.1", 0) as taken:
        service = listener("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(ListenError, match=rf"tls 127.0.0.1:{service.port}.* taken.*ss -ltnp"):
            service.startService()
        assert not service.running


@pytest.mark.parametrize(
    ("host", "cure"),
    [("203.0.113.1", "ip address"), ("localhost", "not a name")],
)
def test_an_address_that_is_not_ours_ends_the_start(host: str, cure: str) -> None:
    with pytest.raises(ListenError, match=cure):
        listener(host).startService()


@pytest.mark.parametrize(
    ("number", "cure"), [(errno.EACCES, "CAP_NET_BIND_SERVICE"), (errno.EMFILE, "many open")]
)
def test_what_the_kernel_says_is_told(
    monkeypatch: pytest.MonkeyPatch, number: int, cure: str
) -> None:
    """Tests may run as root, who is permitted everything."""

    def refuse(host: str, port: int) -> socket.socket:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(listening, "bound_socket", refuse)
    with pytest.raises(ListenError, match=cure):
        listener("127.0.0.1", 443).startService()


def test_a_port_may_be_open_before_anybody_is_served() -> None:
    """The kernel keeps connections meanwhile."""
    service = listener("127.0.0.1")
    service.open()
    service.open()
    (sock,) = service.sockets
    assert service.port == sock.getsockname()[1] and not service.running
    with socket.create_connection(("127.0.0.1", service.port)):
        service.startService()
        assert service.sockets == (sock,)
        service.stopService()
    assert service.sockets == ()


def test_it_may_be_stopped_before_its_start() -> None:
    service = listener("127.0.0.1")
    service.open()
    port = service.port
    assert service.stopService() is None
    with bound_socket("127.0.0.1", port):
        pass


def test_whoever_has_the_socket_too_is_not_disturbed_by_our_end() -> None:
    """It is closed, not shut down: connections wait for the next daemon."""
    service = listener("127.0.0.1")
    service.startService()
    (sock,) = service.sockets
    with sock.dup() as passed_on:
        service.stopService()
        with socket.create_connection(passed_on.getsockname()):
            passed_on.accept()[0].close()


def test_sockets_come_from_where_we_are_told() -> None:
    with bound_socket("127.0.0.1", 0) as there:
        bind = {there.getsockname(): there}
        host, port = there.getsockname()
        service = TcpListener(
            Reactor(), host, port, ServerFactory(), "tls", lambda *place: bind[place]
        )
        service.startService()
        assert service.sockets == (there,)
        service.stopService()


def test_those_who_share_a_port_may_stand_beside_each_other() -> None:
    """A reload moves from all addresses to one, and nobody finds the port closed meanwhile."""
    with bound_socket("0.0.0.0", 0) as everywhere:
        port = everywhere.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            bound_socket("127.0.0.1", port, shares=True)
        share(everywhere)
        with bound_socket("127.0.0.1", port, shares=True) as here:
            assert here.getsockname() == ("127.0.0.1", port)
