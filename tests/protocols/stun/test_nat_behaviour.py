"""Whoever wants to know its NAT is answered from where it wishes, and nobody else is hit by it."""

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.stun.addresses import TransportAddress, address_of
from procall_mobility.protocols.stun.nat_behaviour import MOST_PADDING, NatBehaviour
from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import (
    A,
    Message,
    Method,
    Part,
    fingerprinted,
    message,
    parse,
    part,
    xor_address,
)
from tests.protocols.turn.plays import Play
from tests.protocols.turn.props import Listener

RESPONSE_PORT, PADDING = 0x0027, 0x0026
CHANGE_HOST, CHANGE_PORT = 0x04, 0x02

MAIN, OTHER = "203.0.113.1", "203.0.113.2"
CLIENT = ("198.51.100.7", 40_007)


@define
class Service:
    """A relay with four sockets that answer for each other, and what leaves each of them."""

    play: Play = field(factory=Play)
    hosts: tuple[str, str] = (MAIN, OTHER)
    seen_as: dict[str, str] = field(factory=dict)
    sent: list[tuple[Message, TransportAddress, TransportAddress]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        behaviour = NatBehaviour(
            hosts=self.hosts, ports=(3478, 3479), send=self._send, seen_as=self.seen_as
        )
        for place in behaviour.places():
            self.play.server.nat_behaviour[place] = behaviour

    def _send(self, data: bytes, origin: TransportAddress, to: TransportAddress) -> None:
        self.sent.append((parse(data), origin, to))

    def hears(
        self,
        data: bytes,
        at: TransportAddress = (MAIN, 3478),
        client: TransportAddress = CLIENT,
    ) -> list[bytes]:
        """Let a datagram come; returns what the socket it came to sends back by itself."""
        line = self.play.line(address=client[:2])
        line.listener = Listener(at)
        line.says(data)
        return line.takes()

    def asked(
        self, *parts: Part, **where: TransportAddress
    ) -> tuple[Message, TransportAddress, TransportAddress]:
        """Ask, and return the one answer, its origin, and where it went."""
        assert self.hears(message(Method.BINDING, *parts), **where) == []
        (answer,) = self.sent
        self.sent.clear()
        return answer

    def refused(self, *parts: Part) -> int:
        (answer,) = self.hears(message(Method.BINDING, *parts))
        assert self.sent == []
        return parse(answer).error


def change(flags: int) -> Part:
    return A.CHANGE_REQUEST, bytes((0, 0, 0, flags))


def plain(address: TransportAddress) -> bytes:
    """Write an IPv4 address without its mask (RFC 8489 section 14.1)."""
    mask = b"\0\0\x21\x12\x21\x12\xa4\x42"
    return bytes(a ^ b for a, b in zip(xor_address(address), mask, strict=True))


@pytest.mark.parametrize(
    ("flags", "origin"),
    [
        (0, (MAIN, 3478)),
        (CHANGE_PORT, (MAIN, 3479)),
        (CHANGE_HOST, (OTHER, 3478)),
        (CHANGE_HOST | CHANGE_PORT, (OTHER, 3479)),
    ],
)
def test_the_client_chooses_which_of_four_sockets_answers(
    flags: int, origin: TransportAddress
) -> None:
    """RFC 5780 section 6.1, and where RESPONSE-ORIGIN says that it came from."""
    answer, sent_from, to = Service().asked(change(flags))
    assert answer.ok
    assert (sent_from, to) == (origin, CLIENT)
    assert answer.must(A.RESPONSE_ORIGIN) == plain(origin)
    assert answer.must(A.OTHER_ADDRESS) == plain((OTHER, 3479))


@pytest.mark.parametrize("flags", range(0, 8, 2))
@pytest.mark.parametrize("at", [(MAIN, 3478), (MAIN, 3479), (OTHER, 3478), (OTHER, 3479)])
def test_what_is_other_depends_on_where_it_was_asked(at: TransportAddress, flags: int) -> None:
    """RFC 5780 section 7.4: OTHER-ADDRESS shares neither host nor port with what was asked."""
    answer, origin, _ = Service().asked(change(flags), at=at)
    changed = (origin[0] != at[0], origin[1] != at[1])
    assert changed == (bool(flags & CHANGE_HOST), bool(flags & CHANGE_PORT))
    other = OTHER if at[0] == MAIN else MAIN
    assert answer.must(A.OTHER_ADDRESS) == plain((other, 3478 + 3479 - at[1]))


def test_the_clients_address_is_told_with_and_without_a_mask() -> None:
    """RFC 5780 section 6.1: a difference between the two shows an ALG that rewrites addresses."""
    answer, _, _ = Service().asked()
    assert answer.address(A.XOR_MAPPED_ADDRESS) == CLIENT
    assert answer.must(A.MAPPED_ADDRESS) == plain(CLIENT)


def test_ipv6_is_served_alike() -> None:
    hosts = ("2001:db8:1::1", "2001:db8:1::2")
    client = ("2001:db8:2::7", 40_007, 0, 0)
    answer, origin, to = Service(hosts=hosts).asked(
        change(CHANGE_HOST), at=address_of(hosts[0], 3479), client=client
    )
    assert (origin, to) == ((hosts[1], 3479, 0, 0), client)
    assert answer.address(A.XOR_MAPPED_ADDRESS) == client[:2]


def test_behind_a_1_to_1_nat_the_addresses_outside_are_told() -> None:
    service = Service(seen_as={OTHER: "192.0.2.99"})
    answer, origin, _ = service.asked(change(CHANGE_HOST))
    assert origin == (OTHER, 3478), "sockets go by what they are bound to"
    assert answer.must(A.RESPONSE_ORIGIN) == plain(("192.0.2.99", 3478))
    assert answer.must(A.OTHER_ADDRESS) == plain(("192.0.2.99", 3479))


@pytest.mark.parametrize("value", [b"\x9c\x50", b"\x9c\x50\0\0"])
def test_the_answer_may_go_to_another_port_of_the_same_host(value: bytes) -> None:
    """RFC 5780 section 7.5; some clients count the padding in the length."""
    answer, origin, to = Service().asked((RESPONSE_PORT, value))
    assert (origin, to) == ((MAIN, 3478), (CLIENT[0], 0x9C50))
    assert answer.address(A.XOR_MAPPED_ADDRESS) == CLIENT


@pytest.mark.parametrize("port", [0, 7, 53, 123, 1900, 11_211])
def test_nothing_is_sent_to_services_that_would_answer(port: int) -> None:
    """D3: a client does not choose such a port by RESPONSE-PORT either."""
    service = Service()
    parts = (RESPONSE_PORT, port.to_bytes(2))
    assert service.hears(message(Method.BINDING, parts)) == []
    assert service.sent == []
    assert service.play.counters["reflected-port"] == 1


@pytest.mark.parametrize(("asked", "given"), [(0, 0), (7, 7), (1500, 1500), (9000, MOST_PADDING)])
def test_padding_is_answered_with_no_more_of_it(asked: int, given: int) -> None:
    """RFC 5780 section 7.6; our own choice is its bound."""
    answer, _, _ = Service().asked((PADDING, b"x" * asked))
    assert answer.must(PADDING) == bytes(given)


@pytest.mark.parametrize(
    "parts",
    [
        ((A.CHANGE_REQUEST, b"\0\0\6"),),
        ((RESPONSE_PORT, b"\x9c"),),
        ((RESPONSE_PORT, b"\x9c\x50"), (PADDING, b"x" * 1500)),
    ],
    ids=["short CHANGE-REQUEST", "short RESPONSE-PORT", "RESPONSE-PORT and PADDING"],
)
def test_what_cannot_be_is_refused(parts: tuple[Part, ...]) -> None:
    """RFC 5780 section 6.1: the two together would send fragments to who has not asked."""
    assert Service().refused(*parts) == 400


def test_what_is_unknown_is_refused_as_everywhere() -> None:
    assert Service().refused((0x7FFF, b"")) == 420


def test_a_fingerprint_is_answered_by_one() -> None:
    service = Service()
    service.hears(fingerprinted(message(Method.BINDING, change(CHANGE_HOST))))
    ((answer, _, _),) = service.sent
    assert answer.attributes[-1][0] == A.FINGERPRINT
    bare = answer.raw[:-8]
    assert fingerprinted(bare[:2] + (len(bare) - 20).to_bytes(2) + bare[4:]) == answer.raw


def test_answers_of_the_four_are_rationed_like_all_to_strangers() -> None:
    """D1: the bucket of the source is the one it has for everything else."""
    service = Service(play=Play(unauthenticated_per_second=5))
    for _ in range(100):
        service.hears(message(Method.BINDING, change(CHANGE_HOST)))
    assert len(service.sent) == 20
    assert service.play.counters["too-many-requests"] == 80


@pytest.mark.parametrize("by", [Transport.TCP, Transport.TLS, Transport.DTLS])
def test_other_transports_at_the_same_address_know_nothing_of_it(by: Transport) -> None:
    """D2: the answer is the smallest there is."""
    service = Service()
    line = service.play.line(Transport.TCP, CLIENT)
    line.stream.server, line.stream.kind = (MAIN, 3478), by
    line.says(message(Method.BINDING))
    (answer,) = line.takes()
    assert answer[20:] == part(A.XOR_MAPPED_ADDRESS, xor_address(CLIENT))
    assert service.sent == []


def test_other_listeners_know_nothing_of_it() -> None:
    """D2: neither RESPONSE-ORIGIN nor OTHER-ADDRESS from whatever is not one of the four."""
    service = Service()
    (answer,) = service.hears(message(Method.BINDING), at=(MAIN, 5000))
    assert answer[20:] == part(A.XOR_MAPPED_ADDRESS, xor_address(CLIENT))
    assert service.sent == []


@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from([A.CHANGE_REQUEST, RESPONSE_PORT, PADDING]), st.binary(max_size=2000)
        ),
        max_size=4,
    )
)
def test_no_wish_brings_much_more_than_it_came_with_or_reaches_others(parts: list[Part]) -> None:
    """D1: at most the four addresses are added, and the host is always that of the client."""
    service = Service(play=Play(watched=False))
    request = message(Method.BINDING, *parts)
    back = service.hears(request)
    assert len(back) + len(service.sent) <= 1
    for answer, origin, to in service.sent:
        assert len(answer.raw) <= len(request) + 4 * 12
        assert to[0] == CLIENT[0]
        assert origin in service.play.server.nat_behaviour
