"""A stream is cut into messages, whatever pieces it comes in (RFC 8489 6.2.2, RFC 8656 12.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.codes import HEADER_SIZE
from procall_mobility.protocols.stun.stream import LARGEST_MESSAGE, Unframer
from tests.interop.turn.stun_codec import channel_data as framed
from tests.protocols.stun.messages import channel_data, messages

BINDING = bytes.fromhex("000100002112a442") + bytes(12)
LARGEST_CHANNEL_DATA = 4 + 0xFFFF + 1

units = st.lists(messages | channel_data(), max_size=8)


def on_the_wire(unit: bytes) -> bytes:
    return unit + bytes(-len(unit) % 4)


def taken(unframer: Unframer) -> list[bytes]:
    found = []
    while (each := unframer.take()) is not None:
        found.append(each)
    return found


def begun(*, old_channels: bool = False) -> Unframer:
    """Follow a stream that has begun with a message, as all of ours do."""
    unframer = Unframer(old_channels=old_channels)
    unframer.hears(BINDING)
    assert unframer.take() == BINDING
    return unframer


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    while at < len(data):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[at : at + size])
        at += size
    return pieces


@given(units, st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_pieces_give_the_same_messages_as_the_whole(found: list[bytes], sizes: list[int]) -> None:
    """ChannelData of any size included, of which the padding is not a part."""
    data = b"".join(map(on_the_wire, found))
    for pieces in ([data], cut(data, [1]), cut(data, sizes)):
        unframer, heard = begun(), []
        for piece in pieces:
            unframer.hears(piece)
            heard += taken(unframer)
        assert heard == found
        assert unframer.waiting == 0


@given(st.lists(st.binary(max_size=40), max_size=20), st.booleans())
def test_c14_whatever_comes_there_are_messages_or_an_end(
    pieces: list[bytes], begins_well: bool
) -> None:
    """C14: nothing but `PeerError`, no more held than was heard, and no message invented."""
    unframer = Unframer()
    pieces = [BINDING, *pieces] if begins_well else pieces
    heard = b"".join(pieces)
    found: list[bytes] = []
    try:
        for piece in pieces:
            unframer.hears(piece)
            found += taken(unframer)
    except PeerError:
        pass
    assert sum(map(len, found)) + unframer.waiting <= len(heard)
    assert all(each in heard for each in found)


@pytest.mark.parametrize("length", [65_520, 65_524, 65_528, 65_532])
def test_c3_a_length_beyond_any_message_ends_the_stream(length: int) -> None:
    """C3: with its header it would not fit into sixteen bits; nothing wraps."""
    unframer = Unframer()
    unframer.hears(b"\x00\x03" + length.to_bytes(2))
    with pytest.raises(PeerError):
        unframer.take()


def test_c3_the_largest_message_is_taken_and_the_stream_goes_on() -> None:
    length = (LARGEST_MESSAGE - HEADER_SIZE) & ~3
    largest = b"\x00\x17" + length.to_bytes(2) + bytes.fromhex("2112a442") + bytes(12 + length)
    unframer = begun()
    unframer.hears(largest[:-1])
    assert unframer.take() is None
    assert unframer.waiting == len(largest) - 1 < LARGEST_MESSAGE
    unframer.hears(largest[-1:] + framed(0x4001, b"next", padded=True))
    assert taken(unframer) == [largest, framed(0x4001, b"next")]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF])
def test_c4_the_largest_channel_data_is_taken_and_the_stream_goes_on(size: int) -> None:
    """C4: 4 + 0xFFFF and its padding, which is more than sixteen bits can say."""
    first, second = framed(0x4000, b"\x55" * size), framed(0x4FFF, b"next")
    unframer = begun()
    for piece in cut(on_the_wire(first) + second, [1021]):
        unframer.hears(piece)
        found = taken(unframer)
        assert unframer.waiting < LARGEST_CHANNEL_DATA
        if found:
            break
    unframer.hears(b"")
    assert found[0] == first


@pytest.mark.parametrize(
    "data",
    [
        b"\x50\x00\x00\x00",
        b"\x7f\xff\x00\x00",
        b"\x80\x00\x00\x00",  # RTP.
        b"\xff\xff\xff\xff",
        b"\x16\x03\x01\x02",  # TLS.
        b"SSH-2.0-x",
        b"\x00\x01\x00\x01",
        b"\x00\x01\x00\x00\x21\x12\xa4\x43",
        b"\x00\x01\x00\x00\x22",
        b"\r\n\r\n\0\r\nQUIT\n",
    ],
)
def test_c9_c12_what_is_neither_ends_the_stream(data: bytes) -> None:
    """C9, C12: by its first octets, however much more is announced (RFC 7983 section 7)."""
    unframer = begun()
    unframer.hears(data)
    with pytest.raises(PeerError):
        unframer.take()


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"HEAD / HTTP/1.1", framed(0x4000, b"x")]
)
def test_c12_channel_data_never_comes_first(data: bytes) -> None:
    """C12: an HTTP request would look like some, and would be waited for."""
    unframer = Unframer()
    unframer.hears(data)
    with pytest.raises(PeerError):
        unframer.take()


def test_c10_old_channels_are_channels_where_an_operator_says_so() -> None:
    """C10: 0x5000 to 0x7FFF (RFC 5766 section 11)."""
    old = framed(0x7FFF, b"data")
    unframer = begun(old_channels=True)
    unframer.hears(old)
    assert unframer.take() == old
    unframer.hears(b"\x80\x00\x00\x00")
    with pytest.raises(PeerError):
        unframer.take()


def test_what_is_left_is_somebody_elses() -> None:
    """RFC 6062: after ConnectionBind the octets are the peer's, those already heard included."""
    unframer = begun()
    first = framed(0x4000, b"data")
    unframer.hears(first + b"raw")
    assert unframer.take() == first
    assert unframer.rest() == b"raw"
    assert unframer.waiting == 0


def test_c2_channel_data_that_announces_more_than_it_carries_is_waited_for() -> None:
    """C2: on a stream the rest may still come; it is never read from beyond."""
    unframer = begun()
    unframer.hears(b"\x40\x00\x8a\xb6abc")
    assert unframer.take() is None
    assert unframer.waiting == 7


@given(units, st.lists(st.integers(1, 200), min_size=1, max_size=30), st.booleans())
def test_frames_taken_together_are_those_taken_one_by_one(
    said: list[bytes], sizes: list[int], old: bool
) -> None:
    """Of each piece first the ChannelData in front, then one message, and so on."""
    stream = b"".join(map(on_the_wire, said))
    by_one, together = begun(old_channels=old), begun(old_channels=old)
    one: list[bytes] = []
    found: list[bytes] = []
    for piece in cut(stream, sizes):
        by_one.hears(piece)
        together.hears(piece)
        one += taken(by_one)
        more = True
        while more:
            frames = together.take_frames()
            assert all(number == int.from_bytes(each[:2]) for number, each in frames)
            found += [bytes(each) for _, each in frames]
            message = together.take()
            found += [message] if message is not None else []
            more = message is not None
        assert together.waiting == by_one.waiting
    assert found == one


def test_no_frames_are_taken_before_the_first_message() -> None:
    """An HTTP request begins like some of them; `take` says that it is none."""
    unframer = Unframer()
    unframer.hears(framed(0x4000, b"data", padded=True))
    assert unframer.take_frames() == []
    with pytest.raises(PeerError):
        unframer.take()


@pytest.mark.parametrize(
    ("number", "old", "count"), [(0x4FFF, False, 1), (0x5000, False, 0), (0x7FFF, True, 1)]
)
def test_frames_have_numbers_of_channels(number: int, old: bool, count: int) -> None:
    unframer = begun(old_channels=old)
    unframer.hears(framed(number, b"data", padded=True))
    assert len(unframer.take_frames()) == count
