"""A listener parts with its socket: clients that are relayed stay, all others are left to whoever
goes on with it.  A second descriptor of the socket plays that one.
"""

import errno
import os
import socket
from collections.abc import Iterator

import pytest
from twisted.logger import capturedLogs

from procall_mobility.protocols.stun.addresses import address_of
from procall_mobility.protocols.turn.allocations import Newcomers
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.turn import client_sockets
from procall_mobility.transports.turn.hub import DatagramHub
from tests.interop.turn.stun_codec import A, Method, channel_data, message, parse
from tests.protocols.turn.callers import Client
from tests.transports.turn.dtls_stage import dtls_stage
from tests.transports.turn.relay_stage import RelayStage, relay_stage, talking

NOTHING = (A.LIFETIME, bytes(4))


def left(stage: RelayStage) -> list[bytes]:
    """Return what the successor gets."""
    return list(_queue(stage.listener.shared))


def _queue(shared: socket.socket) -> Iterator[bytes]:
    with shared.dup() as successor:
        successor.setblocking(False)
        while True:
            try:
                yield successor.recv(65_536)
            except BlockingIOError:
                return


def part(stage: RelayStage) -> None:
    stage.play.allocations.newcomers = Newcomers.ELSEWHERE
    stage.listener.part(stage.hub)


def throw(stage: RelayStage, client: Client, data: bytes) -> None:
    client.line.throws(data, stage.listener.address)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_client_that_is_relayed_stays_in_both_directions(host: str) -> None:
    with relay_stage(host) as stage:
        alice, bob = talking(stage)
        part(stage)
        throw(stage, alice, channel_data(0x4000, b"one"))
        stage.hub.doRead()
        assert bob.takes() == [b"one"]
        bob.says(b"two", alice)
        assert alice.line.takes() == [channel_data(0x4000, b"two")]
        assert left(stage) == []


def test_its_requests_are_answered_by_the_address_it_knows(stage: RelayStage) -> None:
    alice, _ = talking(stage)
    part(stage)
    throw(stage, alice, alice.talk.request(Method.REFRESH))
    stage.hub.doRead()
    ((answer, origin),) = alice.line.takes_from()
    assert parse(answer).ok
    assert origin == stage.listener.address[:2]


def test_all_others_are_left_to_the_successor(stage: RelayStage) -> None:
    talking(stage)
    stranger = stage.line()
    part(stage)
    stranger.throws(message(Method.BINDING), stage.listener.address)
    stage.hub.doRead()
    assert len(left(stage)) == 1
    assert stage.listener not in stage.reactor.getReaders()


def test_no_datagram_is_lost_or_read_by_another_however_it_falls(
    stage: RelayStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, between each socket's birth and its connection, and after; of all clients."""
    pairs = [talking(stage, f"user{number}") for number in range(12)]
    connect, births = socket.socket.connect, []

    def all_speak(word: bytes) -> None:
        for alice, _ in pairs:
            throw(stage, alice, channel_data(0x4000, word))

    class Newborn(socket.socket):
        def connect(self, address: object) -> None:
            births.append(address)
            all_speak(b"birth%d" % len(births))
            connect(self, address)

    monkeypatch.setattr(client_sockets.socket, "socket", Newborn)
    all_speak(b"before")
    part(stage)
    monkeypatch.undo()
    all_speak(b"after")
    for _ in range(100):
        stage.hub.doRead()
    expected = {b"before", b"after", *(b"birth%d" % n for n in range(1, 13))}
    assert len(births) == 12
    for _, bob in pairs:
        heard = bob.takes()
        assert set(heard) == expected
        assert len(heard) == len(expected)
    assert left(stage) == []


def test_a_client_whose_allocation_ends_is_the_successors(stage: RelayStage) -> None:
    alice, _ = talking(stage)
    part(stage)
    throw(stage, alice, alice.talk.request(Method.REFRESH, NOTHING))
    stage.hub.doRead()
    assert parse(alice.line.takes()[0]).ok
    throw(stage, alice, alice.talk.request(Method.ALLOCATE))
    stage.hub.doRead()
    assert len(left(stage)) == 1


def test_an_allocate_that_was_in_the_socket_already_is_not_answered(stage: RelayStage) -> None:
    """Its client asks again, and reaches the successor; a refusal would send it away."""
    alice, new = talking(stage)[0], Client(stage.line(), stage.play.client("carol").talk)
    challenge = new.answer_to(new.talk.request(Method.ALLOCATE))
    assert challenge is not None
    assert new.talk.challenged(challenge)
    throw(stage, new, new.talk.request(Method.ALLOCATE, (0x0019, b"\x11\0\0\0")))
    part(stage)
    assert new.line.takes() == []
    assert stage.counters["left-to-successor"] == 1
    assert len(stage.play.allocations) == 1
    assert alice.allocation


def test_clients_may_get_their_sockets_a_few_at_a_time(stage: RelayStage) -> None:
    """Everybody is served meanwhile, new clients too; the rest is done with the parting."""
    pairs = [talking(stage, f"user{number}") for number in range(5)]
    assert stage.listener.keep(stage.hub, 3)
    new = stage.line()
    new.says(message(Method.BINDING))
    assert len(new.takes()) == 1
    assert not stage.listener.keep(stage.hub, 3)
    late = stage.caller("late")
    part(stage)
    for alice, bob in pairs:
        throw(stage, alice, channel_data(0x4000, b"one"))
        stage.hub.doRead()
        assert bob.takes() == [b"one"]
    throw(stage, late, late.talk.request(Method.REFRESH))
    stage.hub.doRead()
    assert parse(late.line.takes()[0]).ok
    assert left(stage) == []


def test_parting_twice_is_parting_once(stage: RelayStage) -> None:
    alice, bob = talking(stage)
    part(stage)
    part(stage)
    throw(stage, alice, channel_data(0x4000, b"one"))
    stage.hub.doRead()
    assert bob.takes() == [b"one"]


def test_a_mobile_client_that_moved_just_before_stays(stage: RelayStage) -> None:
    """RFC 8016: its request was in the socket already."""
    alice, _ = talking(stage)
    part(stage)
    other = stage.line()
    other.path.bind(alice.allocation)
    other.throws(channel_data(0x4000, b"moved"), stage.listener.address)
    stage.hub.doRead()
    assert left(stage) == []
    other.path.unbind()
    other.throws(channel_data(0x4000, b"gone"), stage.listener.address)
    assert len(left(stage)) == 1


def test_a_client_that_is_gone_does_not_keep_the_hub_busy(stage: RelayStage) -> None:
    """A connected socket hears that nobody is there, and would say so for ever."""
    alice, bob = talking(stage)
    relayed = stage.wire_of(alice)._socket.getsockname()
    part(stage)
    alice.line.vanishes()
    for _ in range(3):
        bob.throws(b"hello?", relayed)
        stage.hub.doRead()
    stage.hub.doRead()
    assert stage.hub._epoll.poll(0) == []


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be no descriptor left, or the port is one of the privileged."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(client_sockets, "_connected", refuse)


def test_clients_without_a_socket_are_told_of(stage: RelayStage, no_sockets: None) -> None:
    """Thousands are a few lines."""
    sockets = client_sockets.ClientSockets(stage.listener.shared, stage.hub, lambda *_: None)
    clients = [address_of("127.0.0.1", port) for port in range(1025, 3025)]
    with capturedLogs() as logged:
        assert sockets.open_some(clients, len(clients))
        assert not sockets.open_some(clients, 1), "it is not tried again"
    assert [each["count"] for each in logged] == [2**each for each in range(11)]


def test_a_socket_that_cannot_be_connected_is_closed(
    stage: RelayStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Unbound(socket.socket):
        def bind(self, address: object) -> None:
            opened.append(self)
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    talking(stage)
    monkeypatch.setattr(client_sockets.socket, "socket", Unbound)
    part(stage)
    assert [each.fileno() for each in opened] == [-1]
    shared = stage.listener.shared
    assert shared.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0


def test_nobody_else_may_bind_beside_us_afterwards(stage: RelayStage) -> None:
    """Whoever could would get datagrams of our clients."""
    talking(stage)
    part(stage)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(stage.listener.address)


def test_all_sockets_are_closed_when_the_listener_stops(stage: RelayStage) -> None:
    talking(stage)
    part(stage)
    held = len(stage.hub)
    stage.listener.stop()
    assert len(stage.hub) == held - 1


def test_a_client_over_dtls_stays_and_strangers_are_left(certificate: Certificate) -> None:
    with dtls_stage(certificate) as stage:
        hub = DatagramHub(stage.reactor, lambda: stage.play.now)
        stage.opened.callback(hub.stop)
        alice, stranger = stage.caller(), stage.client()
        alice.allocates()
        stage.listener.part(hub)
        stage.listener.part(hub)
        alice.line.dtls.connection.send(alice.talk.request(Method.REFRESH))
        shared = stage.listener.address
        for datagram in (alice.line.dtls.flight(),):
            alice.line.dtls.socket.sendto(datagram, shared)
        hub.doRead()
        assert parse(alice.line.takes()[0]).ok
        stranger.socket.sendto(stranger.hello(), shared)
        hub.doRead()
        assert len(list(_queue(stage.listener.shared))) == 1
        stage.play.revokes()
        stage.later(31.0)
        alice.line.dtls.socket.sendto(b"\x17\xfe\xfd" + bytes(20), shared)
        assert len(list(_queue(stage.listener.shared))) == 1, "it is nobody's any more"


def test_a_handshake_that_begins_while_parting_is_left_to_be_begun_again(
    certificate: Certificate,
) -> None:
    with dtls_stage(certificate) as stage:
        hub = DatagramHub(stage.reactor, lambda: stage.play.now)
        stage.opened.callback(hub.stop)
        new = stage.client()
        new.socket.sendto(new.hello(), stage.listener.address)
        stage.listener.part(hub)
        assert new.datagrams() == []
        assert len(hub) == 0


def test_dtls_closes_its_sockets_too(certificate: Certificate) -> None:
    with dtls_stage(certificate) as stage:
        hub = DatagramHub(stage.reactor, lambda: stage.play.now)
        stage.opened.callback(hub.stop)
        stage.caller().allocates()
        stage.listener.part(hub)
        assert len(hub) == 1
        stage.listener.stop()
        assert len(hub) == 0
