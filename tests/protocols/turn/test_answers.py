"""What strangers are answered, and how little of it (D1 to D4 of the checklist)."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import (
    UDP,
    A,
    Kind,
    Message,
    Method,
    fingerprinted,
    lengthened,
    message,
    parse,
)
from tests.protocols.turn.callers import Line
from tests.protocols.turn.plays import Play

ALLOCATE = (A.REQUESTED_TRANSPORT, UDP)
STRANGE = [1, 2, 60]


def said(line: Line, request: bytes) -> list[bytes]:
    """Say it, and return all that comes back."""
    line.says(request)
    return line.takes()


def answer(line: Line, request: bytes) -> Message:
    (heard,) = said(line, request)
    return parse(heard)


@pytest.mark.parametrize(
    ("address", "size"), [(("198.51.100.9", 1024), 32), (("2001:db8:2::1", 1024), 44)]
)
def test_d1_d2_a_binding_answer_is_the_mapped_address_and_nothing_else(
    address: tuple[str, int], size: int
) -> None:
    """D1, D2: no SOFTWARE, no other address of ours; 32 octets for 20, in IPv6 44."""
    play = Play()
    request = message(Method.BINDING)
    assert len(request) == 20
    heard = answer(play.line(address=address), request)
    assert heard.ok
    assert [kind for kind, _ in heard.attributes] == [A.XOR_MAPPED_ADDRESS]
    assert heard.address(A.XOR_MAPPED_ADDRESS) == address
    assert len(heard.raw) == size


def test_d1_a_challenge_is_short() -> None:
    """D1: at most 100 octets with a realm of twelve letters; no phrase, no SOFTWARE."""
    heard = answer(Play().line(), message(Method.ALLOCATE))
    assert heard.error == 401
    assert [kind for kind, _ in heard.attributes] == [
        A.ERROR_CODE,
        A.REALM,
        A.NONCE,
        A.PASSWORD_ALGORITHMS,
    ]
    assert heard.must(A.ERROR_CODE) == b"\0\0\x04\x01"
    assert len(heard.raw) <= 100


def test_d1_a_fingerprint_is_answered_with_one_and_else_there_is_none() -> None:
    play = Play()
    for method in (Method.BINDING, Method.ALLOCATE):
        with_one = answer(play.line(), fingerprinted(message(method)))
        without = answer(play.line(), message(method))
        assert fingerprinted(lengthened(with_one.raw[:-8], -8)) == with_one.raw
        assert not without.has(A.FINGERPRINT)
        assert len(with_one.raw) == len(without.raw) + 8


@pytest.mark.parametrize("method", [Method.BINDING, Method.ALLOCATE, Method.REFRESH])
def test_d1_when_the_bucket_is_empty_nothing_is_answered(method: int) -> None:
    """D1: so many a second for a source, a few seconds' worth at once; others have their own."""
    play = Play(unauthenticated_per_second=5.0)
    ports = [play.line(address=("198.51.100.9", 2000 + n)) for n in range(40)]
    assert sum(len(said(each, message(method))) for each in ports) == 20
    assert play.counters["too-many-requests"] == 20
    assert said(play.line(address=("198.51.100.10", 2000)), message(method))
    play.later(1)
    assert sum(len(said(each, message(method))) for each in ports) == 5


def test_d1_the_addresses_of_one_ipv6_network_have_one_bucket() -> None:
    play = Play(unauthenticated_per_second=5.0)
    lines = [play.line(address=(f"2001:db8:2::{n + 1}", 2000)) for n in range(40)]
    assert sum(len(said(each, message(Method.BINDING))) for each in lines) == 20


def test_d1_a_client_that_has_shown_who_it_is_is_answered_all_the_same() -> None:
    """D1: requests with a good integrity take nothing from the bucket."""
    play = Play(unauthenticated_per_second=1.0)
    alice = play.client(address=("198.51.100.9", 1000))
    alice.allocates()
    flood = play.line(address=("198.51.100.9", 2000))
    for _ in range(20):
        flood.says(message(Method.ALLOCATE))
    assert len(flood.takes()) < 5
    for _ in range(50):
        assert alice.refreshes().ok
    assert alice.permits(("10.0.0.1", 0)).error == 403


@pytest.mark.parametrize("by", [Transport.TCP, Transport.TLS])
def test_d1_over_a_stream_everybody_is_answered(by: Transport) -> None:
    """The address is proven, and connections are counted elsewhere."""
    play = Play(unauthenticated_per_second=1.0)
    line = play.line(by)
    assert sum(len(said(line, message(Method.BINDING))) for _ in range(50)) == 50


@pytest.mark.parametrize("method", [Method.BINDING, Method.ALLOCATE])
@pytest.mark.parametrize("count", STRANGE)
def test_d1_c6_naming_unknown_attributes_never_amplifies(method: int, count: int) -> None:
    """C6, D1: 420 names each once, and is shorter than what it answers to."""
    unknown = [(0x4000 + n, b"") for n in range(count)]
    request = message(method, *unknown)
    heard = answer(Play().line(), request)
    if method == Method.BINDING:
        assert heard.error == 420
        assert len(heard.must(A.UNKNOWN_ATTRIBUTES)) == 2 * count
        assert len(heard.raw) <= len(request) + 12
    else:
        assert heard.error == 401


@pytest.mark.parametrize("port", [0, 7, 19, 53, 123, 1900])
@pytest.mark.parametrize("by", [Transport.UDP, Transport.DTLS])
def test_d3_ports_of_reflecting_services_are_not_answered(port: int, by: Transport) -> None:
    """D3: no client calls from there; an answer would start a loop."""
    play = Play()
    line = play.line(by, ("198.51.100.9", port))
    for method in (Method.BINDING, Method.ALLOCATE, Method.REFRESH, 0x77):
        assert said(line, message(method)) == []
    assert play.counters["reflected-port"] == 4


def test_d3_over_a_stream_the_port_does_not_matter() -> None:
    assert said(Play().line(Transport.TCP, ("198.51.100.9", 53)), message(Method.BINDING))


@pytest.mark.parametrize("kind", [Kind.SUCCESS, Kind.ERROR, Kind.INDICATION])
@pytest.mark.parametrize("method", [*Method, 0x77])
def test_d4_responses_and_indications_are_never_answered(kind: int, method: int) -> None:
    """D4: whatever they carry, so that no two servers talk to each other forever."""
    line = Play().line()
    for parts in ([], [(A.ERROR_CODE, b"\0\0\4\1")], [(0x4000, b"unknown")]):
        assert said(line, message(method, *parts, kind=kind)) == []


def test_methods_nobody_knows_are_not_answered() -> None:
    """RFC 8489 section 6.3."""
    play = Play()
    for method in (0x000, 0x002, 0x005, 0x00D, 0x0FF):
        assert said(play.line(), message(method)) == []
    assert play.counters["unknown-method"] == 5


@pytest.mark.parametrize("octets", [b"\0", b"\0\1\0\0", b"\0\1\0\0" + bytes(16), b"\1" * 40])
def test_what_is_no_message_is_not_answered(octets: bytes) -> None:
    play = Play()
    assert said(play.line(), octets) == []
    assert play.counters["malformed"] == 1


def test_b4_strangers_leave_no_trace() -> None:
    """B4: a million spoofed requests would cost the same: nothing but counters."""
    play = Play(watched=False)
    for n in range(2000):
        line = play.line(address=(f"198.18.{n >> 8}.{n & 255}", 2000))
        line.says(message(Method.ALLOCATE, ALLOCATE))
    play.settle()
    assert len(play.allocations) == 0
    assert len(play.allocations.quotas) == 0
    assert len(play.allocations._deadlines) == 0
    assert play.book.lines == []
    assert play.server.wake_at() is None


def test_a_signed_answer_has_its_phrase() -> None:
    play = Play()
    assert play.client().refreshes().must(A.ERROR_CODE) == b"\0\0\x04\x25Allocation Mismatch"


@pytest.mark.parametrize("attribute", [0x0003, 0x0026, 0x0027])
def test_what_only_discovery_understands_is_unknown_without_it(attribute: int) -> None:
    """RFC 8489 section 6.3.1, RFC 5780 section 7: CHANGE-REQUEST, PADDING and RESPONSE-PORT."""
    heard = answer(Play().line(), message(Method.BINDING, (attribute, b"\0\0\0\6")))
    assert heard.error == 420
    assert heard.must(A.UNKNOWN_ATTRIBUTES) == attribute.to_bytes(2, "big")
