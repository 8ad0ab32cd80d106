"""Two daemons hear each other, whole messages in order, and each other's end (real sockets)."""

import socket
from collections.abc import Iterator

import pytest
from attrs import define, field
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.protocols.hand_over import LARGEST, Message
from procall_mobility.transports.hand_over_channel import (
    MOST_WAITING,
    HandOverChannel,
    channel_sockets,
)


@define(eq=False)
class Side:
    sock: socket.socket
    reactor: MemoryReactorClock = field(factory=MemoryReactorClock)
    heard: list[Message] = field(factory=list)
    lost: list[str] = field(factory=list)
    channel: HandOverChannel = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.channel = HandOverChannel(
            self.reactor, self.sock, self.heard.append, self.lost.append
        )

    def turn(self) -> None:
        for writer in list(self.reactor.getWriters()):
            writer.doWrite()
        for reader in list(self.reactor.getReaders()):
            reader.doRead()


@pytest.fixture
def sides() -> Iterator[tuple[Side, Side]]:
    made = Side(channel_sockets()[0]), Side(channel_sockets()[0])
    for each in made:
        each.channel.close()
    ours, theirs = map(Side, channel_sockets())
    yield ours, theirs
    ours.channel.close()
    theirs.channel.close()


def test_messages_come_whole_and_in_order(sides: tuple[Side, Side]) -> None:
    old, new = sides
    new.channel.say("ready", {"pid": 7})
    new.channel.say("taken")
    old.turn()
    assert old.heard == [Message("ready", {"pid": 7}), Message("taken", {})]
    old.channel.say("yours")
    new.turn()
    assert new.heard == [Message("yours", {})]
    assert old.channel.logPrefix() == "hand-over"
    assert old.channel.fileno() == old.sock.fileno()
    old.channel.connectionLost()


def test_the_end_of_the_other_one_is_heard_after_its_last_words(sides: tuple[Side, Side]) -> None:
    old, new = sides
    new.channel.say("failed", {"why": "x"})
    new.channel.close()
    old.turn()
    assert old.heard == [Message("failed", {"why": "x"})]
    assert old.lost == ["it has ended"]
    assert not old.channel.is_open
    old.channel.say("yours")
    assert old.reactor.getReaders() == []


def test_what_is_said_to_one_that_has_gone_is_not_said(sides: tuple[Side, Side]) -> None:
    """Its end is heard by the reading, whatever came before."""
    old, new = sides
    new.channel.close()
    old.channel.say("yours")
    assert old.lost == []
    old.turn()
    assert old.lost == ["it has ended"]


def test_many_words_wait_until_they_are_heard(sides: tuple[Side, Side]) -> None:
    old, new = sides
    for number in range(20):
        old.channel.say("draining", {"n": number, "pad": "x" * (LARGEST - 100)})
    assert old.reactor.getWriters() == [old.channel]
    for _ in range(30):
        new.turn()
        old.turn()
    assert [each.number("n") for each in new.heard] == list(range(20))
    assert old.reactor.getWriters() == []


def test_whoever_never_listens_is_given_up(sides: tuple[Side, Side]) -> None:
    old, _ = sides
    for _ in range(2 * MOST_WAITING):
        old.channel.say("draining", {"pad": "x" * 1000})
    assert old.lost == ["it does not listen"]


def test_whoever_speaks_otherwise_is_given_up(sides: tuple[Side, Side]) -> None:
    old, new = sides
    new.sock.send(b"hello")
    new.channel.say("ready")
    old.turn()
    assert old.heard == []
    assert old.lost == ["what it says is no JSON"]


def test_a_listener_may_close_it_while_it_is_heard(sides: tuple[Side, Side]) -> None:
    old, new = sides
    old.channel._heard = lambda message: old.channel.close()
    new.channel.say("one")
    new.channel.say("two")
    old.turn()
    assert old.lost == []


def test_a_fault_of_the_system_is_told(sides: tuple[Side, Side]) -> None:
    """Unread words of ours make our end a reset."""
    old, new = sides
    old.channel.say("yours")
    new.channel.close()
    old.turn()
    assert len(old.lost) == 1
