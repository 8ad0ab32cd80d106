"""Allocate (RFC 8656 section 7.2; the steps are numbered as there)."""

from itertools import pairwise

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import IPV4, IPV6, MD5, SHA256, TCP, UDP, A, Method
from tests.interop.turn.turn_client import lifetime
from tests.protocols.turn.plays import PORTS, SEEN, SEEN6, Play

UDP_TRANSPORT = (A.REQUESTED_TRANSPORT, UDP)
EVEN, EVEN_AND_NEXT = (A.EVEN_PORT, b"\x00"), (A.EVEN_PORT, b"\x80")


def test_an_allocation_is_answered_with_its_addresses_and_its_lifetime() -> None:
    """Section 7.2: relayed address, lifetime, and the client's own address as we see it."""
    play = Play()
    alice = play.client("alice", address=("198.51.100.7", 40_007))
    answer = alice.allocates()
    host, port = answer.address(A.XOR_RELAYED_ADDRESS)
    assert host == SEEN
    assert port in PORTS
    assert answer.number(A.LIFETIME) == 600
    assert answer.address(A.XOR_MAPPED_ADDRESS) == ("198.51.100.7", 40_007)
    assert [kind for kind, _ in answer.attributes] == [
        A.XOR_RELAYED_ADDRESS,
        A.LIFETIME,
        A.XOR_MAPPED_ADDRESS,
        A.MESSAGE_INTEGRITY,
    ]
    assert play.book.lines == [("opened", alice.allocation.id)]


@pytest.mark.parametrize("by", [Transport.UDP, Transport.TCP, Transport.TLS, Transport.DTLS])
@pytest.mark.parametrize("algorithm", [MD5, SHA256])
@pytest.mark.parametrize("address", [("198.51.100.1", 1024), ("2001:db8:2::1", 1024)])
def test_clients_come_by_every_way(
    by: Transport, algorithm: bytes, address: tuple[str, int]
) -> None:
    play = Play()
    answer = play.client("alice", by=by, algorithm=algorithm, address=address).allocates()
    assert answer.address(A.XOR_MAPPED_ADDRESS) == address
    assert answer.address(A.XOR_RELAYED_ADDRESS)[0] == SEEN


def test_step_1_who_is_unknown_is_asked_who_it_is() -> None:
    play = Play()
    alice = play.client("alice")
    answer = alice.answer_to(alice.talk.request(Method.ALLOCATE, UDP_TRANSPORT))
    assert answer is not None
    assert answer.error == 401
    assert not answer.has(A.MESSAGE_INTEGRITY)
    assert len(play.allocations) == 0


def test_step_2_a_five_tuple_has_one_allocation() -> None:
    play = Play()
    alice = play.client("alice")
    alice.allocates()
    before = alice.allocation
    assert alice.tries_to_allocate().error == 437
    assert alice.allocation is before


def test_step_2_a_repeated_request_is_answered_again() -> None:
    """RFC 8489 section 6.3.1: the answer was lost; the second is as the first."""
    play = Play()
    alice = play.client("alice")
    parts = (UDP_TRANSPORT, EVEN_AND_NEXT, (A.MOBILITY_TICKET, b""))
    first = alice.gets(Method.ALLOCATE, *parts, transaction=b"twelve bytes")
    play.later(10)
    second = alice.gets(Method.ALLOCATE, *parts, transaction=b"twelve bytes")
    assert second.ok
    for attribute in (A.XOR_RELAYED_ADDRESS, A.RESERVATION_TOKEN, A.MOBILITY_TICKET):
        assert second.must(attribute) == first.must(attribute)
    assert second.number(A.LIFETIME) == 590
    assert len(play.allocations) == 1


@pytest.mark.parametrize("value", [b"", b"\x11", b"\x11\0\0", b"\x11\0\0\0\0"])
def test_step_3_a_malformed_transport_is_a_bad_request(value: bytes) -> None:
    assert Play().client().tries_to_allocate(transport=value).error == 400


def test_step_3_a_request_without_a_transport_is_a_bad_request() -> None:
    assert Play().client().gets(Method.ALLOCATE).error == 400


@pytest.mark.parametrize("protocol", [0, 1, 16, 18, 132, 255])
def test_step_3_other_protocols_are_not_supported(protocol: int) -> None:
    assert Play().client().tries_to_allocate(transport=bytes((protocol, 0, 0, 0))).error == 442


def test_step_3_tcp_is_not_supported_where_it_is_switched_off() -> None:
    alice = Play(tcp_relay=False).client(by=Transport.TCP)
    assert alice.tries_to_allocate(transport=TCP).error == 442


def test_step_3_the_reserved_octets_of_a_transport_do_not_matter() -> None:
    assert Play().client().tries_to_allocate(transport=b"\x11\xff\xff\xff").ok


def test_step_4_we_know_how_not_to_fragment() -> None:
    assert Play().client().allocates((A.DONT_FRAGMENT, b"")).ok


def test_unknown_attributes_that_must_be_understood_are_named() -> None:
    """C6, RFC 8489 section 6.3.1: each is named once, and nothing is allocated."""
    play = Play()
    answer = play.client().tries_to_allocate((0x7001, b"x"), (0x7002, b""), (0x7001, b"y"))
    assert answer.error == 420
    assert answer.must(A.UNKNOWN_ATTRIBUTES) == b"\x70\x01\x70\x02"
    assert len(play.allocations) == 0


def test_unknown_attributes_that_may_be_ignored_are() -> None:
    assert Play().client().allocates((0xFF01, b"whatever")).ok


@pytest.mark.parametrize(
    "other",
    [EVEN, (A.REQUESTED_ADDRESS_FAMILY, IPV4), (A.ADDITIONAL_ADDRESS_FAMILY, IPV6)],
)
def test_step_5_a_token_says_everything_about_an_address(other: tuple[int, bytes]) -> None:
    alice = Play().client()
    assert alice.tries_to_allocate((A.RESERVATION_TOKEN, b"eight by"), other).error == 400


@pytest.mark.parametrize("token", [b"eight by", b"", b"nine byte"])
def test_step_5_a_token_nobody_has_given_is_worth_nothing(token: bytes) -> None:
    assert Play().client().tries_to_allocate((A.RESERVATION_TOKEN, token)).error == 508


def test_step_6_one_family_and_an_additional_one_exclude_each_other() -> None:
    wanted = ((A.REQUESTED_ADDRESS_FAMILY, IPV4), (A.ADDITIONAL_ADDRESS_FAMILY, IPV6))
    assert Play().client().tries_to_allocate(*wanted).error == 400


@pytest.mark.parametrize(("family", "host"), [(IPV4, SEEN), (IPV6, SEEN6)])
def test_step_7_a_client_gets_the_family_it_asks_for(family: bytes, host: str) -> None:
    answer = Play().client().allocates((A.REQUESTED_ADDRESS_FAMILY, family))
    assert [each[0] for each in answer.addresses(A.XOR_RELAYED_ADDRESS)] == [host]


@pytest.mark.parametrize(
    ("families", "wanted"),
    [
        ("4", [(A.REQUESTED_ADDRESS_FAMILY, IPV6)]),
        ("6", [(A.REQUESTED_ADDRESS_FAMILY, IPV4)]),
        ("6", []),
        ("46", [(A.REQUESTED_ADDRESS_FAMILY, b"\x00\0\0\0")]),
        ("46", [(A.REQUESTED_ADDRESS_FAMILY, b"\x03\0\0\0")]),
        ("", [(A.ADDITIONAL_ADDRESS_FAMILY, IPV6)]),
    ],
)
def test_step_7_a_family_we_do_not_have_is_not_supported(
    families: str, wanted: list[tuple[int, bytes]]
) -> None:
    assert Play(families=families).client().tries_to_allocate(*wanted).error == 440


@pytest.mark.parametrize("attribute", [A.REQUESTED_ADDRESS_FAMILY, A.ADDITIONAL_ADDRESS_FAMILY])
@pytest.mark.parametrize("value", [b"", b"\x02", b"\x02\0\0\0\0"])
def test_step_7_a_malformed_family_is_a_bad_request(attribute: int, value: bytes) -> None:
    assert Play().client().tries_to_allocate((attribute, value)).error == 400


def test_step_8_a_pair_of_ports_is_for_one_family() -> None:
    wanted = (EVEN_AND_NEXT, (A.ADDITIONAL_ADDRESS_FAMILY, IPV6))
    assert Play().client().tries_to_allocate(*wanted).error == 400


def test_step_8_without_a_pair_of_ports_there_is_no_capacity() -> None:
    play = Play(ports=range(50_001, 50_003))
    assert play.client().tries_to_allocate(EVEN_AND_NEXT).error == 508
    assert play.client().allocates(EVEN).ok


@pytest.mark.parametrize("value", [b"", b"\x80\0", b"\0\0\0\0"])
def test_step_8_a_malformed_even_port_is_a_bad_request(value: bytes) -> None:
    assert Play().client().tries_to_allocate((A.EVEN_PORT, value)).error == 400


@pytest.mark.parametrize("family", [IPV4, b"\x03\0\0\0"])
def test_step_9_the_additional_family_is_ipv6(family: bytes) -> None:
    assert Play().client().tries_to_allocate((A.ADDITIONAL_ADDRESS_FAMILY, family)).error == 400


def test_step_10_who_has_enough_gets_no_more_and_costs_no_socket() -> None:
    play = Play(allocations_per_user=1)
    play.client("alice").allocates()
    before = play.free_ports()
    assert play.client("alice").tries_to_allocate().error == 486
    assert play.client("alice").tries_to_allocate(EVEN_AND_NEXT).error == 486
    assert play.free_ports() == before
    assert play.client("bob").allocates().ok


@pytest.mark.parametrize(
    ("asked", "granted"),
    [(None, 600), (0, 600), (1, 600), (600, 600), (601, 601), (3600, 3600), (2**32 - 1, 3600)],
)
def test_the_lifetime_is_between_the_default_and_the_longest(
    asked: int | None, granted: int
) -> None:
    play = Play()
    answer = play.client().allocates(*([] if asked is None else [lifetime(asked)]))
    assert answer.number(A.LIFETIME) == granted
    play.later(granted - 1)
    assert len(play.allocations) == 1
    play.later(1)
    assert len(play.allocations) == 0
    assert play.ended() == ["expired"]


@pytest.mark.parametrize("value", [b"", b"\0\0\x02", b"\0\0\0\x02\0"])
def test_a_malformed_lifetime_is_a_bad_request_and_leaves_nothing(value: bytes) -> None:
    play = Play()
    assert play.client().tries_to_allocate((A.LIFETIME, value)).error == 400
    assert len(play.allocations) == 0


def test_a_port_another_program_has_is_passed_over() -> None:
    play = Play(ports=range(50_000, 50_004))
    play.sockets.taken |= {("10.0.0.1", port) for port in (50_000, 50_001, 50_003)}
    assert play.client().allocates().address(A.XOR_RELAYED_ADDRESS) == (SEEN, 50_002)
    assert play.client().tries_to_allocate().error == 508


def test_ports_do_not_follow_each_other() -> None:
    """B1: who knows one relayed port knows nothing of the next."""
    play = Play()
    ports = [play.client(f"u{n}").allocates().address(A.XOR_RELAYED_ADDRESS)[1] for n in range(9)]
    assert sorted(ports) != ports
    assert len({b - a for a, b in pairwise(ports)}) > 4
