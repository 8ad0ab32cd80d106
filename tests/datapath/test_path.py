"""Who carries media, the kernel or Python, is decided at start and said in a line."""

import errno
import socket
from collections.abc import Callable, Iterator
from socket import if_nametoindex

import pytest

from procall_mobility.datapath import path as path_module
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.flow_table import FlowTable
from procall_mobility.datapath.kernel import KernelRelay, Sizes
from procall_mobility.datapath.netlink import ALLOW
from procall_mobility.datapath.path import Path, open_path
from procall_mobility.protocols.turn.no_flows import NoFlows
from tests.datapath.namespace import Namespace
from tests.datapath.stage import Stage

SIZES = Sizes(channels=8, allocations=8)
Open = Callable[..., Path]


@pytest.fixture
def open_there(network: Namespace, kernel: KernelRelay) -> Iterator[Open]:
    """Return what opens a path in a network of the test's own, where the program can be loaded."""
    opened = []

    def open_(choice: str = "kernel", names: tuple[str, ...] = (), host: str = "0.0.0.0") -> Path:
        path = network.call(lambda: open_path(choice, names=names, hosts=[host], sizes=SIZES))
        opened.append(path)
        return path

    yield open_
    for each in opened:
        each.close()


def test_python_relays_when_it_is_told_to() -> None:
    path = open_path("python", names=["eth9"], hosts=[], sizes=SIZES)
    assert isinstance(path.flows, NoFlows) and path.table is None
    assert (path.carrier, path.why) == ("python", "Python relays media: the settings say so")
    path.close()


def test_python_relays_where_the_kernel_cannot_and_says_why() -> None:
    path = open_path("auto", names=[], hosts=["127.0.0.1"], sizes=SIZES)
    assert isinstance(path.flows, NoFlows) and path.carrier == "python"
    assert path.why.startswith("Python relays media, as the kernel cannot: ")
    assert "\n" not in path.why
    path.close()


def test_where_it_has_to_be_the_kernel_it_is_an_error() -> None:
    with pytest.raises(CannotCarry):
        open_path("kernel", names=[], hosts=["127.0.0.1"], sizes=SIZES)


@pytest.mark.parametrize("choice", ["auto", "kernel"])
def test_the_kernel_relays_where_it_can(open_there: Open, choice: str) -> None:
    path = open_there(choice)
    assert isinstance(path.flows, FlowTable) and path.flows is path.table
    assert path.carrier == "kernel" and path.table.enabled
    assert path.why == "the kernel relays media of bound channels that come in by up0"


def test_interfaces_can_be_named(open_there: Open) -> None:
    path = open_there(names=("far0", "up0"))
    assert path.why.endswith("come in by far0, up0")


def test_interfaces_are_those_that_have_its_addresses(open_there: Open) -> None:
    assert open_there(host="2001:db8:1::1").why.endswith("come in by up0")
    with pytest.raises(CannotCarry, match="no Ethernet interface has an address of the relay"):
        open_there(host="192.0.2.1")


def test_a_channel_is_carried_by_the_routes_there_are(
    network: Namespace, open_there: Open
) -> None:
    """The whole chain: settings, program, interface, routes, table."""
    path = open_there()
    assert path.table is not None
    stage = Stage(path.table._maps)
    stage.table = path.table
    channel = stage.carried()
    up0 = network.call(lambda: if_nametoindex("up0"))
    # The relay's own address is not of this network, so it takes one that is.
    assert channel.flow is None and path.table.left == {"no-way": 1}
    network.ip("addr add 203.0.113.9/24 dev up0")
    path.table._routing.has_changed()
    stage.put(channel)
    assert [each[6:8] for each in stage.flows(channel)] == [(1500, up0), (1500, up0)]
    path.close()
    path.close()
    assert channel.flow is None


def test_a_program_that_fails_its_test_is_not_attached(
    network: Namespace, monkeypatch: pytest.MonkeyPatch, kernel: KernelRelay
) -> None:
    """Whatever goes wrong on the way, nothing is left in the kernel."""
    closed = []

    def fails(program: KernelRelay) -> None:
        close = program.close
        monkeypatch.setattr(program, "close", lambda: (closed.append(True), close()))
        raise CannotCarry("the self-test failed", "report it", "octets")

    monkeypatch.setattr(path_module, "self_test", fails)
    path = network.call(lambda: open_path("auto", names=(), hosts=["::"], sizes=SIZES))
    assert path.why.endswith("as the kernel cannot: the self-test failed: report it")
    assert path.details == "octets" and closed == [True]


def test_where_routes_cannot_be_asked_for_it_is_said(
    kernel: KernelRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit of systemd may forbid the kind of sockets the kernel is asked by."""

    def forbidden(*kind: int) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", forbidden)
    path = open_path("auto", names=[], hosts=["0.0.0.0"], sizes=SIZES)
    assert path.why.endswith(f"(Address family not supported by protocol): {ALLOW}")
