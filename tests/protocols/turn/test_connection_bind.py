"""ConnectionBind and ConnectionAttempt (RFC 6062 sections 5.3 to 5.5)."""

import pytest

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import TCP, A, Method
from tests.protocols.turn.callers import Client, Peer
from tests.protocols.turn.plays import Play
from tests.protocols.turn.props import Stream


def caller(play: Play, **how: object) -> Client:
    alice = play.client(by=Transport.TCP, **how)  # type: ignore[arg-type]
    alice.allocates(transport=TCP)
    return alice


def connected(play: Play, alice: Client, bob: Peer) -> tuple[Stream, bytes]:
    """Connect, and return the peer's connection and its id."""
    alice.connects(bob)
    stream = bob.accepts()
    (answer,) = alice.answers()
    return stream, answer.must(A.CONNECTION_ID)


def dialled(play: Play, alice: Client, bob: Peer) -> tuple[Stream, bytes]:
    """Let a peer that is permitted connect."""
    alice.permits(bob)
    stream = bob.dials(alice.relayed)
    (told,) = alice.told()
    return stream, told.must(A.CONNECTION_ID)


@pytest.mark.parametrize("begin", [connected, dialled])
@pytest.mark.parametrize("by", [Transport.TCP, Transport.TLS])
def test_octets_flow_both_ways_once_the_connections_are_joined(begin, by) -> None:
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 8080)
    stream, name = begin(play, alice, bob)
    data = play.client(by=by)
    answer = data.attaches(name)
    assert answer.ok
    assert answer.must(A.CONNECTION_ID) == name
    data.line.says(b"\0\1 no message of ours")
    stream.says(b"\x40\0 nor this")
    assert stream.heard == b"\0\1 no message of ours"
    assert data.octets() == b"\x40\0 nor this"


def test_a_permitted_peer_that_connects_is_announced() -> None:
    """Section 5.3: who it is, and the id of its connection, on the control connection."""
    play = Play()
    alice, bob = caller(play), play.peer("20.0.0.1", 12_345)
    alice.permits(bob)
    assert not bob.dials(alice.relayed).is_closed
    (told,) = alice.told()
    assert told.method == Method.CONNECTION_ATTEMPT
    assert told.address(A.XOR_PEER_ADDRESS) == bob.address
    assert len(told.must(A.CONNECTION_ID)) == 4


def test_a12_a_peer_without_a_permission_is_cut_off() -> None:
    """A12, section 5.3: immediately, and the client is told nothing."""
    play = Play()
    alice = caller(play)
    assert play.peer("20.0.0.1").dials(alice.relayed).is_closed
    assert alice.told() == []
    assert play.counters["tcp-peer-refused"] == 1


def test_d15_a_permission_that_has_expired_lets_nobody_in() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    alice.permits(bob)
    play.later(300)
    assert bob.dials(alice.relayed).is_closed


def test_a12_a_peer_the_policy_forbids_by_now_is_cut_off() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    alice.permits(bob)
    play.tenant(deny=["20.0.0.0/24"])
    assert bob.dials(alice.relayed).is_closed


def test_a_peer_has_one_connection() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    alice.permits(bob)
    first = bob.dials(alice.relayed)
    assert bob.dials(alice.relayed).is_closed
    first.hangs_up()
    assert not bob.dials(alice.relayed).is_closed


def test_d12_peers_may_not_open_more_connections_than_the_allocation_may_have() -> None:
    play = Play(tcp_connections=3)
    alice = caller(play)
    alice.permits(("20.0.0.1", 0))
    closed = [play.peer("20.0.0.1", 1 + n).dials(alice.relayed).is_closed for n in range(5)]
    assert closed == [False, False, False, True, True]


def test_d12_what_a_peer_says_before_is_not_lost_and_not_ours_to_keep() -> None:
    """D12, section 5.3: it waits in the connection; the machine reads and keeps nothing of it."""
    play = Play()
    alice, bob = caller(play), play.peer()
    stream, name = dialled(play, alice, bob)
    stream.says(b"220 ")
    stream.says(b"ready\r\n")
    data = play.client(by=Transport.TCP)
    assert data.octets() == b""
    assert data.attaches(name).ok
    assert data.octets() == b"220 ready\r\n"


@pytest.mark.parametrize("begin", [connected, dialled])
def test_d12_a_connection_nobody_attaches_to_is_closed_after_thirty_seconds(begin) -> None:
    """D12, sections 5.2 and 5.3."""
    play = Play()
    alice, bob = caller(play), play.peer()
    stream, name = begin(play, alice, bob)
    play.later(29.9)
    assert not stream.is_closed
    play.later(0.2)
    assert stream.is_closed
    assert play.client(by=Transport.TCP).attaches(name).error == 400
    assert alice.allocation is not None


def test_the_thirty_seconds_of_a_slow_peer_begin_when_it_has_answered() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    alice.connects(bob)
    play.later(20)
    stream = bob.accepts()
    play.later(29.9)
    assert not stream.is_closed
    play.later(0.2)
    assert stream.is_closed


def test_a_joined_connection_lives_as_long_as_the_allocation() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    stream, name = connected(play, alice, bob)
    data = play.client(by=Transport.TCP)
    data.attaches(name)
    play.later(599)
    assert not stream.is_closed
    play.later(1)
    assert stream.is_closed
    assert data.line.stream.is_closed


@pytest.mark.parametrize("end", ["released", "connection-lost", "revoked"])
def test_connections_end_with_their_allocation(end: str) -> None:
    """Section 5.4: in whatever way it ends."""
    play = Play()
    alice, bob = caller(play), play.peer()
    joined, name = connected(play, alice, bob)
    data = play.client(by=Transport.TCP)
    data.attaches(name)
    waiting, _ = connected(play, alice, play.peer("20.0.0.2"))
    if end == "released":
        alice.refreshes(0)
    elif end == "revoked":
        play.revokes()
    else:
        alice.line.hangs_up()
    assert play.ended() == [end]
    assert joined.is_closed
    assert waiting.is_closed
    assert data.line.stream.is_closed
    assert len(play.server.tcp_relaying) == 0


def test_the_loss_of_a_data_connection_is_not_the_end_of_the_allocation() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    _, name = connected(play, alice, bob)
    data = play.client(by=Transport.TCP)
    data.attaches(name)
    data.line.hangs_up()
    assert alice.allocation is not None


def test_a_peer_that_hangs_up_is_forgotten() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    stream, name = connected(play, alice, bob)
    stream.hangs_up()
    assert len(play.server.tcp_relaying) == 0
    assert play.client(by=Transport.TCP).attaches(name).error == 400


@pytest.mark.parametrize(
    "value", [None, b"", b"\0\0\0", b"\0\0\0\0\0", bytes(4), b"\xff\xff\xff\xff"]
)
def test_an_id_nobody_has_is_a_bad_request(value: bytes | None) -> None:
    """Section 5.4."""
    play = Play()
    connected(play, caller(play), play.peer())
    data = play.client(by=Transport.TCP)
    parts = [] if value is None else [(A.CONNECTION_ID, value)]
    assert data.gets(Method.CONNECTION_BIND, *parts).error == 400


@pytest.mark.parametrize("by", [Transport.UDP, Transport.DTLS])
def test_datagrams_cannot_be_joined_to_a_connection(by: Transport) -> None:
    """Section 5.4."""
    play = Play()
    _, name = connected(play, caller(play), play.peer())
    assert play.client(by=by).attaches(name).error == 400


def test_the_control_connection_cannot_be_joined() -> None:
    play = Play()
    alice = caller(play)
    _, name = connected(play, alice, play.peer())
    assert alice.attaches(name).error == 400


def test_a_connection_is_joined_once() -> None:
    play = Play()
    _, name = connected(play, caller(play), play.peer())
    assert play.client(by=Transport.TCP).attaches(name).ok
    assert play.client(by=Transport.TCP).attaches(name).error == 400


def test_a_connection_that_is_being_made_cannot_be_joined() -> None:
    play = Play()
    alice, bob = caller(play), play.peer()
    alice.connects(bob)
    (number,) = play.server.tcp_relaying._by_id
    assert play.client(by=Transport.TCP).attaches(number.to_bytes(4)).error == 400


@pytest.mark.parametrize(("subject", "customer"), [("mallory", "acme"), ("alice", "other")])
def test_somebody_else_cannot_take_a_connection(subject: str, customer: str) -> None:
    """Section 5.4: 441, and it still waits for its owner."""
    play = Play()
    _, name = connected(play, caller(play), play.peer())
    other = play.client(subject, customer=customer, by=Transport.TCP)
    answer = other.attaches(name)
    assert answer.error == 441
    assert other.talk.trusts(answer)
    assert play.client(by=Transport.TCP).attaches(name).ok


def test_ids_cannot_be_guessed() -> None:
    play = Play(tcp_connections=100)
    alice = caller(play)
    ids = {connected(play, alice, play.peer("20.0.0.1", 2000 + n))[1] for n in range(50)}
    assert len(ids) == 50
    assert len({each[:2] for each in ids}) > 45


def test_a13_a_changed_policy_closes_connections() -> None:
    play = Play()
    alice = caller(play)
    gone, _ = connected(play, alice, play.peer("20.0.0.1", 8080))
    stays, _ = connected(play, alice, play.peer("20.0.0.2", 8080))
    play.policy_changes(deny=["20.0.0.1:8080"])
    assert gone.is_closed
    assert not stays.is_closed


def test_a_client_that_is_away_is_announced_nobody() -> None:
    """A mobile client's connection is lost: peers are refused until it is back."""
    play = Play()
    alice, bob = play.client(by=Transport.TCP), play.peer()
    alice.allocates((A.MOBILITY_TICKET, b""), transport=TCP)
    alice.permits(bob)
    alice.line.hangs_up()
    assert bob.dials(alice.relayed).is_closed


def test_a_connection_ends_once() -> None:
    """The peer hangs up while the connection is being closed for another reason."""
    play = Play()
    alice, bob = caller(play), play.peer()
    stream, _ = connected(play, alice, bob)
    alice.refreshes(0)
    assert stream.is_closed
    stream.hangs_up()
    assert len(play.server.tcp_relaying) == 0


def test_an_id_is_neither_zero_nor_given_twice() -> None:
    """The dice may repeat themselves."""
    play = Play()
    alice = caller(play)
    thrown = [bytes(4), b"once", b"once", b"then"]
    play.allocations.dice = lambda size: thrown.pop(0) if size == 4 else bytes(size)
    ids = [connected(play, alice, play.peer("20.0.0.1", port))[1] for port in (2000, 2001)]
    assert ids == [b"once", b"then"]
