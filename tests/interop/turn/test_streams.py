"""Connections that say nothing, and ends that read nothing (checklist D11 to D13)."""

import contextlib
import ssl
import time

import pytest

from tests.interop.turn.caller import Caller
from tests.interop.turn.conftest import StartSite, Volume
from tests.interop.turn.site import STREAMS, Site, new_host
from tests.interop.turn.stun_codec import A, Method, message
from tests.interop.turn.wires import PATIENCE, is_cut_off

pytestmark = pytest.mark.interop

BIND_WITHIN = 30
BUFFERED = 24_000_000
"""Octets that kernel buffers on the way may hold: four sockets of a loopback connection."""


def test_a_connection_that_says_nothing_is_closed(start_site: StartSite) -> None:
    """D11: and one that says an octet now and then, and half a TLS handshake."""
    site = start_site(silence=1.5, handshake=2.0)
    silent = [site.connected(door) for door in STREAMS]
    slow = [site.connected(door) for door in ("tcp", "tls")]
    for octet in (b"\0\x01\0", b"\0"):
        for each, first in zip(
            slow, (octet, octet.replace(b"\0\x01\0", b"\x16\x03\x01")), strict=True
        ):
            with contextlib.suppress(ConnectionError):  # After half a second of a slow machine's.
                each.sendall(first)
        time.sleep(0.5)
    for each in (*silent, *slow):
        assert is_cut_off(each)


def test_a_connection_without_an_allocation_does_not_stay(start_site: StartSite) -> None:
    """D11: whole messages are no excuse either."""
    site = start_site(clock=True)
    callers = [site.caller(door) for door in STREAMS]
    for caller in callers:
        caller.settle()
    site.advance(31)
    for caller in callers:
        assert is_cut_off(caller.wire.socket)


def test_one_address_has_so_many_connections(start_site: StartSite) -> None:
    """D11: others are let in all the while."""
    site = start_site(per_address=20)
    host = new_host()
    kept = [site.connected("tcp", host) for _ in range(20)]
    for door in STREAMS:
        assert is_cut_off(site.connected(door, host))
        site.allocated(door)
    kept[0].close()
    site.relay.until(lambda: is_let_in(site, host))


def is_let_in(site: Site, host: str) -> bool:
    try:
        wire = site.wire("tcp", host)
        wire.send(message(Method.BINDING))
        return bool(wire.receive(2))
    except (ConnectionError, TimeoutError):
        return False


def held_for(site: Site, stream: str, said: bytes, count: int) -> float:
    """Return how many octets the daemon holds for each connection that has said that much."""

    def connect(times: int) -> None:
        for _ in range(times):
            site.connected(stream, "53.250.0.1").sendall(said)
        site.caller(stream).settle()  # Whoever comes later is heard later.

    connect(100)
    before = site.relay.memory()
    connect(count)
    return (site.relay.memory() - before) / count


@pytest.mark.parametrize(
    ("door", "share"), [("tcp", 0), ("tcp", 0.5), ("tls", 0.5)],
    ids=["nothing", "half a request", "half a hello"],
)  # fmt: skip
def test_silent_connections_are_cheap(
    start_site: StartSite, volume: Volume, door: str, share: float
) -> None:
    """D11: 2 KiB for each of hundreds, and what it has said, until its first message is whole."""
    site = start_site(silence=120.0, per_address=100_000)
    first = hello(site) if door == "tls" else message(Method.ALLOCATE, (A.SOFTWARE, bytes(400)))
    said = first[: int(len(first) * share)]
    assert held_for(site, door, said, volume(800)) < 2048 + len(said)


def test_handshakes_in_the_middle_cost_what_openssl_needs(
    start_site: StartSite, volume: Volume
) -> None:
    """D11: for `connections.handshake` seconds; what is bounded is their number."""
    site = start_site(silence=120.0, handshake=120.0, per_address=100_000)
    assert held_for(site, "tls", hello(site), volume(200)) < 65_536


def hello(site: Site) -> bytes:
    """Return the first message of a TLS client."""
    outgoing = ssl.MemoryBIO()
    client = site.tls_context().wrap_bio(ssl.MemoryBIO(), outgoing)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def joined(site: Site, stream: str, caller: Caller, number: int) -> Caller:
    """Open the client's second connection and bind it to a peer's (RFC 6062 section 4.3)."""
    data = site.caller(stream)
    assert data.gets(Method.CONNECTION_BIND, (A.CONNECTION_ID, number.to_bytes(4))).ok
    return data


def test_what_a_peer_says_early_is_not_lost(site: Site, stream: str) -> None:
    """D12: before ConnectionBind it waits, in the right order."""
    caller = site.allocated(stream, tcp=True)
    assert caller.permits(("52.0.0.1", 0)).ok
    peer = site.opened.enter_context(site.box.connected("52.0.0.1", caller.relayed))
    early = bytes(range(256)) * 400
    peer.sendall(early)
    data = joined(site, stream, caller, caller.indication().number(A.CONNECTION_ID))
    peer.sendall(b"late")
    heard = bytes(data.wire.buffer)
    while len(heard) < len(early) + 4:
        heard += data.wire.octets()
    assert heard == early + b"late"
    data.wire.send(b"and back")
    assert peer.recv(100) == b"and back"
    peer.close()
    assert is_cut_off(data.wire.socket)


def test_octets_pass_both_ways_and_an_end_is_an_end(site: Site, stream: str) -> None:
    """D12: whole, in order; when the client goes, the peer is told."""
    listener = site.listener()
    caller = site.allocated(stream, tcp=True)
    number = caller.connects(listener.getsockname()).number(A.CONNECTION_ID)
    peer = site.opened.enter_context(listener.accept()[0])
    assert peer.getpeername() == caller.relayed
    data = joined(site, stream, caller, number)
    data.wire.send(b"hello")
    assert peer.recv(100) == b"hello"
    peer.sendall(b"world")
    assert data.wire.octets() == b"world"
    data.close()
    assert is_cut_off(peer)


@pytest.mark.parametrize("slow", ["client", "peer"])
def test_whoever_reads_slowly_stops_the_other(
    site: Site, stream: str, slow: str, volume: Volume
) -> None:
    """D12: nothing is piled up in between, and nothing is lost."""
    listener = site.listener()
    caller = site.allocated(stream, tcp=True)
    number = caller.connects(listener.getsockname()).number(A.CONNECTION_ID)
    peer = site.opened.enter_context(listener.accept()[0])
    data = joined(site, stream, caller, number)
    sender, reader = (peer, data.wire.socket) if slow == "client" else (data.wire.socket, peer)
    before = site.relay.memory()
    sender.settimeout(0.5)
    sent, block = 0, bytes(65_536)
    with contextlib.suppress(TimeoutError):
        while sent < BUFFERED:
            sent += sender.send(block)
    assert sent < BUFFERED
    assert site.relay.memory() - before < 4_000_000
    site.caller("udp").settle()
    assert caller.refreshes().ok, "the others do not notice"
    reader.settimeout(PATIENCE)
    heard = 0
    while heard < sent:
        heard += len(reader.recv(1 << 20))


def test_a_connection_nobody_binds_is_closed(start_site: StartSite) -> None:
    """D12: after 30 seconds (RFC 6062 section 5.2), on both ways it can have come."""
    site = start_site(clock=True)
    listener = site.listener()
    for stream in STREAMS:
        caller = site.allocated(stream, tcp=True)
        assert caller.permits(("52.0.0.9", 0)).ok
        number = caller.connects(listener.getsockname()).number(A.CONNECTION_ID)
        outbound = site.opened.enter_context(listener.accept()[0])
        inbound = site.opened.enter_context(site.box.connected("52.0.0.9", caller.relayed))
        caller.indication()
        site.advance(BIND_WITHIN + 2)
        assert is_cut_off(outbound)
        assert is_cut_off(inbound)
        late = site.caller(stream)
        answer = late.gets(Method.CONNECTION_BIND, (A.CONNECTION_ID, number.to_bytes(4)))
        assert answer.error == 400
        assert caller.refreshes(0).ok


def test_a_peer_that_does_not_answer_is_told(site: Site, stream: str) -> None:
    """D12: 447, and 446 for a connection that is there already."""
    caller = site.allocated(stream, tcp=True)
    assert caller.connects(("52.0.0.1", 9999)).error == 447
    listener = site.listener()
    assert caller.connects(listener.getsockname()).ok
    assert caller.connects(listener.getsockname()).error == 446


def test_a_client_that_reads_nothing_loses_data_alone(
    site: Site, stream: str, volume: Volume
) -> None:
    """D13: what it does not take is dropped and counted, and nothing is piled up."""
    caller, peer = site.allocated(stream), site.peer()
    other, friend = site.allocated("udp"), site.peer("52.0.0.2")
    assert caller.binds(0x4000, peer.address).ok
    assert other.binds(0x4000, friend.address).ok
    before = site.relay.memory()
    dropped = site.relay.counters().get("slow-client", 0)
    block, count = bytes(8192), volume(3000)
    for number in range(count):
        with contextlib.suppress(BlockingIOError):
            peer.say(block, caller.relayed)
        if number % 50 == 49:
            friend.say(b"%d" % number, other.relayed)
            assert other.hear() == (0x4000, b"%d" % number)
    assert site.relay.memory() - before < 4_000_000
    assert site.relay.counters()["slow-client"] > dropped
    heard, patience = 0, PATIENCE
    with contextlib.suppress(TimeoutError):
        while True:
            assert caller.hear(patience) == (0x4000, block), "the stream is in step"
            heard, patience = heard + 1, 1.0
    assert 0 < heard < count
    assert caller.refreshes().ok
