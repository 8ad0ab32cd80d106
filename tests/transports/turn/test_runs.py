"""ChannelData of one read goes to peers in runs, in its order, and within the same bounds."""

import pytest

from procall_mobility.transports.turn.runs import LONGEST_RUN, MOST_IN_RUN, run_of
from tests.interop.turn.stun_codec import A, channel_data
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play
from tests.transports.turn.stream_stage import BINDING, StreamStage


def frames(*said: tuple[int, int]) -> list[tuple[int, memoryview]]:
    """Return frames of channels, with so many octets of data."""
    return [
        (number, memoryview(channel_data(number, bytes([at & 0xFF]) * size)))
        for at, (number, size) in enumerate(said)
    ]


def lengths(*said: tuple[int, int]) -> list[int]:
    run, octets = run_of(frames(*said), 0)
    assert sum(map(len, run)) == octets
    return list(map(len, run))


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ([(0x4000, 160)], [160]),
        ([(0x4000, 160)] * 3, [160] * 3),
        ([(0x4000, 160), (0x4000, 160), (0x4000, 40), (0x4000, 160)], [160, 160, 40]),
        ([(0x4000, 160), (0x4000, 161)], [160]),
        ([(0x4000, 160), (0x4001, 160)], [160]),
        ([(0x4000, 0), (0x4000, 0)], [0]),
        ([(0x4000, 160), (0x4000, 0)], [160]),
        ([(0x4000, 1)] * 200, [1] * MOST_IN_RUN),
        ([(0x4000, 30_000)] * 3, [30_000] * 2),
        ([(0x4000, 65_535)] * 2, [65_535]),
    ],
)
def test_a_run_is_of_one_channel_and_one_size_but_for_the_last(
    said: list[tuple[int, int]], sent: list[int]
) -> None:
    assert lengths(*said) == sent


def test_a_run_may_be_in_the_midst() -> None:
    run, octets = run_of(frames((0x4000, 9), (0x4001, 5), (0x4001, 5), (0x4000, 5)), 1)
    assert ([bytes(each) for each in run], octets) == ([b"\1" * 5, b"\2" * 5], 10)
    assert octets < LONGEST_RUN


class Talk:
    """A client on a stream, with channels to two peers."""

    def __init__(self, **rules: object) -> None:
        self.stage = StreamStage(Play(**rules))
        self.alice: Client = self.stage.caller()
        self.alice.allocates((A.MOBILITY_TICKET, b""))
        self.peers = [self.stage.play.peer(f"20.0.0.{n}") for n in (1, 2)]
        for at, peer in enumerate(self.peers):
            assert self.alice.binds(0x4000 + at, peer).ok

    @property
    def runs(self) -> list[list[bytes]]:
        """What has left by one call each."""
        return self.stage.play.sockets.runs

    def says(self, *said: tuple[int, bytes]) -> None:
        """Say all of it at once."""
        self.alice.line.says(b"".join(channel_data(*each, padded=True) for each in said))

    def heard(self) -> list[list[bytes]]:
        return [[data for _, data in each.hears()] for each in self.peers]


def test_what_came_together_leaves_together() -> None:
    talk = Talk()
    talk.says((0x4000, b"aaaa"), (0x4000, b"bbbb"), (0x4000, b"cc"), (0x4001, b"dddd"))
    assert talk.runs == [[b"aaaa", b"bbbb", b"cc"], [b"dddd"]]
    assert talk.heard() == [[b"aaaa", b"bbbb", b"cc"], [b"dddd"]]
    of = talk.alice.allocation
    assert (of.sent_packets, of.sent_octets) == (4, 14)


def test_messages_in_between_are_answered_in_their_turn() -> None:
    """And what is not whole yet waits."""
    talk = Talk()
    frame = channel_data(0x4000, b"data", padded=True)
    talk.alice.line.says(frame + frame + BINDING + frame + frame[:5])
    assert talk.runs == [[b"data"] * 2, [b"data"]]
    assert len(talk.alice.line.takes()) == 1
    talk.alice.line.says(frame[5:])
    assert talk.heard() == [[b"data"] * 4, []]


def test_a_frame_nobody_is_bound_to_stops_no_other() -> None:
    talk = Talk()
    talk.says((0x4000, b"a"), (0x4005, b"b"), (0x4000, b"c"))
    assert talk.heard() == [[b"a", b"c"], []]
    assert talk.stage.counters["channel-dropped"] == 1


def test_d14_what_is_left_of_the_rate_is_used_up_and_the_rest_dropped() -> None:
    """D14: as if each had come alone."""
    talk = Talk(user_octets_per_second=1_000.0)
    talk.says(*[(0x4000, bytes(300))] * 5)
    assert talk.heard() == [[bytes(300)] * 3, []]
    assert talk.stage.counters["over-rate"] == 2
    of = talk.alice.allocation
    assert (of.sent_packets, of.sent_octets) == (3, 900)


def test_d15_an_expired_channel_is_silent() -> None:
    """D15."""
    talk = Talk()
    talk.stage.play.later(300)
    talk.says((0x4000, b"too late"), (0x4000, b"too late"))
    assert talk.heard() == [[], []]
    assert talk.stage.counters["channel-dropped"] == 2


def test_the_first_frame_of_a_client_that_has_moved_moves_it_and_the_others_follow() -> None:
    """RFC 8016: from there on they are a run."""
    talk = Talk()
    alice, old = talk.alice, talk.alice.line
    alice.line = talk.stage.line("198.51.100.9")
    assert alice.refreshes(None, (A.MOBILITY_TICKET, alice.talk.ticket)).ok
    talk.says((0x4000, b"1"), (0x4000, b"2"), (0x4000, b"3"))
    assert old.wire.aborted
    assert talk.runs == [[b"2", b"3"]]
    assert talk.heard() == [[b"1", b"2", b"3"], []]


def test_a8_clients_that_face_each_other_stay_inside() -> None:
    """A8: there is no socket to send a run from."""
    talk = Talk()
    carol = talk.stage.caller("carol")
    carol.allocates()
    assert talk.alice.binds(0x4002, carol.relayed).ok
    assert carol.binds(0x4000, talk.alice.relayed).ok
    talk.says((0x4002, b"one"), (0x4002, b"two"))
    assert carol.hears() == [(0x4000, b"one"), (0x4000, b"two")]
    assert talk.runs == []
