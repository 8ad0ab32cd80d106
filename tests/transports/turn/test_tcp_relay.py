"""TCP from and to a relayed address (RFC 6062), by real sockets."""

import socket
from collections.abc import Iterator

import pytest

from procall_mobility.transports.turn.hub import DatagramHub
from procall_mobility.transports.turn.relay_sockets import HostSockets
from tests.interop.turn.stun_codec import TCP, A, Method
from tests.protocols.turn.callers import Client
from tests.transports.turn.relay_host import Host, Sides, SteppedReactor
from tests.transports.turn.stream_stage import StreamStage


@pytest.fixture(params=["127.0.0.1", "::1"])
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    reactor = SteppedReactor()
    stage = StreamStage(reactor=reactor)
    sockets = HostSockets(DatagramHub(reactor, lambda: 0.0), reactor, stage.household)
    sockets.server = stage.play.server
    made = Host(request.param, stage, reactor, sockets)
    yield made
    made.ends()


def served(host: Host, *, permitted: bool) -> tuple[Client, int]:
    """Let a client have a TCP allocation, and let its relay be served by a real socket too."""
    alice = host.stage.caller()
    alice.allocates(transport=TCP)
    if permitted:
        # The machine does not relay to loopback; of the permission only the address counts.
        alice.allocation.permissions[host.address] = host.stage.play.now + 300
        alice.allocation.tenant.policy = host.stage.play.tenant(allow=[host.address]).policy
    relay, port = host.listens()
    relay.serve(alice.allocation.relays[0])
    return alice, port


def test_a_taken_port_is_not_to_be_had(host: Host) -> None:
    family = socket.AF_INET6 if ":" in host.address else socket.AF_INET
    for kind, opens in (
        (socket.SOCK_STREAM, host.sockets.open_tcp),
        (socket.SOCK_DGRAM, host.sockets.open),
    ):
        with socket.socket(family, kind) as other:
            other.bind((host.address, 0))
            if kind == socket.SOCK_STREAM:
                other.listen()
            assert opens(host.address, other.getsockname()[1]) is None


def test_a_port_on_which_we_listen_is_not_to_be_had_either(host: Host) -> None:
    """While a daemon hands over there are two; a peer of one's would come to the other."""
    _, port = host.listens()
    assert host.sockets.open_tcp(host.address, port) is None


def test_datagrams_have_a_relay_of_their_own(host: Host) -> None:
    relay = host.sockets.open(host.address, 0)
    assert relay is not None
    relay.close()


def test_a_peer_the_client_wants_is_announced(host: Host) -> None:
    """RFC 6062 section 5.3; its octets wait in the kernel."""
    alice, port = served(host, permitted=True)
    with host.peer(port) as peer:
        host.reactor.steps()
        (told,) = alice.told()
        assert told.method == Method.CONNECTION_ATTEMPT
        assert told.address(A.XOR_PEER_ADDRESS) == peer.getsockname()[:2]
        data = host.stage.caller()
        peer.sendall(b"from the beginning")
        assert data.attaches(told.must(A.CONNECTION_ID)).ok
        host.reactor.steps()
        assert data.line.wire.says() == b"from the beginning"
        data.line.wire.hears(b"and back")
        host.reactor.steps()
        assert peer.recv(100) == b"and back"
    host.reactor.steps()
    assert data.line.wire.disconnecting
    assert len(host.stage.play.server.tcp_relaying) == 0


def test_a12_a_peer_nobody_wants_is_cut_off(host: Host) -> None:
    """A12, RFC 6062 section 5.3: at once, and the client is told nothing."""
    alice, port = served(host, permitted=False)
    with host.peer(port) as peer:
        host.reactor.steps()
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
    assert alice.told() == []
    assert host.stage.counters["tcp-peer-refused"] == 1


def test_a_relay_that_serves_nobody_yet_takes_no_peers(host: Host) -> None:
    """A reserved address has a socket, and nobody behind it."""
    _, port = host.listens()
    with host.peer(port) as peer:
        host.reactor.steps()
        assert peer.recv(1) == b""


def test_nobody_is_heard_on_a_relay_that_is_closed(host: Host) -> None:
    relay, port = host.listens()
    relay.close()
    host.reactor.advance(0)
    with pytest.raises(ConnectionRefusedError):
        host.peer(port)


def test_connections_are_made_from_the_relayed_address(host: Host) -> None:
    """RFC 6062 section 5.2: the peer sees the address on which we listen as well."""
    relay, port = host.listens()
    sides = Sides()
    with socket.create_server(
        (host.address, 0), family=socket.AF_INET6 if ":" in host.address else socket.AF_INET
    ) as server:
        server.settimeout(5)
        to = (host.address, server.getsockname()[1])
        relay.connect(to, 30.0, sides.are_told, sides.is_lost)
        host.reactor.advance(0)
        host.reactor.steps()
        peer, origin = server.accept()
    with peer:
        peer.settimeout(5)
        assert origin[:2] == (host.address, port)
        (side,) = sides.settled
        assert side is not None
        assert sides.lost == 0
        side.close()
        host.reactor.steps()
        assert peer.recv(1) == b""
    assert sides.lost == 1


def test_a_connection_that_fails_is_told(host: Host) -> None:
    """RFC 6062 section 5.2: the machine answers 447."""
    relay, _ = host.listens()
    closed, port = host.listens()
    closed.close()
    host.reactor.advance(0)
    sides = Sides()
    relay.connect((host.address, port), 30.0, sides.are_told, sides.is_lost)
    host.reactor.advance(0)
    for _ in range(3):
        if not sides.settled:
            host.reactor.steps()
    assert sides.settled == [None]
    assert sides.lost == 0
