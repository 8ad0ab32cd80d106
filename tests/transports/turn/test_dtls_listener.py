"""Whoever does not show where it is costs nothing, and nobody is driven out by it."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from OpenSSL import SSL
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.turn.hub import AT_ONCE
from tests.interop.turn.stun_codec import Method, message, parse
from tests.transports.turn.dtls_records import HELLO, fragment, record
from tests.transports.turn.dtls_stage import DtlsClient, DtlsStage, dtls_stage


@pytest.fixture
def stage(certificate: Certificate) -> Iterator[DtlsStage]:
    with dtls_stage(certificate) as made:
        yield made


def is_answered(client: DtlsClient) -> bool:
    client.says(message(Method.BINDING))
    return [parse(each).ok for each in client.hears()] == [True]


def test_a_hello_without_a_cookie_leaves_nothing_behind(stage: DtlsStage) -> None:
    """B4, D10: one answer, no longer than the hello, and no client."""
    client = stage.client()
    hello = client.hello()
    client.throws(hello)
    (answer,) = client.datagrams()
    assert len(answer) <= len(hello)
    assert (stage.listener.paths, stage.connections.total) == ({}, 0)
    assert stage.reactor.getDelayedCalls() == []


def test_the_cookie_makes_a_client(stage: DtlsStage) -> None:
    client = stage.client()
    client.throws(client.hello())
    client.throws(client.hello())
    assert set(stage.listener.paths) == {client.address}
    assert stage.connections.total == 1


def test_a_cookie_of_somebody_else_is_asked_for_again(stage: DtlsStage) -> None:
    """The address is proven, not the knowledge of some cookie."""
    client, thief = stage.client(), stage.client()
    client.throws(client.hello())
    thief.throws(client.hello())
    (answer,) = thief.datagrams()
    assert answer[13] == 3, "a HelloVerifyRequest"
    assert stage.listener.paths == {}


@pytest.mark.parametrize(
    "datagram",
    [
        record(fragment(b"x" * 10, length=650_000)),
        record(fragment(HELLO, length=650_000)),
        record(fragment(HELLO[20:], length=len(HELLO), offset=20)),
        record(b"\1\0", kind=21),
        record(b"x" * 40, kind=23, epoch=1),
        message(Method.BINDING),
        b"\x40\x00\x00\x04data",
        b"\x16" * 16_398,
        b"",
    ],
    ids=["35", "long", "fragment", "alert", "data", "STUN", "channel", "huge", "empty"],
)
def test_nothing_else_of_a_stranger_is_answered(stage: DtlsStage, datagram: bytes) -> None:
    """D10, C9: nor kept; plain STUN is for the other ports."""
    stranger = stage.client()
    stranger.throws(datagram)
    assert stranger.datagrams() == []
    assert stage.listener.paths == {}
    assert stage.counters["not-dtls"] == 1


def test_ports_of_services_that_answer_are_not_answered(stage: DtlsStage) -> None:
    """D3."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.7.7.7", 11_211))
        sock.setblocking(False)
        reflector = DtlsClient(stage, sock)
        reflector.throws(reflector.hello())
        assert reflector.datagrams() == []
    assert stage.counters["reflected-port"] == 1


def test_several_clients_of_one_socket_are_kept_apart(stage: DtlsStage) -> None:
    clients = [stage.client() for _ in range(5)]
    for _ in range(4):
        for client in clients:
            client.steps()
    assert all(is_answered(client) for client in clients)
    assert stage.connections.total == 5


def test_clients_of_ipv6_are_served(certificate: Certificate) -> None:
    with dtls_stage(certificate, host="::1") as stage:
        assert is_answered(stage.client().shakes_hands())


@pytest.mark.parametrize("bound", [{"total": 2}, {"per_address": 2}])
def test_there_are_no_more_clients_than_allowed(
    certificate: Certificate, bound: dict[str, int]
) -> None:
    """D11: a place is taken with the cookie, and given back at the end."""
    with dtls_stage(certificate, **bound) as stage:
        first, second = stage.client().shakes_hands(), stage.client().shakes_hands()
        third = stage.client()
        for _ in range(3):
            third.steps()
        assert stage.counters["too-many-connections"] >= 1
        assert set(stage.listener.paths) == {first.address, second.address}
        assert stage.connections.total == 2
        first.connection.shutdown()
        first.flushes()
        third.begins_anew()
        assert is_answered(third.shakes_hands())


def test_a_client_that_begins_anew_is_let_in_when_it_has_its_cookie(stage: DtlsStage) -> None:
    """RFC 6347 section 4.2.8: not before, or anybody could end associations of others."""
    client = stage.client().shakes_hands()
    old = client.connection
    client.begins_anew()
    client.throws(client.hello())
    client.connection, new = old, client.connection
    (verify,) = client.datagrams()
    assert is_answered(client), "the old association is alive"
    client.connection = new
    new.bio_write(verify)
    assert is_answered(client.shakes_hands())
    assert stage.connections.total == 1


def test_a_client_may_begin_anew_in_the_middle_of_a_handshake(stage: DtlsStage) -> None:
    client = stage.client()
    client.throws(client.hello())
    client.throws(client.hello())
    client.datagrams()
    client.begins_anew()
    assert is_answered(client.shakes_hands())


def test_hellos_that_come_twice_change_nothing(stage: DtlsStage) -> None:
    """RFC 6347 section 3.2: the network repeats and delays, and so may an attacker on the way."""
    client = stage.client()
    first = client.hello()
    client.throws(first)
    second = client.hello()
    client.throws(second)
    client.throws(second)
    client.shakes_hands()
    path = stage.listener.paths[client.address]
    client.throws(first)
    client.throws(second)
    assert stage.listener.paths[client.address] is path
    assert client.hears() == []
    assert is_answered(client)


def test_stopping_tells_the_clients(certificate: Certificate) -> None:
    with dtls_stage(certificate) as stage:
        client = stage.client().shakes_hands()
        stage.listener.stop()
        assert client.is_told_the_end()
        assert stage.connections.total == 0
        assert stage.reactor.getReaders() == []
        assert stage.reactor.getDelayedCalls() == []
        stage.listener.doRead()  # The reactor may have it in its list still.


def test_a_bug_of_ours_ends_the_way_of_its_client_only(
    stage: DtlsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = [stage.client().shakes_hands() for _ in range(2)]

    def bug(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(stage.play.server, "hears", bug)
        clients[0].says(message(Method.BINDING))
    assert set(stage.listener.paths) == {clients[1].address}
    assert is_answered(clients[1])


def test_a_bug_before_there_is_a_client_is_survived(
    stage: DtlsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    client = stage.client()
    hello = client.hello()
    with monkeypatch.context() as patched:
        patched.setattr(stage.listener._reception, "hears", bug)
        client.throws(hello)
    client.throws(hello)
    assert is_answered(client.shakes_hands())


def test_the_reactor_gets_its_turn_in_a_flood(stage: DtlsStage) -> None:
    client = stage.client()
    hello = client.hello()
    for _ in range(AT_ONCE + 10):
        client.socket.sendto(hello, stage.listener.address)
    stage.listener.doRead()
    assert len(client.datagrams()) == AT_ONCE
    stage.listener.doRead()
    assert len(client.datagrams()) == 10


def test_the_reactor_knows_it_by_its_socket(stage: DtlsStage) -> None:
    assert isinstance(stage.reactor, MemoryReactorClock)
    assert stage.reactor.getReaders() == [stage.listener]
    assert stage.listener.fileno() > 0
    assert stage.listener.logPrefix() == "turn"
    stage.listener.connectionLost()


NOISE = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=300).map(lambda octets: b"\x16" + octets),
    st.builds(
        record,
        st.binary(max_size=300),
        kind=st.integers(20, 25),
        epoch=st.integers(0, 2),
    ),
    st.builds(
        lambda body, kind, length: record(fragment(body, kind=kind, length=length)),
        st.binary(max_size=100),
        st.integers(0, 24),
        st.integers(0, 0xFFFFFF),
    ),
    st.binary(max_size=200).map(lambda tail: record(fragment(HELLO + tail))),
)


@given(noise=st.lists(NOISE, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_datagram_raises_or_makes_a_client(stage: DtlsStage, noise: list[bytes]) -> None:
    """C14: strangers say what they like; what is kept of them is nothing."""
    stranger = stage.client()
    for datagram in noise:
        stage.listener._hear(datagram, stranger.address)
    assert (stage.listener.paths, stage.connections.total) == ({}, 0)
    assert sum(map(len, stranger.datagrams())) <= sum(map(len, noise))
    stranger.socket.close()


@given(noise=st.lists(NOISE, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nobody_ends_an_association_by_noise_from_its_address(
    stage: DtlsStage, noise: list[bytes]
) -> None:
    """RFC 6347 section 4.1.2.7: source addresses are forged easily."""
    client = stage.client().shakes_hands()
    for datagram in noise:
        stage.listener._hear(datagram, client.address)
    client.datagrams()
    assert is_answered(client)
    client.connection.shutdown()
    client.flushes()
    client.socket.close()


@given(
    noise=st.lists(st.tuples(st.integers(0, 8), NOISE), max_size=10),
    bent=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 60), st.integers(1, 255))),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_handshake_raises_or_leaves_anything_behind(
    stage: DtlsStage, noise: list[tuple[int, bytes]], bent: list[tuple[int, int, int]]
) -> None:
    """C14: a client whose address is proven says what it likes, in the midst of its handshake."""
    client = stage.client()
    for step in range(8):
        client.takes()
        try:
            flight = bytearray(client.hello())
        except SSL.Error:  # Our answers to noise are no business of this client.
            break
        for _, at, mask in (each for each in bent if each[0] == step):
            if at < len(flight):
                flight[at] ^= mask
        for datagram in [bytes(flight), *(each for when, each in noise if when == step)]:
            stage.listener._hear(datagram, client.address)
    stage.later(10)
    stage.later(30)
    assert (stage.listener.paths, stage.connections.total) == ({}, 0)
    assert stage.reactor.getDelayedCalls() == []
    client.socket.close()
