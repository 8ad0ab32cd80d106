"""The datapath as the daemon has it: told, woken, switched and taken down; no kernel is needed."""

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from procall_mobility.composition.turn.datapath import Datapath, open_datapath
from procall_mobility.datapath.attachments import Attachments
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.flow_table import FlowTable
from procall_mobility.datapath.interfaces import Interface
from procall_mobility.datapath.kernel import Sizes
from procall_mobility.datapath.layout import ENABLED, REASONS
from procall_mobility.datapath.path import Path
from procall_mobility.protocols.turn.no_flows import NoFlows
from procall_mobility.transports.pump import Household
from tests.datapath.maps import memory_maps
from tests.datapath.stage import Ways

SIZES = Sizes(channels=100, allocations=10)
ETH0 = Interface(name="eth0", index=2, mtu=1500, is_ethernet=True, is_up=True)


class Program:
    """Something that is attached."""

    def attach(self, ifindex: int, name: str) -> int:
        return ifindex

    def detach(self, link: int) -> None:
        """It is gone."""


class Stage:
    """A datapath over maps in memory, and a clock."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.there = [ETH0]
        self.maps = memory_maps(SIZES)
        self.table = FlowTable(self.maps, Ways())
        self.table.enabled = True
        self.closed = 0
        self.datapath = Datapath(
            choice="auto",
            sizes=SIZES,
            path=Path(
                flows=self.table,
                carrier="kernel",
                why="the kernel relays",
                table=self.table,
                attachments=Attachments(Program(), lambda: self.there, lambda _: True),
                close=self._close,
            ),
            household=Household(reactor=self.clock, now=self.clock.seconds),
        )

    def _close(self) -> None:
        self.closed += 1


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def log() -> Iterator[list[dict[str, Any]]]:
    with capturedLogs() as events:
        yield events


def in_python() -> Datapath:
    clock = Clock()
    household = Household(reactor=clock, now=clock.seconds)
    return open_datapath("python", (), ["192.0.2.7"], SIZES, household)


def lines(log: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what was said, without what twisted puts beside it."""
    return [tuple(each[key] for key in ("name", "reason", "text") if key in each) for each in log]


def test_one_line_says_who_carries_and_why(stage: Stage, log: list[dict[str, Any]]) -> None:
    stage.datapath.start()
    in_python().start()
    assert lines(log) == [
        ("kernel", "the kernel relays"),
        ("python", "Python relays media: the settings say so"),
    ]


def test_what_the_kernel_said_is_for_those_who_look_closely(log: list[dict[str, Any]]) -> None:
    datapath = in_python()
    datapath.path = evolve(datapath.path, details="line one\nline two")
    datapath.start()
    assert [each["log_level"].name for each in log] == ["info", "debug"]
    assert lines(log)[1] == ("line one\nline two",)
    assert datapath.facts()["details"] == "line one\nline two"


def test_the_table_is_woken_when_it_wants_to_be(stage: Stage) -> None:
    stage.datapath.start()
    assert stage.clock.getDelayedCalls() == []
    woken: list[float] = []
    stage.table.wake_at = lambda: None if woken else 1.0  # type: ignore[method-assign]
    stage.table.wake = woken.append  # type: ignore[method-assign]
    stage.table.sooner()
    stage.clock.advance(1.0)
    assert woken == [1.0]
    stage.datapath.stop()
    assert stage.clock.getDelayedCalls() == []
    assert stage.closed == 1


def test_the_switch_is_a_word_of_the_map(stage: Stage, log: list[dict[str, Any]]) -> None:
    """It needs no privilege, and nothing is detached."""
    stage.datapath.switch(on=False)
    assert (stage.maps.control[ENABLED], stage.datapath.facts()["switch"]) == (0, "off")
    assert stage.datapath.carrier == "python"
    stage.datapath.switch(on=False)
    stage.datapath.switch(on=True)
    assert (stage.maps.control[ENABLED], stage.datapath.facts()["switch"]) == (1, "on")
    assert stage.datapath.carrier == "kernel"
    assert lines(log) == [("switched off",), ("switched on",)]


@pytest.mark.parametrize("on", [True, False])
def test_where_python_relays_there_is_nothing_to_switch(on: bool) -> None:
    with pytest.raises(ValueError, match="Python relays media: the settings say so"):
        in_python().switch(on=on)


def test_the_facts_tell_what_the_kernel_does_and_leaves(stage: Stage) -> None:
    stage.maps.control[ENABLED + 1 + REASONS.index("fragment")] = 3
    stage.table.left["mixed-families"] += 1
    stage.table.carried.packets, stage.table.carried.octets = 2, 300
    assert stage.datapath.facts() == {
        "path": "kernel",
        "setting": "auto",
        "why": "the kernel relays",
        "details": "",
        "switch": "on",
        "interfaces": ["eth0"],
        "channels": 0,
        "most_channels": 100,
        "carried_packets": 2,
        "carried_octets": 300,
        "passed_up": {"fragment": 3},
        "left_to_python": {"mixed-families": 1},
    }


def test_where_python_relays_the_facts_say_why() -> None:
    facts = in_python().facts()
    assert in_python().carrier == "python"
    assert isinstance(in_python().flows, NoFlows)
    assert (facts["path"], facts["setting"]) == ("python", "python")
    assert facts["why"] == "Python relays media: the settings say so"
    assert "switch" not in facts


def test_interfaces_that_come_and_go_are_told(stage: Stage, log: list[dict[str, Any]]) -> None:
    stage.there = [ETH0, evolve(ETH0, name="eth1", index=3)]
    stage.datapath.look_around()
    assert lines(log) == [("the kernel relays what comes in by eth1 as well",)]
    assert stage.datapath.facts()["interfaces"] == ["eth0", "eth1"]
    in_python().look_around()


def test_interfaces_that_come_after_the_end_are_left_alone(stage: Stage) -> None:
    """The program has gone; its descriptor may be somebody else's by now."""
    stage.datapath.start()
    stage.datapath.stop()
    stage.there = [ETH0, evolve(ETH0, name="eth1", index=3)]
    stage.datapath.look_around()
    assert stage.datapath.facts()["interfaces"] == ["eth0"]


def test_a_kernel_that_has_to_and_cannot_ends_it() -> None:
    """Loopback is no Ethernet; with `auto` this is Python's."""
    clock = Clock()
    household = Household(reactor=clock, now=clock.seconds)
    with pytest.raises(CannotCarry):
        open_datapath("kernel", (), ["127.0.0.1"], SIZES, household)
    assert open_datapath("auto", (), ["127.0.0.1"], SIZES, household).path.carrier == "python"
