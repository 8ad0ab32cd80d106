"""Plays a hand-over: an old daemon, a new one, and the channel between them (no reactor runs)."""

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.hand_over.handing_over import HandingOver, HandOverError
from procall_mobility.hand_over.taking_over import TakingOver
from procall_mobility.operations.starting import NoStarterError
from procall_mobility.operations.systemd import Voice
from procall_mobility.transports.pump import Household


class Spoken(Voice):
    def __init__(self) -> None:
        super().__init__(None)
        self.heard: list[str] = []

    def say(self, state: str, descriptors: Sequence[int] = ()) -> None:
        if self.speaks:
            self.heard.append(state)


@define(eq=False)
class House:
    """What a daemon is to those who hand it over."""

    household: Household
    is_stopping: bool = False
    serves: bool = True
    released: "Deferred[None]" = field(factory=Deferred)
    drained: "Deferred[None]" = field(factory=Deferred)
    tell_successor: Any = None
    customers: list[str] = field(factory=lambda: ["acme"])
    taken: list[list[str]] = field(factory=list)
    heard: list[Mapping[str, Any] | None] = field(factory=list)
    fault: Exception | None = None

    def let_go(self) -> "Deferred[None]":
        if self.fault is not None:
            raise self.fault
        return self.released

    def expected_elsewhere(self) -> list[str]:
        return self.customers

    def drain_for_successor(self) -> "Deferred[None]":
        return self.drained

    def take_over(self, customers: Iterable[str]) -> None:
        if self.fault is not None:
            raise self.fault
        self.taken.append(list(customers))

    def heard_of_predecessor(self, facts: Mapping[str, Any] | None) -> None:
        self.heard.append(facts)


def house() -> House:
    reactor = MemoryReactorClock()
    return House(Household(reactor=reactor, now=reactor.seconds))


@define(eq=False)
class Play:
    """The old daemon, and a new one as soon as it is started."""

    old: House = field(factory=house)
    new: House = field(factory=house)
    voice: Spoken = field(factory=Spoken)
    events: list[str] = field(factory=list)
    starts: bool = True
    sockets: list[tuple[str, socket.socket]] = field(factory=list)
    theirs: socket.socket | None = None
    handing: HandingOver = field(init=False)
    taking: TakingOver | None = None
    told: list[Any] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.handing = HandingOver(
            daemon=self.old,
            sockets=lambda: self.sockets,
            start=self._start,
            voice=self.voice,
            drained=lambda: self.events.append("drained"),
            given=lambda: self.events.append("given"),
            broken=lambda: self.events.append("broken"),
        )

    def _start(self, names: Sequence[str], descriptors: Sequence[int]) -> None:
        if not self.starts:
            raise NoStarterError("nobody is there")
        self.events.append(f"started with {len(names)}")
        self.theirs = socket.socket(fileno=os.dup(descriptors[-1]))

    def begin(self) -> None:
        self.handing.begin().addBoth(self.told.append)

    def make_new(self) -> None:
        assert self.theirs is not None
        self.taking = TakingOver(
            daemon=self.new,
            sock=self.theirs,
            taken=lambda: self.events.append("taken"),
            reload=lambda: self.events.append("reload"),
            in_vain=lambda: self.events.append("in vain"),
        )
        self.taking.ready()

    def turn(self) -> None:
        for _ in range(4):
            for each in (self.old, self.new):
                for reader in list(each.household.reactor.getReaders()):
                    reader.doRead()
                for writer in list(each.household.reactor.getWriters()):
                    writer.doWrite()

    def later(self, seconds: float) -> None:
        self.old.household.reactor.advance(seconds)
        self.turn()

    def why(self) -> str:
        (failure,) = self.told
        assert failure.check(HandOverError)
        return str(failure.value)

    def close(self) -> None:
        """End both; what was forgotten would warn."""
        if self.taking is not None:
            self.taking.close()
        if self.theirs is not None:
            self.theirs.close()
        self.turn()
        for each in (self.old, self.new):
            assert each.household.reactor.getDelayedCalls() == []
