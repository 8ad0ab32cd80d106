"""A client over DTLS is a client like any other, for as long as it has an allocation."""

from collections.abc import Iterator

import pytest
from OpenSSL import SSL

from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.turn.dtls_path import DtlsPath
from tests.interop.turn.stun_codec import A, Method, channel_data, message, parse
from tests.transports.turn.dtls_stage import DtlsStage, dtls_stage


@pytest.fixture
def stage(certificate: Certificate) -> Iterator[DtlsStage]:
    with dtls_stage(certificate) as made:
        yield made


def test_a_client_learns_its_address(stage: DtlsStage) -> None:
    """RFC 7350 section 3: STUN is in records as it would be in datagrams."""
    client = stage.client().shakes_hands()
    client.says(message(Method.BINDING))
    (answer,) = client.hears()
    assert parse(answer).address(A.XOR_MAPPED_ADDRESS) == client.address


def test_the_relay_knows_how_and_from_where_a_client_comes(stage: DtlsStage) -> None:
    client = stage.client().shakes_hands()
    path = stage.listener.paths[client.address]
    assert (path.kind, path.client, path.server, path.sendto) == (
        Transport.DTLS, client.address, stage.listener.address, None,
    )  # fmt: skip


def test_data_passes_both_ways(stage: DtlsStage) -> None:
    """RFC 8656 sections 11 and 12: indications, and channels without padding."""
    alice, bob = stage.caller(), stage.play.peer()
    alice.allocates()
    alice.permits(bob)
    alice.sends(bob, b"in an indication")
    bob.says(b"and back", alice.relayed)
    assert alice.binds(0x4001, bob).ok
    alice.says(0x4001, b"on a channel")
    bob.says(b"and back again", alice.relayed)
    assert bob.hears() == [
        (alice.relayed, b"in an indication"),
        (alice.relayed, b"on a channel"),
    ]
    assert alice.hears() == [(bob.address, b"and back"), (0x4001, b"and back again")]


def test_several_records_in_a_datagram_are_several_messages(stage: DtlsStage) -> None:
    """RFC 6347 section 4.1.1."""
    client = stage.client().shakes_hands()
    for _ in range(3):
        client.connection.send(message(Method.BINDING))
    client.throws(client.flight())
    assert len(client.hears()) == 3


def test_what_is_neither_stun_nor_channel_data_is_dropped(stage: DtlsStage) -> None:
    """C9: in records as in datagrams (RFC 7983)."""
    client = stage.client().shakes_hands()
    for octets in (b"\x04", b"\x80RTP", b"\x16\xfe\xfd"):
        client.says(octets)
    assert stage.counters["not-stun"] == 3
    assert client.hears() == []


def test_channel_data_without_an_allocation_is_dropped(stage: DtlsStage) -> None:
    stage.client().shakes_hands().says(channel_data(0x4000, b"x"))
    assert stage.counters["channel-dropped"] == 1


def test_what_fits_in_no_record_is_lost(stage: DtlsStage) -> None:
    """RFC 6347 section 4.1: 2**14 octets; it is not cut, for it was one datagram."""
    alice, bob = stage.caller(), stage.play.peer()
    alice.allocates()
    alice.binds(0x4001, bob)
    bob.says(b"x" * 16_380, alice.relayed)
    bob.says(b"x" * 16_381, alice.relayed)
    assert [len(data) for _, data in alice.hears()] == [16_380]
    assert stage.counters["too-large"] == 1


# Deadlines --------------------------------------------------------------------------------


def test_a_handshake_has_a_deadline(stage: DtlsStage) -> None:
    """D11."""
    client = stage.client()
    client.throws(client.hello())
    client.throws(client.hello())
    stage.later(9.9)
    assert stage.connections.total == 1
    stage.later(0.1)
    assert (stage.connections.total, stage.listener.paths) == (0, {})
    assert stage.reactor.getDelayedCalls() == []


def test_a_client_without_an_allocation_does_not_stay(stage: DtlsStage) -> None:
    """D11: whatever else it asks for."""
    client = stage.client().shakes_hands()
    stage.later(29.9)
    client.says(message(Method.BINDING))
    assert len(client.hears()) == 1
    stage.later(0.1)
    assert client.is_told_the_end()
    assert stage.connections.total == 0


def test_a_client_with_an_allocation_stays(stage: DtlsStage) -> None:
    alice = stage.caller()
    alice.allocates()
    stage.later(590)
    assert alice.refreshes().ok


def test_its_time_begins_anew_when_the_allocation_has_ended(stage: DtlsStage) -> None:
    alice = stage.caller()
    alice.allocates()
    alice.refreshes(0)
    stage.later(29.9)
    assert stage.connections.total == 1
    stage.later(0.1)
    assert alice.line.dtls.is_told_the_end()
    assert stage.connections.total == 0


def test_a_flight_is_sent_again_when_openssl_thinks_it_is_time(stage: DtlsStage) -> None:
    """RFC 6347 section 4.2.4: OpenSSL has a clock of its own, and an early alarm is set again."""
    client = stage.client()
    client.throws(client.hello())
    client.throws(client.hello())
    first, second = sorted(each.getTime() for each in stage.reactor.getDelayedCalls())
    assert 0.5 < first <= 1.0 < second == 10.0
    stage.reactor.advance(first)
    again, _ = sorted(each.getTime() for each in stage.reactor.getDelayedCalls())
    assert again > first
    client.shakes_hands()
    (idle,) = stage.reactor.getDelayedCalls()
    assert idle.getTime() == stage.reactor.seconds() + 30


# The end ----------------------------------------------------------------------------------


def test_a_client_that_goes_takes_its_allocation_with_it(stage: DtlsStage) -> None:
    alice = stage.caller()
    alice.allocates()
    alice.line.dtls.connection.shutdown()
    alice.line.dtls.flushes()
    assert alice.line.dtls.is_told_the_end(), "RFC 5246 section 7.2.1: it is answered"
    assert stage.play.ended() == ["connection-lost"]
    assert (stage.connections.total, stage.listener.paths) == (0, {})
    assert stage.reactor.getDelayedCalls() == []


def test_a_client_that_begins_anew_has_no_allocation(stage: DtlsStage) -> None:
    """It is the same five-tuple, but nobody can tell whether it is the same client."""
    alice = stage.caller()
    alice.allocates()
    alice.line.dtls.begins_anew()
    alice.line.dtls.shakes_hands()
    assert stage.play.ended() == ["connection-lost"]
    alice.allocates()


def test_a_mobile_client_comes_back_by_another_connection(stage: DtlsStage) -> None:
    """RFC 8016 section 3.2; the connection it has left is closed, and told so."""
    alice = stage.caller()
    alice.allocates((A.MOBILITY_TICKET, b""))
    bob = stage.play.peer()
    alice.permits(bob)
    old = alice.line
    alice.line = stage.caller().line
    assert alice.refreshes(None, (A.MOBILITY_TICKET, alice.talk.ticket)).ok
    alice.sends(bob, b"from elsewhere")
    assert bob.hears() == [(alice.relayed, b"from elsewhere")]
    assert old.dtls.is_told_the_end()
    assert stage.connections.total == 1


def test_without_a_common_cipher_the_client_is_told_and_forgotten(stage: DtlsStage) -> None:
    client = stage.client(ciphers=b"AES128-SHA")
    with pytest.raises(SSL.Error, match="handshake failure"):
        client.shakes_hands()
    assert stage.counters["dtls-failed"] == 1
    assert (stage.connections.total, stage.listener.paths) == (0, {})


def test_nothing_is_heard_behind_the_end(
    stage: DtlsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay may close a connection while it handles the first record of a datagram."""
    client = stage.client().shakes_hands()
    heard = []

    def hears(data: bytes, path: DtlsPath, now: float) -> None:
        heard.append(data)
        path.close()

    monkeypatch.setattr(stage.play.server, "hears", hears)
    for _ in range(2):
        client.connection.send(message(Method.BINDING))
    client.throws(client.flight())
    assert len(heard) == 1


def test_what_is_said_to_a_client_that_has_gone_is_lost(stage: DtlsStage) -> None:
    client = stage.client().shakes_hands()
    path = stage.listener.paths[client.address]
    path.close()
    assert client.is_told_the_end()
    path.send(b"too late")
    path.close()
    path.abandon()
    path.unbind()
    assert client.datagrams() == []
    assert stage.connections.total == 0
    assert stage.reactor.getDelayedCalls() == []
