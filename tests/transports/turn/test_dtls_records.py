"""Records are found, told apart and packed without understanding what is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.transports.turn.dtls_records import (
    LARGEST_DATAGRAM,
    datagrams,
    hello_random,
    is_credible,
    is_dtls,
    spans,
)
from tests.transports.turn.dtls_records import HELLO, RANDOM, fragment, record


@pytest.mark.parametrize("first", [0, 1, 3, 19, 64, 79, 128, 191, 192, 255])
def test_other_protocols_are_told_by_their_first_octet(first: int) -> None:
    """C9: RFC 7983 section 7 and RFC 9443: STUN, TURN channels, RTP and QUIC are none."""
    assert not is_dtls(bytes((first,)) * 100)


@pytest.mark.parametrize("first", [20, 21, 22, 23, 63])
def test_dtls_is_told_by_its_first_octet(first: int) -> None:
    assert is_dtls(bytes((first,)))


@pytest.mark.parametrize(("size", "is_one"), [(0, False), (16_397, True), (16_398, False)])
def test_no_datagram_is_larger_than_openssl_reads(size: int, is_one: bool) -> None:
    """What it left of one would be the beginning of the next, which somebody else has sent."""
    assert is_dtls(b"\x16" * size) is is_one
    assert LARGEST_DATAGRAM == 16_397


def test_a_hello_is_known_by_its_random() -> None:
    assert hello_random(record(fragment(HELLO))) == RANDOM


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        record(fragment(HELLO), kind=23),
        record(fragment(HELLO), epoch=1),
        record(fragment(HELLO, kind=16)),
        record(fragment(HELLO, length=1000, offset=400)),
        record(fragment(HELLO))[:58],
    ],
    ids=["nothing", "data", "enciphered", "another message", "not its beginning", "cut off"],
)
def test_everything_else_is_no_hello(datagram: bytes) -> None:
    assert hello_random(datagram) is None


@pytest.mark.parametrize(("length", "credible"), [(16_384, True), (16_385, False)])
def test_no_client_has_long_handshake_messages(length: int, credible: bool) -> None:
    """D10: room is made for all of one when its first fragment comes."""
    first = record(fragment(b"x" * 10, length=length))
    assert is_credible(first) is credible
    assert is_credible(record(b"\1", kind=20) + first) is credible


def test_the_datagram_of_the_advisory_is_not_credible() -> None:
    """D10: 35 octets that declare a handshake message of 650,000."""
    datagram = record(fragment(b"x" * 10, length=650_000))
    assert len(datagram) == 35
    assert not is_credible(datagram)


@pytest.mark.parametrize("kind", [20, 21, 22, 23])
@pytest.mark.parametrize(("size", "credible"), [(0, False), (23, False), (24, True), (60, True)])
def test_what_is_enciphered_has_its_overhead(kind: int, size: int, credible: bool) -> None:
    """Some releases of OpenSSL end the connection for less, and anybody can send less."""
    assert is_credible(record(b"\xff" * size, kind, epoch=1)) is credible


def test_records_of_a_flight_share_datagrams_up_to_the_mtu() -> None:
    """RFC 6347 section 4.1.1: a record stays in one datagram."""
    one, two, three = record(b"1" * 300), record(b"2" * 600), record(b"3" * 300)
    assert list(datagrams(one + two + three, 1000)) == [one + two, three]
    assert list(datagrams(one + two + three, 5000)) == [one + two + three]


def test_a_record_larger_than_the_mtu_goes_alone() -> None:
    """A record of data is never cut; the network may."""
    small, large = record(b"1" * 10), record(b"2" * 3000)
    assert list(datagrams(small + large + small, 1000)) == [small, large, small]


def test_nothing_makes_no_datagram() -> None:
    assert list(datagrams(b"", 1000)) == []


@given(st.lists(st.binary(max_size=3000)), st.integers(1, 5000))
def test_packing_loses_nothing(bodies: list[bytes], mtu: int) -> None:
    flight = b"".join(map(record, bodies))
    packed = list(datagrams(flight, mtu))
    assert b"".join(packed) == flight
    assert all(len(each) <= mtu or len(list(spans(each))) == 1 for each in packed)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(record))
def test_any_octets_are_looked_at_without_harm(datagram: bytes) -> None:
    ends = [end for _, end in spans(datagram)]
    assert all(end <= len(datagram) for end in ends)
    is_credible(datagram)
    random = hello_random(datagram)
    assert random is None or random in datagram
