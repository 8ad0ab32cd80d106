"""What others do to the process, and what they are told of it (no reactor runs)."""

import os
import signal
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs

from procall_mobility.operations.starting import Starter
from procall_mobility.operations.systemd import Voice
from procall_mobility.process import Process
from procall_mobility.transports.pump import Household


class Reactor(MemoryReactorClock):
    def __init__(self) -> None:
        super().__init__()
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1
        if self.stops > 1:
            raise ReactorNotRunning

    def callFromThread(self, act: Any) -> None:
        self.callLater(0, act)

    def happens(self, phase: str, event: str) -> None:
        """Do what was to be done then."""
        for act, args, others in self.triggers[phase][event]:
            act(*args, **others)


class Spoken(Voice):
    heard: list[str]

    def __init__(self) -> None:
        super().__init__(None)
        self.heard = []

    def say(self, state: str, descriptors: Sequence[int] = ()) -> None:
        if self.speaks:
            self.heard.append(state.partition("\n")[0])


@define(eq=False)
class Rules:
    on_stop: float = 20.0


@define(eq=False)
class Draining:
    has_begun: bool = False
    cuts: int = 0
    hurried: int = 0
    rules: Rules = field(factory=Rules)

    def cut(self) -> None:
        self.cuts += 1

    def hurry(self) -> None:
        self.hurried += 1


@define(eq=False)
class House:
    """What a daemon is to its process, and what looks after its sockets."""

    household: Household
    draining: Draining = field(factory=Draining)
    drained: "Deferred[None]" = field(factory=Deferred)
    is_stopping: bool = False
    serves: bool = True
    hand_over: Any = None
    reopen: Any = None
    reloads: list[Any] = field(factory=list)
    done: list[str] = field(factory=list)

    def reload(self) -> str:
        self.done.append("reload")
        for each in self.reloads:
            each()
        return "nothing has changed"

    def look(self) -> None:
        self.done.append("look")

    def sockets(self) -> list[tuple[str, socket.socket]]:
        return []

    def drain(self) -> "Deferred[None]":
        self.draining.has_begun = True
        return self.drained

    def take_over(self, customers: object) -> None:
        self.done.append("taken")
        self.serves = True


@define(eq=False)
class Play:
    reactor: Reactor = field(factory=Reactor)
    voice: Spoken = field(factory=Spoken)
    house: House = field(init=False)
    process: Process = field(init=False)
    before: socket.socket | None = None

    def __attrs_post_init__(self) -> None:
        self.house = House(Household(reactor=self.reactor, now=self.reactor.seconds))
        self.voice.speaks = self.house.serves = self.before is None
        self.process = Process(
            daemon=self.house,
            reactor=self.reactor,
            keeping=self.house,
            voice=self.voice,
            starter=Starter({}),
            before=self.before,
            reopen=lambda: self.house.done.append("reopen"),
            watchdog=10.0,
        )
        self.process.begin()

    def signalled(self, number: signal.Signals) -> None:
        os.kill(os.getpid(), number)
        self.reactor.advance(0)


@pytest.fixture
def signals() -> Iterator[None]:
    numbers = (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handled in before.items():
        signal.signal(number, handled)


@pytest.mark.usefixtures("signals")
def test_systemd_hears_when_it_serves_and_that_it_lives() -> None:
    play = Play()
    assert play.voice.heard == []
    play.reactor.happens("after", "startup")
    assert play.house.done == ["look"], "the ports are kept before anybody is told"
    assert play.voice.heard[0] == "READY=1"
    play.reactor.advance(10)
    assert play.voice.heard[-1] == "WATCHDOG=1"
    play.reactor.happens("before", "shutdown")
    assert play.voice.heard[-1] == "STOPPING=1"


@pytest.mark.usefixtures("signals")
def test_sighup_is_a_reload_from_begin_to_end() -> None:
    play = Play()
    play.reactor.happens("after", "startup")
    play.voice.heard.clear()
    play.house.done.clear()
    play.signalled(signal.SIGHUP)
    assert [each for each in play.voice.heard if each != "WATCHDOG=1"] == [
        "RELOADING=1",
        "READY=1",
    ]
    assert play.house.done == ["reload", "look"], "ports may be others now"
    play.house.reopen()
    assert play.house.done[-1] == "reopen"


@pytest.mark.usefixtures("signals")
def test_a_reload_waits_until_the_daemon_before_has_let_go() -> None:
    """Until then the ports are not ours to open, nor is systemd's store, and nobody is told."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        play = Play(before=theirs)
        play.reactor.happens("after", "startup")
        play.signalled(signal.SIGHUP)
        assert (play.house.done, play.voice.heard) == ([], [])
        ours.send(b'{"v": 1, "says": "yours", "reload": true}')
        for reader in play.reactor.getReaders():
            reader.doRead()
        assert play.house.done == ["taken", "look", *["reload", "look"] * 2]
        assert play.voice.heard[-2:] == ["RELOADING=1", "READY=1"]
    theirs.close()


@pytest.mark.usefixtures("signals")
def test_a_reload_while_another_daemon_starts_is_told_to_that() -> None:
    play = Play()
    play.reactor.happens("after", "startup")
    assert not play.process._handing.reloads_there
    for reload in (play.house.reload, play.process.reload):  # By the command, and by SIGHUP.
        reload()
        assert play.process._handing.reloads_there
        play.process._handing.reloads_there = False
    play.house.is_stopping = True
    play.process.reload()
    assert play.process._handing.reloads_there, "it lets go, and will not reload itself"


@pytest.mark.usefixtures("signals")
def test_sigterm_waits_for_what_is_under_way_and_a_second_one_does_not() -> None:
    play = Play()
    play.reactor.happens("after", "startup")
    play.signalled(signal.SIGTERM)
    assert "STOPPING=1" in play.voice.heard
    assert play.reactor.stops == 0
    play.signalled(signal.SIGTERM)
    assert play.house.draining.cuts == 1
    play.house.drained.callback(None)
    assert play.reactor.stops == 1
    play.process.end()
    assert play.reactor.stops == 2, "it is stopping already"


@pytest.mark.usefixtures("signals")
def test_sigterm_after_a_hand_over_leaves_the_time_of_a_stop() -> None:
    """`systemctl stop` signals all of the service: the daemon that serves, and one that drains."""
    play = Play()
    play.reactor.happens("after", "startup")
    play.house.draining.has_begun = True
    play.signalled(signal.SIGTERM)
    assert (play.house.draining.hurried, play.house.draining.cuts) == (1, 0)
    play.signalled(signal.SIGTERM)
    assert (play.house.draining.hurried, play.house.draining.cuts) == (1, 1)


@pytest.mark.usefixtures("signals")
def test_sigterm_after_the_daemon_that_took_over_has_crashed_waits_for_nothing() -> None:
    """systemd starts no other one before all of the service has ended: nobody would be served."""
    play = Play()
    play.reactor.happens("after", "startup")
    play.house.draining.has_begun = True
    play.process._handing.is_left = True
    play.signalled(signal.SIGTERM)
    assert (play.house.draining.hurried, play.house.draining.cuts) == (0, 1)


@pytest.mark.usefixtures("signals")
def test_sigusr2_is_a_hand_over_and_whatever_goes_wrong_is_in_the_log() -> None:
    play = Play()
    play.reactor.happens("after", "startup")
    with capturedLogs() as logged:
        play.signalled(signal.SIGUSR2)
    assert "not handed over" in {each["log_format"] for each in logged}
    assert play.house.hand_over is not None, "the command asks for the same"
    play.process._handing.given()  # There is no daemon before, to tell it of.


@pytest.mark.usefixtures("signals")
def test_a_daemon_that_takes_over_says_nothing_to_systemd_until_it_serves() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        play = Play(before=theirs)
        play.reactor.happens("after", "startup")
        play.reactor.advance(10)
        assert play.voice.heard == []
        assert b'"says": "ready"' in ours.recv(1000)
        ours.send(b'{"v": 1, "says": "yours"}')
        for reader in play.reactor.getReaders():
            reader.doRead()
        assert play.voice.heard == ["READY=1", "WATCHDOG=1"]
        assert play.house.done == ["taken", "look"]
        assert b'"says": "taken"' in ours.recv(1000)
        play.process._handing.given()
        assert b'"says": "handed-on"' in ours.recv(1000)
    theirs.close()
