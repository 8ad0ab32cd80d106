"""A client over TCP or TLS is followed through its stream, for as long as it is worth it."""

import pytest
from twisted.logger import globalLogPublisher

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.turn.ports import Transport
from procall_mobility.transports.turn.stream import MOST_BEHIND, MOST_MALFORMED
from tests.interop.turn.stun_codec import A, channel_data, parse
from tests.protocols.turn.plays import LISTENING
from tests.transports.turn.stream_stage import BINDING, MALFORMED, StreamStage


@pytest.fixture
def stage() -> StreamStage:
    return StreamStage()


@pytest.mark.parametrize(("secure", "kind"), [(False, Transport.TCP), (True, Transport.TLS)])
def test_the_relay_knows_how_and_from_where_a_client_comes(
    stage: StreamStage, secure: bool, kind: Transport
) -> None:
    path = stage.line("198.51.100.9", secure=secure).path
    assert (path.kind, path.client, path.server, path.sendto) == (
        kind, ("198.51.100.9", 40_000), LISTENING, None,
    )  # fmt: skip


# What is said -----------------------------------------------------------------------------


def test_messages_may_be_cut_anywhere(stage: StreamStage) -> None:
    """RFC 8489 section 6.2.2: a stream knows no borders."""
    line = stage.line()
    for octet in BINDING * 2:
        line.says(bytes([octet]))
    answers = line.takes()
    assert [parse(each).address(A.XOR_MAPPED_ADDRESS) for each in answers] == [line.client] * 2


def test_several_messages_may_come_at_once(stage: StreamStage) -> None:
    line = stage.line()
    line.says(BINDING * 3 + BINDING[:7])
    assert len(line.takes()) == 3
    line.says(BINDING[7:])
    assert len(line.takes()) == 1


@pytest.mark.parametrize("secure", [False, True])
def test_data_passes_both_ways(stage: StreamStage, secure: bool) -> None:
    """RFC 8656 sections 11 and 12: ChannelData is padded on a stream."""
    alice, bob = stage.caller(secure=secure), stage.play.peer()
    alice.allocates()
    alice.permits(bob)
    alice.sends(bob, b"in an indication")
    bob.says(b"and back", alice.relayed)
    assert alice.binds(0x4001, bob).ok
    alice.says(0x4001, b"on a channel!")
    bob.says(b"and back again", alice.relayed)
    assert [data for _, data in bob.hears()] == [b"in an indication", b"on a channel!"]
    assert alice.hears() == [(bob.address, b"and back"), (0x4001, b"and back again")]


def test_channel_data_without_an_allocation_is_dropped(stage: StreamStage) -> None:
    line = stage.line()
    line.says(BINDING + channel_data(0x4000, b"x", padded=True))
    assert stage.counters["channel-dropped"] == 1
    assert not line.wire.aborted


def test_c8_messages_that_are_none_close_the_connection_after_some(stage: StreamStage) -> None:
    """C8: each is dropped silently, and a stream is not followed through any number of them."""
    line = stage.line()
    line.says(MALFORMED * (MOST_MALFORMED - 1))
    assert not line.wire.aborted
    line.says(MALFORMED * 2 + BINDING)
    assert line.wire.aborted
    assert line.takes() == []
    assert stage.counters["malformed"] == MOST_MALFORMED, "nothing is heard behind the end"
    ((peer, reason, _),) = stage.refused
    assert (peer.host, reason) == ("192.0.2.7", Reason.PROTOCOL_ERROR)


def test_c8_a_client_with_an_allocation_is_no_stranger_that_was_refused(
    stage: StreamStage,
) -> None:
    """C8: its connection is closed as well, but the door has let it in."""
    alice = stage.caller()
    alice.allocates()
    alice.line.says(MALFORMED * MOST_MALFORMED)
    assert alice.line.wire.aborted
    assert stage.refused == []


@pytest.mark.parametrize(
    "octets", [b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"\x16\x03\x01\x02\0\x01\0\x01"]
)
def test_c12_what_cannot_be_followed_closes_the_connection(
    stage: StreamStage, octets: bytes
) -> None:
    """C12: no other language is looked for."""
    line = stage.line()
    line.says(octets)
    assert line.wire.aborted
    assert line.takes() == []
    assert [reason for _, reason, _ in stage.refused] == [Reason.PROTOCOL_ERROR]


def test_nothing_is_heard_after_the_end(stage: StreamStage) -> None:
    """TLS may have more to give although its connection is being closed."""
    line = stage.line()
    line.stream.close()
    line.stream.dataReceived(BINDING)
    assert line.takes() == []


def test_a_fault_of_ours_ends_the_connection_and_is_logged(
    stage: StreamStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(stage.play.server, "hears", fails)
    events: list[dict[str, object]] = []
    globalLogPublisher.addObserver(events.append)
    line = stage.line()
    try:
        line.says(BINDING)
    finally:
        globalLogPublisher.removeObserver(events.append)
    assert line.wire.aborted
    assert [each["log_format"] for each in events] == ["a client over a stream was cut off"]


# Slow readers -----------------------------------------------------------------------------


def test_d13_data_for_a_client_that_reads_too_slowly_is_dropped_and_counted(
    stage: StreamStage,
) -> None:
    """D13: as the network would drop it; what comes when it reads again is passed on."""
    alice, bob = stage.caller(), stage.play.peer()
    alice.allocates()
    alice.binds(0x4001, bob)
    alice.line.wire.producer.pauseProducing()
    for _ in range(3):
        bob.says(b"too much", alice.relayed)
    assert alice.refreshes().ok, "an answer is not dropped at once"
    assert alice.hears() == []
    assert stage.counters["slow-client"] == 3
    alice.line.wire.producer.resumeProducing()
    bob.says(b"again", alice.relayed)
    assert alice.hears() == [(0x4001, b"again")]


def test_d13_answers_a_client_does_not_read_are_bounded(stage: StreamStage) -> None:
    """D13: and the bound is one for each time it falls behind."""
    line = stage.line()
    line.says(BINDING)
    (answer,) = line.takes()
    most = MOST_BEHIND // len(answer)
    for _ in range(2):
        line.wire.producer.pauseProducing()
        line.says(BINDING * (most + 5))
        assert len(line.takes()) == most
        line.wire.producer.resumeProducing()
    assert stage.counters["slow-client"] == 10


def test_the_producer_of_a_connection_is_told_of_its_end_elsewhere(stage: StreamStage) -> None:
    line = stage.line()
    line.wire.producer.stopProducing()
    line.says(BINDING)
    assert len(line.takes()) == 1


# Deadlines and the end --------------------------------------------------------------------


def test_d11_a_client_without_an_allocation_does_not_stay(stage: StreamStage) -> None:
    """D11: whatever else it asks for."""
    line = stage.line()
    stage.later(29.9)
    line.says(BINDING)
    assert not line.wire.aborted
    stage.later(0.1)
    assert line.wire.aborted
    line.wire.goes()
    assert stage.alarms() == []


def test_d11_a_client_with_an_allocation_stays(stage: StreamStage) -> None:
    alice = stage.caller()
    alice.allocates()
    assert stage.alarms() == []
    stage.later(590)
    assert alice.refreshes().ok


def test_d11_its_time_begins_anew_when_the_allocation_has_ended(stage: StreamStage) -> None:
    alice = stage.caller()
    alice.allocates()
    stage.later(100)
    alice.refreshes(0)
    assert stage.alarms() == [30.0]
    stage.later(30)
    assert alice.line.wire.aborted


def test_a_client_that_goes_takes_its_allocation_with_it(stage: StreamStage) -> None:
    alice = stage.caller()
    alice.allocates()
    alice.line.wire.goes()
    stage.play.settle()
    assert stage.play.ended() == ["connection-lost"]
    assert stage.alarms() == []


def test_a_client_that_goes_without_an_allocation_leaves_no_alarm(stage: StreamStage) -> None:
    stage.line().wire.goes()
    assert stage.alarms() == []


def test_a_mobile_client_comes_back_by_another_connection(stage: StreamStage) -> None:
    """RFC 8016 section 3.2; the connection it has left is closed."""
    alice, bob = stage.caller(), stage.play.peer()
    alice.allocates((A.MOBILITY_TICKET, b""))
    alice.permits(bob)
    old, alice.line = alice.line, stage.line("198.51.100.9")
    assert alice.refreshes(None, (A.MOBILITY_TICKET, alice.talk.ticket)).ok
    alice.sends(bob, b"from elsewhere")
    assert bob.hears() == [(alice.relayed, b"from elsewhere")]
    assert old.wire.aborted


def test_what_is_said_to_a_client_that_has_gone_is_lost(stage: StreamStage) -> None:
    line = stage.line()
    line.wire.goes()
    line.stream.send(b"\0\1too late")
    line.stream.unbind()
    assert line.takes() == []
    assert stage.alarms() == []
