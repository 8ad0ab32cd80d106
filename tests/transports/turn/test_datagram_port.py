"""UDP ports are listened on, or the daemon does not start (real sockets, no running reactor)."""

import errno
import os
from collections.abc import Sequence

import pytest
from attrs import define, field
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs

from procall_mobility.transports.listening import ListenError
from procall_mobility.transports.turn.datagram_port import DatagramPort
from procall_mobility.transports.turn.udp_listener import UdpListener
from procall_mobility.transports.turn.udp_relay import open_udp
from tests.protocols.turn.plays import Play

BUFFER = 1 << 16


@define(eq=False)
class Stage:
    play: Play = field(factory=Play)
    reactor: MemoryReactorClock = field(factory=MemoryReactorClock)
    opened: list[UdpListener] = field(factory=list)

    def port(self, *places: tuple[str, int]) -> DatagramPort:
        """Prepare to listen in some places that belong together."""

        def open_readers() -> Sequence[UdpListener]:
            self.opened = [
                UdpListener(
                    open_udp(*each, BUFFER),
                    self.play.server,
                    self.reactor,
                    lambda: self.play.now,
                )
                for each in places
            ]
            return self.opened

        return DatagramPort("turn-udp 127.0.0.1:3478", open_readers)


def test_all_its_sockets_are_read_until_it_stops() -> None:
    stage = Stage()
    service = stage.port(("127.0.0.1", 0), ("::1", 0))
    assert stage.opened == [], "before the start nothing is bound"
    with capturedLogs() as logged:
        service.startService()
    assert service.running
    assert [each["address"] for each in logged] == ["turn-udp 127.0.0.1:3478"]
    assert set(stage.reactor.getReaders()) == set(stage.opened)
    service.stopService()
    assert not service.running
    assert stage.reactor.getReaders() == []
    assert [each.fileno() for each in stage.opened] == [-1, -1], "closed"


def test_it_may_be_open_before_anything_is_read() -> None:
    """The kernel keeps datagrams meanwhile."""
    stage = Stage()
    service = stage.port(("127.0.0.1", 0), ("::1", 0))
    service.open()
    service.open()
    sockets = service.sockets
    assert [each.shared for each in stage.opened] == list(sockets)
    assert stage.reactor.getReaders() == []
    service.startService()
    assert service.sockets == sockets
    service.let_go()
    assert service.sockets == ()
    assert [each.fileno() for each in stage.opened] == [-1, -1], "closed"


def test_it_may_start_again() -> None:
    stage = Stage()
    service = stage.port(("127.0.0.1", 0))
    for _ in range(2):
        service.startService()
        assert set(stage.reactor.getReaders()) == set(stage.opened)
        service.stopService()


def test_it_may_be_stopped_twice_and_before_its_start() -> None:
    """A start that fails stops whatever there is."""
    stage = Stage()
    service = stage.port(("127.0.0.1", 0))
    service.stopService()
    service.startService()
    service.stopService()
    service.stopService()
    assert not service.running


def test_a_taken_port_ends_the_start_with_a_cure() -> None:
    stage = Stage()
    with open_udp("127.0.0.1", 0, BUFFER) as taken:
        service = stage.port(taken.getsockname())
        with pytest.raises(
            ListenError, match=r"turn-udp 127\.0\.0\.1:3478: the port is taken; `ss -lnup`"
        ) as raised:
            service.startService()
    assert isinstance(raised.value.__cause__, OSError)
    assert not service.running
    assert stage.reactor.getReaders() == []


def test_an_address_that_is_not_ours_ends_the_start() -> None:
    with pytest.raises(ListenError, match="does not have the address; `ip address`"):
        Stage().port(("203.0.113.1", 0)).startService()


@pytest.mark.parametrize(
    ("number", "cure"), [(errno.EACCES, "CAP_NET_BIND_SERVICE"), (errno.EMFILE, "many open")]
)
def test_what_the_kernel_says_is_told(number: int, cure: str) -> None:
    """Tests may run as root, who is permitted everything."""

    def refuse() -> Sequence[UdpListener]:
        raise OSError(number, os.strerror(number))

    with pytest.raises(ListenError, match=cure):
        DatagramPort("turn-udp 127.0.0.1:443", refuse).startService()
