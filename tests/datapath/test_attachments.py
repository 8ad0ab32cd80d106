"""The interfaces the program sees, while they come and go."""

import pytest
from attrs import define, evolve, field

from procall_mobility.datapath.attachments import Attachments
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.interfaces import Interface

ETH0 = Interface(name="eth0", index=2, mtu=1500, is_ethernet=True, is_up=True)
ETH1 = evolve(ETH0, name="eth1", index=3)


@define(eq=False)
class Program:
    """A program in memory: like the kernel, it attaches to an interface once."""

    links: dict[int, int] = field(factory=dict)
    may_attach: bool = True
    asked: int = 0

    def attach(self, ifindex: int, name: str) -> int:
        self.asked += 1
        if not self.may_attach:
            raise CannotCarry(f"{name} cannot be attached to", "start it with CAP_NET_ADMIN")
        assert ifindex not in self.links.values()
        link = 100 + self.asked
        self.links[link] = ifindex
        return link

    def detach(self, link: int) -> None:
        del self.links[link]


@define(eq=False)
class Machine:
    """Its interfaces, and what is attached to them."""

    there: list[Interface] = field(factory=lambda: [ETH0])
    program: Program = field(factory=Program)

    hidden: list[Interface] = field(factory=list)
    """They are there, and down."""

    def exists(self, index: int) -> bool:
        return index in [each.index for each in self.there + self.hidden]

    def wanted(self) -> list[Interface]:
        if not self.there:
            raise CannotCarry("no Ethernet interface has an address of the relay", "add one")
        return self.there


@pytest.fixture
def machine() -> Machine:
    return Machine()


def attached(machine: Machine) -> Attachments:
    return Attachments(machine.program, machine.wanted, machine.exists)


def test_it_sees_all_that_are_wanted(machine: Machine) -> None:
    machine.there = [ETH0, ETH1]
    attachments = attached(machine)
    assert attachments.names == ("eth0", "eth1")
    assert sorted(machine.program.links.values()) == [2, 3]
    assert attachments.look_around() == []


def test_without_any_the_kernel_cannot_carry(machine: Machine) -> None:
    machine.there = []
    with pytest.raises(CannotCarry, match="no Ethernet interface"):
        attached(machine)


def test_one_that_comes_later_is_seen_too(machine: Machine) -> None:
    attachments = attached(machine)
    machine.there = [ETH0, ETH1]
    assert attachments.look_around() == ["the kernel relays what comes in by eth1 as well"]
    assert attachments.names == ("eth0", "eth1")
    assert attachments.look_around() == []


def test_one_that_is_made_anew_is_another_one(machine: Machine) -> None:
    attachments = attached(machine)
    machine.there = [evolve(ETH0, index=9)]
    assert attachments.look_around() == [
        "the kernel relays nothing by eth0 any more",
        "the kernel relays what comes in by eth0 as well",
    ]
    assert list(machine.program.links.values()) == [9]


def test_one_that_goes_down_and_comes_up_stays_attached(machine: Machine) -> None:
    """Nothing is missed in between."""
    attachments = attached(machine)
    machine.there, machine.hidden = [], [ETH0]
    machine.program.may_attach = False
    assert attachments.look_around() == []
    machine.there = [ETH0]
    assert attachments.look_around() == []
    assert (attachments.names, machine.program.asked) == (("eth0",), 1)


def test_one_that_is_gone_is_let_go(machine: Machine) -> None:
    attachments = attached(machine)
    machine.there = []
    assert attachments.look_around() == ["the kernel relays nothing by eth0 any more"]
    assert (attachments.names, machine.program.links) == ((), {})


def test_one_that_may_not_be_attached_to_any_more_is_told_once(machine: Machine) -> None:
    """Privileges were needed at start only; Python relays what comes in there."""
    attachments = attached(machine)
    machine.program.may_attach = False
    machine.there = [ETH0, ETH1]
    (line,) = attachments.look_around()
    assert line.startswith("Python relays what comes in by eth1: eth1 cannot be attached to")
    assert "CAP_NET_ADMIN" in line
    assert attachments.look_around() == []
    machine.there = [ETH0]
    assert attachments.look_around() == []
    machine.program.may_attach = True
    machine.there = [ETH0, ETH1]
    assert attachments.look_around() == ["the kernel relays what comes in by eth1 as well"]
