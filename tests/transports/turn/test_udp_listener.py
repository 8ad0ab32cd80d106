"""What clients send over UDP arrives: the short way where there is one, else the long one."""

import pytest
from twisted.logger import capturedLogs

from procall_mobility.transports.turn.hub import AT_ONCE
from procall_mobility.transports.turn.udp_listener import UdpPath
from procall_mobility.transports.turn.udp_relay import report_errors
from tests.interop.turn.stun_codec import A, Method, channel_data, message, parse
from tests.protocols.turn.callers import Client
from tests.transports.turn.relay_stage import RelayStage, counted, relay_stage, talking


def bug(*_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 5, bytes(65_000)])
def test_channel_data_takes_the_short_way(
    host: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 8656 section 12.6: past the machine, from the relayed address, and counted."""
    with relay_stage(host) as stage:
        alice, bob = talking(stage)
        monkeypatch.setattr(stage.play.server, "hears_channel_data", bug)
        alice.says(0x4000, data)
        ((heard, origin),) = bob.takes_from()
        assert heard == data
        assert origin == stage.wire_of(alice)._socket.getsockname()[:2]
        assert counted(alice) == (1, len(data), 0, 0)


def test_what_could_have_been_carried_takes_the_short_way_and_is_told(
    stage: RelayStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a channel that nobody carries nothing is told."""
    alice, bob = talking(stage)
    channel, flows = alice.allocation.channels[0x4000], stage.play.flows
    monkeypatch.setattr(stage.play.server, "hears_channel_data", bug)
    alice.says(0x4000, b"hello")
    assert counted(alice) == (1, 5, 0, 0)
    flows.drop(channel)
    alice.says(0x4000, b"again")
    assert bob.takes() == [b"hello", b"again"]
    assert flows.spent_by == [alice.allocation.id]


def test_what_stands_behind_the_data_is_not_relayed(stage: RelayStage) -> None:
    """C1: over UDP a client may pad, and need not."""
    alice, bob = talking(stage)
    alice.line.says(channel_data(0x4000, b"12345") + b"\1\2\3")
    assert bob.takes() == [b"12345"]
    assert counted(alice) == (1, 5, 0, 0)


@pytest.mark.parametrize(
    "datagram",
    [b"\x40", b"\x40\0\0", b"\x40\0\0\4abc", b"\x40\0\x8a\xb6abc", b"\x40\1\0\3abc"],
    ids=["1", "3", "C2: one short", "C2: 35510", "unbound"],
)
def test_channel_data_that_cannot_be_is_dropped(stage: RelayStage, datagram: bytes) -> None:
    """C2: nothing of what another client has left in the buffer gets out."""
    alice, bob = talking(stage)
    alice.says(0x4000, b"secret of somebody else")
    bob.takes()
    alice.line.says(datagram)
    assert bob.takes() == []
    assert stage.counters["channel-dropped"] == 1
    assert counted(alice)[0] == 1


def test_the_short_way_is_bounded_as_well() -> None:
    """D14: what is too much is dropped and not counted as relayed."""
    with relay_stage(user_octets_per_second=10_000.0) as stage:
        alice, bob = talking(stage)
        for _ in range(30):
            alice.says(0x4000, bytes(1000))
        assert len(bob.takes()) == 10
        assert stage.counters["over-rate"] == 20
        assert counted(alice) == (10, 10_000, 0, 0)


def test_a_channel_whose_permission_has_expired_is_silent(stage: RelayStage) -> None:
    """D15."""
    alice, bob = talking(stage)
    stage.play.later(299)
    alice.says(0x4000, b"1")
    stage.play.later(1)
    alice.says(0x4000, b"2")
    assert bob.takes() == [b"1"]
    assert stage.counters["channel-dropped"] == 1


def test_clients_that_face_each_other_stay_inside(stage: RelayStage) -> None:
    """A8: there is no socket at the address that is seen, and yet it arrives."""
    alice, carol = stage.caller("alice"), stage.caller("carol")
    assert alice.binds(0x4000, carol.relayed).ok
    assert carol.binds(0x4001, alice.relayed).ok
    alice.says(0x4000, b"hello")
    assert carol.hears() == [(0x4001, b"hello")]
    assert counted(alice) == (1, 5, 0, 0)
    assert counted(carol) == (0, 0, 1, 5)


def test_indications_take_the_long_way(stage: RelayStage) -> None:
    alice, bob = stage.caller(), stage.peer()
    assert alice.permits(bob).ok
    alice.sends(bob, b"hello")
    assert bob.takes() == [b"hello"]


def test_a_client_that_moves_is_taken_to_be_where_it_says_something(stage: RelayStage) -> None:
    """RFC 8016: the first ChannelData from there goes the long way, which moves the allocation."""
    alice, bob = stage.caller("alice", (A.MOBILITY_TICKET, b"")), stage.peer()
    assert alice.binds(0x4000, bob).ok
    moved = Client(stage.line(), alice.talk, alice.relays)
    assert moved.refreshes(None, (A.MOBILITY_TICKET, alice.talk.ticket)).ok
    assert moved.allocation.next_path == moved.line.path
    moved.says(0x4000, b"from here")
    assert moved.allocation.path == moved.line.path
    assert alice.allocation is None
    moved.says(0x4000, b"and again")
    bob.says(b"there?", to=moved)
    assert bob.takes() == [b"from here", b"and again"]
    assert moved.hears() == [(0x4000, b"there?")]


@pytest.mark.parametrize("first", [4, 15, 16, 19, 20, 63, 128, 191, 192, 255])
def test_what_is_neither_stun_nor_channel_data_is_dropped(stage: RelayStage, first: int) -> None:
    """C9, RFC 7983: DTLS, ZRTP, RTP, QUIC."""
    line = stage.line()
    line.says(bytes((first,)) * 40)
    assert line.takes() == []
    assert stage.counters["not-stun"] == 1


def test_an_empty_datagram_is_no_stun(stage: RelayStage) -> None:
    """C9."""
    line = stage.line()
    line.says(b"")
    assert line.takes() == []
    assert stage.counters["not-stun"] == 1


def test_a_stranger_has_no_channels(stage: RelayStage) -> None:
    stage.line().says(channel_data(0x4000, b"for free?"))
    assert stage.counters["channel-dropped"] == 1


def test_a_bug_of_ours_costs_one_datagram(
    stage: RelayStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C14: no exception reaches the reactor."""
    line = stage.line()
    with monkeypatch.context() as patched, capturedLogs() as logged:
        patched.setattr(stage.play.server, "hears", bug)
        line.says(message(Method.BINDING))
    assert [each["log_format"] for each in logged] == ["a datagram was lost"]
    assert logged[0]["log_failure"].check(ZeroDivisionError)
    line.says(message(Method.BINDING))
    assert [parse(each).ok for each in line.takes()] == [True]


def test_the_reactor_gets_its_turn_in_a_flood(stage: RelayStage) -> None:
    alice, bob = talking(stage)
    for _ in range(AT_ONCE + 10):
        alice.line.throws(channel_data(0x4000, b"x"), stage.listener.address)
    stage.listener.doRead()
    assert len(bob.takes()) == AT_ONCE
    stage.listener.doRead()
    assert len(bob.takes()) == 10


def test_a_peer_that_refused_does_not_cost_another_its_datagram(stage: RelayStage) -> None:
    """The kernel reports the error of an earlier datagram when the next one is sent."""
    alice, bob = talking(stage)
    gone = stage.peer()
    assert alice.binds(0x4001, gone).ok
    gone.vanishes()
    alice.says(0x4001, b"anybody?")
    alice.says(0x4000, b"hello")
    assert bob.takes() == [b"hello"]


def test_an_error_of_the_socket_does_not_stop_the_reading(stage: RelayStage) -> None:
    report_errors(stage.listener._socket)
    gone, alice = stage.line(), stage.line()
    path = gone.path
    gone.vanishes()
    path.send(b"anybody?")
    alice.says(message(Method.BINDING))
    assert [parse(each).ok for each in alice.takes()] == [True]


def test_after_the_stop_nothing_is_read(stage: RelayStage) -> None:
    assert stage.listener in stage.reactor.getReaders()
    stage.listener.stop()
    assert stage.listener not in stage.reactor.getReaders()
    stage.listener.doRead()  # The reactor may have it in its list still.


def test_the_reactor_knows_it_by_its_socket(stage: RelayStage) -> None:
    assert stage.listener.fileno() == stage.listener._socket.fileno()
    assert stage.listener.logPrefix() == "turn"
    stage.listener.connectionLost()


def test_two_paths_of_one_five_tuple_are_one(stage: RelayStage) -> None:
    with relay_stage() as elsewhere:
        client = ("192.0.2.7", 40_000)
        path = UdpPath(stage.listener, client)
        assert path == UdpPath(stage.listener, client)
        assert hash(path) == hash(UdpPath(stage.listener, client))
        assert path != UdpPath(stage.listener, ("192.0.2.7", 40_001))
        assert path != UdpPath(elsewhere.listener, client)
        assert path != client
        assert path.server == stage.listener.address


def test_an_end_frees_the_five_tuple(stage: RelayStage) -> None:
    alice, _ = talking(stage)
    alice.line.path.close()  # There is no connection: nothing ends by it.
    assert set(stage.listener.flows) == {alice.line.client}
    assert alice.refreshes(0).ok
    assert stage.listener.flows == {}
    assert len(stage.hub) == 0


def test_who_has_left_a_port_serves_the_calls_it_has_and_nobody_else(stage: RelayStage) -> None:
    """A reload takes the port away; those who came by it go on until their calls end."""
    alice, bob = talking(stage)
    stranger = stage.line()
    stage.listener.leave()
    for _ in range(AT_ONCE + 1):
        stranger.says(message(Method.BINDING))
    assert stranger.takes() == []
    alice.says(0x4000, b"hello")
    assert bob.takes() == [b"hello"]
    assert alice.refreshes().ok
    stage.listener.stay()
    stranger.says(message(Method.BINDING))
    assert len(stranger.takes()) == 1
