"""TCP allocations and Connect (RFC 6062 sections 5.1 and 5.2)."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import IPV6, TCP, UDP, A, Method
from tests.interop.turn.turn_client import towards
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import SEEN, SEEN6, Play


def caller(play: Play, *parts: tuple[int, bytes], **how: object) -> Client:
    """Return a client with a TCP allocation."""
    alice = play.client(by=Transport.TCP, **how)  # type: ignore[arg-type]
    alice.allocates(*parts, transport=TCP)
    return alice


@pytest.mark.parametrize("by", [Transport.TCP, Transport.TLS])
def test_a_client_on_a_stream_gets_a_listening_address(by: Transport) -> None:
    play = Play()
    answer = play.client(by=by).allocates(transport=TCP)
    assert answer.address(A.XOR_RELAYED_ADDRESS)[0] == SEEN
    assert play.free_ports() == [31, 32]


def test_a_listening_address_may_be_of_ipv6_or_both() -> None:
    play = Play()
    assert caller(play, (A.REQUESTED_ADDRESS_FAMILY, IPV6)).relayed[0] == SEEN6
    both = caller(play, (A.ADDITIONAL_ADDRESS_FAMILY, IPV6)).relays
    assert [each[0] for each in both] == [SEEN, SEEN6]


@pytest.mark.parametrize("by", [Transport.UDP, Transport.DTLS])
def test_over_datagrams_there_is_none(by: Transport) -> None:
    """Section 5.1: 400."""
    assert Play().client(by=by).tries_to_allocate(transport=TCP).error == 400


@pytest.mark.parametrize(
    "part",
    [(A.EVEN_PORT, b"\0"), (A.DONT_FRAGMENT, b""), (A.RESERVATION_TOKEN, b"eight by")],
)
def test_what_is_about_datagrams_is_a_bad_request(part: tuple[int, bytes]) -> None:
    """Section 5.1: 400."""
    alice = Play().client(by=Transport.TCP)
    assert alice.tries_to_allocate(part, transport=TCP).error == 400


def test_a_listening_address_that_is_taken_is_passed_over() -> None:
    play = Play(ports=range(50_000, 50_002))
    play.sockets.taken.add(("10.0.0.1", 50_000))
    assert caller(play).relayed == (SEEN, 50_001)
    assert play.client(by=Transport.TCP).tries_to_allocate(transport=TCP).error == 508


def test_connect_is_answered_when_the_connection_is_made() -> None:
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    assert alice.connects(bob) is None
    stream = bob.accepts()
    (answer,) = alice.answers()
    assert answer.ok
    assert alice.talk.trusts(answer)
    assert len(answer.must(A.CONNECTION_ID)) == 4
    assert any(answer.must(A.CONNECTION_ID))
    assert not stream.is_closed


def test_connect_needs_no_permission() -> None:
    """Section 5.2: the client asks for this peer by name."""
    play = Play()
    alice = caller(play)
    assert alice.connects(play.peer("20.0.0.1", 8080)) is None
    assert alice.allocation.permissions == {}


def test_a_connection_that_fails_is_told() -> None:
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    alice.connects(bob)
    bob.refuses()
    (answer,) = alice.answers()
    assert answer.error == 447
    assert alice.talk.trusts(answer)
    assert alice.connects(bob) is None


def test_a_connection_that_takes_too_long_is_told_after_thirty_seconds() -> None:
    """Section 5.2: at least thirty seconds."""
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    alice.connects(bob)
    play.later(29.9)
    assert alice.answers() == []
    play.later(0.1)
    assert [each.error for each in alice.answers()] == [447]
    assert len(play.server.tcp_relaying) == 0


def test_one_peer_has_one_connection() -> None:
    """Section 5.2: 446 while it is being made and while it is there."""
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    alice.connects(bob)
    assert alice.gets(Method.CONNECT, *named(bob)).error == 446
    stream = bob.accepts()
    alice.answers()
    assert alice.gets(Method.CONNECT, *named(bob)).error == 446
    assert alice.connects(play.peer("20.0.0.1", 8081)) is None
    stream.hangs_up()
    assert alice.connects(bob) is None


def test_two_allocations_may_be_connected_to_one_peer() -> None:
    play = Play()
    alice, carol, bob = caller(play), caller(play, subject="carol"), play.peer("20.0.0.1", 8080)
    assert alice.connects(bob) is None
    assert carol.connects(bob) is None


def test_without_an_allocation_there_is_no_connection() -> None:
    play = Play()
    alice = play.client(by=Transport.TCP)
    assert alice.gets(Method.CONNECT, *named(play.peer())).error == 437


def test_a_udp_allocation_has_no_connections() -> None:
    play = Play()
    alice = play.client(by=Transport.TCP)
    alice.allocates(transport=UDP)
    assert alice.gets(Method.CONNECT, *named(play.peer())).error == 437


@pytest.mark.parametrize("parts", [[], [(A.XOR_PEER_ADDRESS, b"\0\1\0")]])
def test_connect_needs_a_peer(parts: list[tuple[int, bytes]]) -> None:
    assert caller(Play()).gets(Method.CONNECT, *parts).error == 400


@pytest.mark.parametrize(
    ("host", "port", "error"),
    [
        ("20.0.0.1", 0, 400),
        ("2a00::1", 8080, 443),
        ("127.0.0.1", 8080, 403),
        ("10.0.0.7", 8080, 403),
        ("169.254.169.254", 80, 403),
        (SEEN, 50_000, 403),
        ("203.0.113.1", 3478, 403),
        ("20.0.0.1", 22, 403),
        ("20.0.0.1", 25, 403),
        ("20.0.0.1", 53, 403),
        ("20.0.0.1", 445, 403),
        ("20.0.0.1", 1023, 403),
    ],
)
def test_a1_a12_a16_where_connect_may_not_go(host: str, port: int, error: int) -> None:
    """A1, A12, A16: the rules of datagrams and more: of the well-known ports, those of the web."""
    play = Play()
    alice = caller(play)
    t = b"twelve bytes"
    answer = alice.gets(Method.CONNECT, *named((host, port), t), transaction=t)
    assert answer.error == error
    assert play.sockets.attempts == []


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("::ffff:127.0.0.1", 8080),
        ("::127.0.0.1", 8080),
        ("2002:7f00:1::", 8080),
        ("64:ff9b::7f00:1", 8080),
        ("2001:0:7f00:1::", 8080),
        ("::ffff:0:7f00:1", 8080),
        ("::1", 8080),
        (SEEN6, 50_000),
    ],
)
def test_a4_a5_no_ipv6_address_leads_connect_inside(host: str, port: int) -> None:
    """A4, A5, A12: 403, or 443 for an IPv4 address in IPv6 clothes."""
    play = Play()
    alice = caller(play, (A.REQUESTED_ADDRESS_FAMILY, IPV6))
    t = b"twelve bytes"
    answer = alice.gets(Method.CONNECT, *named((host, port), t), transaction=t)
    assert answer.error == (443 if host.startswith("::ffff:") and "." in host else 403)
    assert play.sockets.attempts == []


@pytest.mark.parametrize("port", [80, 443, 1024, 3306, 6379, 65_535])
def test_a16_where_connect_may_go(port: int) -> None:
    play = Play()
    assert caller(play).connects(play.peer("20.0.0.1", port)) is None


def test_an_operator_may_open_and_close_more() -> None:
    play = Play()
    play.tenant(allow=["20.0.0.1:22", "10.0.0.7:8080"], deny=["20.0.0.2:1-65535"])
    alice = caller(play)
    assert alice.connects(play.peer("20.0.0.1", 22)) is None
    assert alice.connects(play.peer("10.0.0.7", 8080)) is None
    assert alice.gets(Method.CONNECT, *named(("20.0.0.2", 80))).error == 403


def test_an_allocation_has_a_bounded_number_of_connections() -> None:
    play = Play(tcp_connections=3)
    alice = caller(play)
    for port in (1001, 1002, 1003):
        assert alice.connects(play.peer("20.0.0.1", port + 1000)) is None
    assert alice.gets(Method.CONNECT, *named(("20.0.0.1", 3000))).error == 508
    play.peer("20.0.0.1", 2001).refuses()
    assert alice.connects(play.peer("20.0.0.1", 3000)) is None


def test_d9_connects_to_ever_new_peers_are_slowed_down() -> None:
    """D9: a scan of ports by Connect runs into the same bound as one by datagrams."""
    play = Play(tcp_connections=10_000, permissions=30, new_peers_per_second=1.0)
    alice = caller(play)
    errors = [
        answer.error if (answer := alice.connects(("20.0.0.1", 2000 + n))) is not None else 0
        for n in range(60)
    ]
    assert errors == [0] * 30 + [508] * 30
    assert play.counters["too-many-new-peers"] == 30
    assert ("scanning", alice.allocation.id) in play.book.lines


def test_a_connection_that_is_made_too_late_is_closed() -> None:
    """The allocation has ended while the peer took its time."""
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    alice.connects(bob)
    alice.refreshes(0)
    assert bob.accepts().is_closed
    assert alice.answers() == []


def test_a_connection_that_fails_too_late_is_no_news() -> None:
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    alice.connects(bob)
    alice.refreshes(0)
    bob.refuses()
    assert alice.answers() == []


def named(peer: object, transaction: bytes = b"") -> list[tuple[int, bytes]]:
    """Name a peer in a request."""
    return [towards(peer, transaction)]
