"""Everything is handed over by two daemons and one channel, or nothing has changed."""

import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs

from procall_mobility import __version__
from procall_mobility.handing_over import (
    READY_WITHIN,
    SAID_WITHIN,
    TAKEN_WITHIN,
    HandingOver,
    HandOverError,
    Stage,
)
from procall_mobility.operations.starting import NoStarterError
from procall_mobility.operations.systemd import Voice
from procall_mobility.protocols.hand_over import encode
from procall_mobility.taking_over import YOURS_WITHIN, TakingOver, channel_socket, say_failed
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
    released: "Deferred[None]" = field(factory=Deferred)
    drained: "Deferred[None]" = field(factory=Deferred)
    tell_successor: Any = None
    taken: list[Mapping[str, Any]] = field(factory=list)
    heard: list[Mapping[str, Any] | None] = field(factory=list)
    fault: Exception | None = None

    def let_go(self) -> "Deferred[None]":
        return self.released

    def successor_facts(self) -> dict[str, Any]:
        return {"customers": ["acme"]}

    def drain_for_successor(self) -> "Deferred[None]":
        return self.drained

    def take_over(self, facts: Mapping[str, Any]) -> None:
        if self.fault is not None:
            raise self.fault
        self.taken.append(facts)

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
    sockets: dict[str, socket.socket] = field(factory=dict)
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
            in_vain=lambda: self.events.append("in vain"),
        )
        self.taking.ready()

    def turn(self) -> None:
        for _ in range(4):
            for each in (self.old, self.new):
                for reader in list(each.household.reactor.getReaders()):
                    reader.doRead()

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


def test_everything_is_handed_over() -> None:
    """Nothing is served twice: the new one waits for `yours`, which comes when all is let go."""
    stage = Play()
    with socket.socket() as listening:
        stage.sockets = {"tcp": listening}
        stage.begin()
    assert stage.events == ["started with 1"]
    stage.make_new()
    stage.turn()
    assert (stage.handing.stage, stage.new.taken, stage.voice.heard) == (Stage.LETTING_GO, [], [])
    stage.old.released.callback(None)
    assert stage.voice.heard == [f"MAINPID={os.getpid()}"]
    assert not stage.voice.speaks, "from here on systemd hears the other one"
    stage.turn()
    assert stage.new.taken == [{"customers": ["acme"]}]
    assert stage.told == [{"pid": os.getpid(), "version": __version__}]
    assert stage.events == ["started with 1", "taken"]
    assert stage.handing.stage is Stage.OVER
    stage.old.tell_successor({"relays": 3})
    stage.turn()
    stage.old.drained.callback(None)
    assert stage.events[-1] == "taken", "whoever has asked is answered first"
    stage.later(SAID_WITHIN)
    assert stage.events[-1] == "drained"
    stage.handing._channel.close()
    stage.turn()
    assert stage.new.heard == [{"relays": 3}, None], "the one before has ended"
    stage.close()


def test_a_new_one_that_fails_changes_nothing() -> None:
    stage = Play()
    stage.begin()
    say_failed(stage.theirs, ["settings.toml: turn.bad: unknown", "and more"])
    stage.theirs.close()
    with capturedLogs() as logged:
        stage.turn()
    assert stage.why() == "settings.toml: turn.bad: unknown\nand more"
    assert [each["log_format"] for each in logged] == ["not handed over"]
    assert (stage.handing.stage, stage.voice.speaks) == (Stage.IDLE, True)
    assert stage.events == ["started with 0"]
    stage.begin()
    assert stage.events == ["started with 0"] * 2, "it may be tried again"
    stage.close()


def test_a_new_one_that_crashes_changes_nothing() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.close()
    stage.turn()
    assert "broke off" in stage.why()
    assert stage.handing.stage is Stage.IDLE


def test_a_new_one_that_is_never_ready_ends_when_it_is_given_up() -> None:
    stage = Play()
    stage.begin()
    stage.later(READY_WITHIN)
    assert "not ready within 60 s" in stage.why()
    stage.make_new()
    stage.turn()
    assert stage.events[-1] == "in vain"
    stage.close()


@pytest.mark.parametrize("pid", [None, 1, "7", -5])
def test_a_new_one_that_does_not_say_who_it_is_gets_nothing(pid: object) -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": pid}))
    stage.turn()
    assert "which process" in stage.why()
    assert stage.voice.heard == []
    stage.close()


def test_words_out_of_turn_do_nothing() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("taken", {}))
    stage.turn()
    assert (stage.handing.stage, stage.told) == (Stage.STARTING, [])
    stage.close()


def test_it_is_done_once_at_a_time() -> None:
    stage = Play()
    stage.begin()
    with pytest.raises(HandOverError, match="under way: another daemon is being started"):
        stage.handing.begin()
    stage.close()


def test_a_daemon_that_ends_hands_nothing_over() -> None:
    stage = Play()
    stage.old.is_stopping = True
    with pytest.raises(HandOverError, match="told to end"):
        stage.handing.begin()


def test_where_nobody_can_start_another_one_nothing_changes() -> None:
    stage = Play(starts=False)
    with pytest.raises(HandOverError, match="nobody is there"):
        stage.handing.begin()
    assert stage.handing.stage is Stage.IDLE
    assert stage.old.household.reactor.getReaders() == []


def given_away() -> Play:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.old.released.callback(None)
    return stage


def test_a_new_one_that_dies_with_everything_has_the_service_started_again() -> None:
    """The old one has closed its queue; whoever looks after the service sees an end in error."""
    stage = given_away()
    stage.theirs.close()
    stage.turn()
    assert "broke off" in stage.why()
    assert stage.events[-1] == "broken"
    assert stage.handing.stage is Stage.OVER


def test_a_new_one_that_does_not_take_it_is_given_up() -> None:
    stage = given_away()
    stage.later(TAKEN_WITHIN)
    assert "did not take over within 30 s" in stage.why()
    assert stage.events[-1] == "broken"
    stage.close()


def test_an_old_one_that_cannot_let_go_gives_up() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.later(TAKEN_WITHIN)
    assert "could not let go" in stage.why()
    stage.old.released.callback(None)
    assert stage.voice.heard == [], "it is too late"
    stage.close()


def test_a_fault_in_letting_go_is_told() -> None:
    stage = Play()
    stage.begin()
    stage.theirs.send(encode("ready", {"pid": 7}))
    stage.turn()
    stage.old.released.errback(RuntimeError("bug"))
    assert "a fault of this daemon" in stage.why()
    stage.close()


def test_a_fault_in_taking_over_ends_the_new_one() -> None:
    """Half a daemon must not stay: both end, and the service is started again."""
    stage = Play()
    stage.old.released = succeed(None)
    stage.new.fault = RuntimeError("bug")
    stage.begin()
    stage.make_new()
    stage.turn()
    assert stage.events[-2:] == ["in vain", "broken"]
    assert "broke off" in stage.why()
    stage.close()


def test_a_new_one_ends_when_the_old_one_is_gone() -> None:
    stage = Play()
    stage.begin()
    stage.make_new()
    stage.handing._fail("for a test")
    stage.turn()
    assert stage.events[-1] == "in vain"
    stage.close()


def test_a_new_one_does_not_wait_for_ever() -> None:
    stage = Play()
    stage.begin()
    stage.make_new()
    stage.new.household.reactor.advance(YOURS_WITHIN)
    assert stage.events[-1] == "in vain"
    stage.turn()
    stage.close()


@pytest.mark.parametrize("text", [None, "", "x", "-1", "1234567", "99998", "٣"])
def test_whoever_is_told_nonsense_takes_over_from_nobody(text: str | None) -> None:
    environment = {} if text is None else {"PROCALL_MOBILITY_HAND_OVER": text}
    assert channel_socket(environment) is None
    assert environment == {}


def test_the_channel_is_for_one_process() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.set_inheritable(True)
    environment = {"PROCALL_MOBILITY_HAND_OVER": str(theirs.detach())}
    with ours:
        taken = channel_socket(environment)
        assert taken is not None and not taken.get_inheritable()
        assert environment == {}
        taken.close()


def test_a_failure_told_to_nobody_is_no_failure_more() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    with theirs:
        say_failed(theirs, ["x"])
