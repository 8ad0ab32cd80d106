"""Which interfaces the program is attached to."""

from collections.abc import Sequence
from socket import if_nametoindex

import pytest
from attrs import evolve

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.interfaces import (
    Interface,
    addresses,
    chosen,
    interface_of,
    interfaces,
    link_request,
)
from procall_mobility.datapath.netlink import GET_ADDRESS, GET_LINK, Netlink
from tests.datapath.namespace import Namespace

ETH0 = Interface(name="eth0", index=2, mtu=1500, is_ethernet=True, is_up=True)
ETH1 = evolve(ETH0, name="eth1", index=3)
IDLE = evolve(ETH0, name="eth2", index=4)
DOWN = evolve(ETH0, name="eth3", index=5, is_up=False)
LO = Interface(name="lo", index=1, mtu=65_536, is_ethernet=False, is_up=True)
KNOWN = (LO, ETH0, ETH1, IDLE, DOWN)
HELD = (
    (1, "127.0.0.1"), (1, "::1"), (2, "203.0.113.1"), (2, "fe80::1"), (3, "2001:db8::1"),
    (5, "203.0.113.5"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["203.0.113.1"], [ETH0]),
        (["203.0.113.1", "2001:0db8::0001"], [ETH0, ETH1]),
        (["203.0.113.1", "127.0.0.1", "203.0.113.5"], [ETH0]),
        (["0.0.0.0"], [ETH0]),
        (["::"], [ETH0, ETH1]),
        (["0.0.0.0", "2001:db8::1"], [ETH0, ETH1]),
    ],
)
def test_those_that_have_an_address_of_the_relay(
    hosts: Sequence[str], expected: Sequence[Interface]
) -> None:
    """A wildcard is every address of its family; what is down, or no Ethernet, is left out."""
    assert chosen(KNOWN, HELD, [], hosts) == expected


@pytest.mark.parametrize("hosts", [["127.0.0.1", "::1"], ["192.0.2.1"], []])
def test_where_nothing_comes_in_from_outside_there_is_nothing_to_relay(
    hosts: Sequence[str],
) -> None:
    with pytest.raises(CannotCarry, match="no Ethernet interface has an address of the relay"):
        chosen(KNOWN, HELD, [], hosts)


def test_those_that_are_named_whatever_they_have() -> None:
    """An address may be on the loopback, and its packets come in anywhere."""
    assert chosen(KNOWN, HELD, ["eth2", "eth3"], ["203.0.113.1"]) == [IDLE, DOWN]


def test_one_that_is_named_twice_is_one() -> None:
    """The kernel refuses to attach a program to it a second time."""
    assert chosen(KNOWN, HELD, ["eth2", "eth3", "eth2"], []) == [IDLE, DOWN]


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    with pytest.raises(CannotCarry, match=r"no interface eth9: name some of lo, eth0, eth1"):
        chosen(KNOWN, HELD, ["eth0", "eth9"], [])


def test_loopback_cannot_be_named() -> None:
    with pytest.raises(CannotCarry, match="lo is no Ethernet interface"):
        chosen(KNOWN, HELD, ["lo"], [])


def test_the_kernel_tells_interfaces_and_addresses(network: Namespace) -> None:
    """Of a line between two hosts the address is ours, not the other's."""
    network.ip(
        "link add idle0 type veth peer name idle1",
        "link set far0 mtu 1400",
        "addr add 192.0.2.1 peer 192.0.2.2 dev far0",
    )
    netlink = network.call(Netlink)
    try:
        known = {each.name: each for each in interfaces(netlink)}
        held = [(index, host) for index, host in addresses(netlink) if "fe80" not in host]
        with pytest.raises(OSError, match="No such device"):
            netlink.ask(GET_LINK, link_request(4711))
    finally:
        netlink.close()
    assert {name for name, each in known.items() if each.is_ethernet} >= {"up0", "far0", "idle0"}
    assert not known["lo"].is_ethernet and known["lo"].is_up
    assert known["up0"].is_up and not known["idle0"].is_up
    assert (known["up0"].mtu, known["far0"].mtu) == (1500, 1400)
    up0, far0 = known["up0"].index, known["far0"].index
    assert set(held) >= {(up0, "203.0.113.1"), (up0, "2001:db8:1::1"), (far0, "192.0.2.1")}
    assert (far0, "192.0.2.2") not in held


def test_answers_nobody_waited_for_are_not_taken_for_others(network: Namespace) -> None:
    """Whoever stops reading a list leaves the rest of it in the socket."""
    netlink = network.call(Netlink)
    try:
        next(netlink.list(GET_ADDRESS, bytes(8)))
        next(netlink.list(GET_LINK, link_request(0)))
        assert {each.name for each in interfaces(netlink)} >= {"lo", "up0", "far0"}
        next(netlink.list(GET_ADDRESS, bytes(8)))
        index = network.call(lambda: if_nametoindex("far0"))
        assert interface_of(netlink.ask(GET_LINK, link_request(index))).name == "far0"
    finally:
        netlink.close()
