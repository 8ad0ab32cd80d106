"""Messages that are bent, over real sockets (checklist C1 to C11)."""

import os
import struct

import pytest

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.site import STREAMS, TRANSPORTS, Site
from tests.interop.turn.stun_codec import (
    A,
    Kind,
    Method,
    fingerprinted,
    head,
    lengthened,
    message,
    part,
    parts_of,
)
from tests.interop.turn.turn_client import Identity
from tests.interop.turn.wires import PATIENCE, is_cut_off

pytestmark = pytest.mark.interop

CHANNEL_LIFETIME, CHANNEL_GUARD, PERMISSION_LIFETIME = 600, 300, 300


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_padding_is_of_zeros(site: Site, transport: str, size: int) -> None:
    """C1: in every answer (the tests' codec refuses others) and after channel data on streams."""
    caller, peer = site.allocated(transport), site.peer()
    caller.gets(Method.REFRESH, (A.SOFTWARE, b"x" * size))
    assert caller.binds(0x4000, peer.address).ok
    peer.say(b"\xff" * size, caller.relayed)
    assert caller.hear() == (0x4000, b"\xff" * size)
    caller.says(0x4000, b"\xfe" * size)
    assert peer.hear()[0] == b"\xfe" * size
    other = site.peer("52.0.0.2")
    assert caller.permits(other.address).ok
    other.say(b"\xfd" * size, caller.relayed)
    assert caller.hear() == (other.address, b"\xfd" * size)


def test_no_more_is_relayed_than_was_sent(site: Site) -> None:
    """C2: ChannelData that declares more than it carries."""
    caller, peer = site.allocated(), site.peer()
    assert caller.binds(0x4000, peer.address).ok
    for declared, carried in ((35_510, 3), (0xFFFF, 0), (4, 3), (1, 0)):
        caller.wire.send(struct.pack(">HH", 0x4000, declared) + b"abc"[:carried])
    caller.wire.send(struct.pack(">HH", 0x4000, 3) + b"abcdef")
    assert peer.hear()[0] == b"abc", "what is more than declared is padding"
    assert peer.heard() == []


@pytest.mark.parametrize("length", [65_488, 65_520, 65_524, 65_528, 65_532])
def test_a_message_as_long_as_a_stream_can_say(site: Site, stream: str, length: int) -> None:
    """C3: the connection is closed, or stays in step; no length wraps around."""
    wire = site.stream(stream)
    wire.send(message(Method.BINDING))
    wire.receive()
    try:
        wire.send(head(Method.BINDING, Kind.REQUEST, length, os.urandom(12)) + bytes(length))
        wire.send(message(Method.BINDING, transaction=b"afterwards.."))
        while (answer := wire.receive())[8:20] != b"afterwards..":
            pass
        assert answer[:2] == b"\x01\x01"
    except ConnectionError:
        pass
    assert site.caller(stream).tries_to_allocate().ok


@pytest.mark.parametrize("length", [65_507, 65_508, 65_532, 65_533, 65_535])
def test_channel_data_as_long_as_a_stream_can_say(site: Site, stream: str, length: int) -> None:
    """C4: no datagram is that long, so it goes nowhere; the stream stays in step."""
    caller, peer = site.allocated(stream), site.peer()
    assert caller.binds(0x4000, peer.address).ok
    caller.says(0x4000, bytes(length))
    caller.says(0x4000, b"next")
    heard = [peer.hear()[0]]
    if length <= 65_507:
        assert heard == [bytes(length)]
        heard = [peer.hear()[0]]
    assert heard == [b"next"]


def test_a_stream_may_come_in_any_pieces(site: Site, stream: str) -> None:
    """C5: an odd place in a buffer is as good as an even one."""
    caller, peer = site.caller(stream), site.peer()
    send = caller.wire.send
    caller.wire = Pieces(caller.wire, 1)
    caller.allocates()
    assert caller.binds(0x4000, peer.address).ok
    for size in (0, 1, 2, 3):
        caller.says(0x4000, b"x" * size)
        assert peer.hear()[0] == b"x" * size
    together = b"".join(
        struct.pack(">HH", 0x4000, size) + b"y" * size + bytes(-size % 4) for size in range(1, 6)
    )
    send(together + message(Method.BINDING))
    assert [peer.hear()[0] for _ in range(5)] == [b"y" * size for size in range(1, 6)]


class Pieces:
    """A wire that sends in small pieces."""

    def __init__(self, wire, size: int) -> None:
        self._wire, self._size = wire, size
        self.local, self.reliable = wire.local, wire.reliable

    def send(self, data: bytes) -> None:
        for at in range(0, len(data), self._size):
            self._wire.send(data[at : at + self._size])

    def receive(self, seconds: float = PATIENCE) -> bytes:
        return self._wire.receive(seconds)

    def close(self) -> None:
        self._wire.close()


@pytest.mark.parametrize("odd", [1, 2, 3, 5, 7, 21])
def test_attributes_of_odd_sizes_are_read(site: Site, transport: str, odd: int) -> None:
    """C5: those that have a fixed size and another here are refused, the rest are read."""
    caller = site.caller(transport, Identity(b"x" * odd, b"guessed"))
    assert caller.tries_to_allocate().error == 401
    caller = site.allocated(transport)
    assert caller.gets(Method.REFRESH, (A.LIFETIME, b"\1" * odd)).error == 400
    peer = (A.XOR_PEER_ADDRESS, b"\0\1" + b"\1" * odd)
    assert caller.gets(Method.CREATE_PERMISSION, peer).error == 400


@pytest.mark.parametrize("count", [1, 2, 30])
def test_unknown_attributes_are_named(site: Site, transport: str, count: int) -> None:
    """C6: 420 with each of them once, asked by whomever."""
    caller = site.allocated(transport)
    unknown = [(0x7000 + number, b"?") for number in range(count)]
    for answer in (
        caller.ask(message(Method.BINDING, *unknown, *unknown)),
        caller.gets(Method.REFRESH, *unknown, *unknown),
    ):
        assert answer.error == 420
        named = answer.must(A.UNKNOWN_ATTRIBUTES)
        assert struct.unpack(f">{count}H", named) == tuple(kind for kind, _ in unknown)


def test_unknown_attributes_without_end_are_no_message(site: Site, transport: str) -> None:
    """C6: hundreds of them are not read to the end; the next message is answered."""
    caller = site.caller(transport)
    unknown = [(0x7000 + number, b"") for number in range(100)]
    assert caller.ignored(message(Method.BINDING, *unknown))
    unknown = [(0xC000 + number, b"") for number in range(30)]
    assert caller.ask(message(Method.BINDING, *unknown)).ok, "these need not be understood"


def test_lengths_do_not_count_the_padding(site: Site, transport: str) -> None:
    """C7: neither an error's nor anything else's; and what we get may do so."""
    caller = site.allocated(transport)
    bad = caller.gets(Method.CHANNEL_BIND)
    assert bad.error == 400
    reason = bad.must(A.ERROR_CODE)[4:]
    assert reason == b"Bad Request"
    assert dict(parts_of(bad.raw[20:]))[A.ERROR_CODE][4:] == reason
    request = message(Method.BINDING, (A.SOFTWARE, b"a client\0\0\0\0"))
    assert caller.ask(request).ok


def malformed() -> dict[str, bytes]:
    good = message(Method.BINDING)
    wrong_cookie = good[:4] + b"\x21\x12\xa4\x43" + good[8:]
    print_at_fault = fingerprinted(good)[:-1] + b"\0"
    return {
        "a header cut off": good[:19],
        "a wrong cookie": wrong_cookie,
        "top bits 10": b"\x80" + good[1:],
        "top bits 11": b"\xc0" + good[1:],
        "a length not of fours": lengthened(good, 3) + b"abc",
        "a length too long": lengthened(good, 4),
        "a length too short": good + bytes(4),
        "a wrong fingerprint": print_at_fault,
        "an integrity cut off": lengthened(good, 24) + part(A.MESSAGE_INTEGRITY, bytes(19)),
        "an attribute too long": lengthened(good, 4) + struct.pack(">HH", A.SOFTWARE, 4),
        "half an attribute": lengthened(good, 4) + b"\x80\x22\xff\xff",
        "one octet": b"\0",
        "nothing": b"",
    }


@pytest.mark.parametrize("what", malformed())
def test_what_is_no_message_is_not_answered(site: Site, what: str) -> None:
    """C8: silence over UDP."""
    caller = site.caller()
    data = malformed()[what]
    caller.wire.send(data)
    caller.settle()
    caller.wire.send(data)
    assert caller.ask(message(Method.BINDING)).ok


def test_a_stream_of_messages_that_are_none_is_closed(site: Site, stream: str) -> None:
    """C8: after a few; each is well framed, so that the stream could go on."""
    wire = site.stream(stream)
    bad = fingerprinted(message(Method.BINDING))[:-1] + b"\0"
    wire.send(message(Method.BINDING))
    wire.receive()
    for _ in range(20):
        wire.send(bad)
    assert is_cut_off(wire.socket)


@pytest.mark.parametrize(
    ("number", "is_good"),
    [(0, False), (0x3FFF, False), (0x4000, True), (0x4FFF, True), (0x5000, False),
     (0x7FFF, False), (0x8000, False), (0xFFFF, False)],
    ids=lambda value: f"{value:#x}" if not isinstance(value, bool) else "",
)  # fmt: skip
def test_channels_have_numbers_of_their_own(
    site: Site, transport: str, number: int, is_good: bool
) -> None:
    """C10: RFC 8656 section 12."""
    caller = site.allocated(transport)
    assert caller.binds(number, ("52.0.0.1", 7)).error == (0 if is_good else 400)


def test_a_channel_and_its_peer_belong_together(site: Site, transport: str) -> None:
    """C11: neither may be given to another."""
    caller = site.allocated(transport)
    one, other = ("52.0.0.1", 7), ("52.0.0.1", 8)
    assert caller.binds(0x4000, one).ok
    assert caller.binds(0x4000, other).error == 400
    assert caller.binds(0x4001, one).error == 400
    assert caller.binds(0x4000, one).ok, "again is a refresh"
    assert caller.binds(0x4001, other).ok


def test_a_channel_is_free_a_while_after_it_expired(start_site: StartSite) -> None:
    """C11: RFC 8656 section 12: five minutes, so that late data does not go astray."""
    site = start_site(clock=True)
    callers = [
        site.allocated(transport, (A.LIFETIME, b"\0\0\x0e\x10")) for transport in TRANSPORTS
    ]
    one, other = ("52.0.0.1", 7), ("52.0.0.1", 8)
    for caller in callers:
        assert caller.binds(0x4000, one).ok
    site.advance(CHANNEL_LIFETIME + CHANNEL_GUARD - 60)
    for caller in callers:
        assert caller.binds(0x4000, other).error == 400
        assert caller.binds(0x4001, one).error == 400
    site.advance(62)
    for caller in callers:
        assert caller.binds(0x4000, other).ok
        assert caller.binds(0x4001, one).ok


def test_old_channels_may_be_switched_on(start_site: StartSite) -> None:
    """C10: for clients of RFC 5766, by the setting `turn.old_channels`."""
    site = start_site(turn={"old_channels": True})
    for transport in ("udp", *STREAMS):
        caller, peer = site.allocated(transport), site.peer()
        assert caller.binds(0x7FFF, peer.address).ok
        caller.says(0x7FFF, b"old")
        assert peer.hear()[0] == b"old"
        assert caller.binds(0x8000, peer.address).error == 400
