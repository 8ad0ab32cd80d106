"""What is told to whoever carries data of bound channels for us: the port `Flows`.

That the two tables say the same after every step of every play, `soundness` sees to.
"""

import pytest

from procall_mobility.protocols.turn.allocation import Allocation
from tests.interop.turn.stun_codec import IPV4, IPV6, A
from tests.protocols.turn.carried import bound, channel_of, seconds
from tests.protocols.turn.carrying import Flow
from tests.protocols.turn.plays import BOUND, SEEN, Play
from tests.protocols.turn.props import Records


def test_a_bound_channel_is_carried_as_long_as_its_permission_lasts() -> None:
    play = Play()
    alice = bound(play)
    assert seconds(play, alice) == 300
    flow = channel_of(alice).flow
    assert isinstance(flow, Flow)
    assert flow.client == alice.line.client
    assert flow.relayed_at[0] == BOUND != SEEN, "behind a 1:1 NAT it is the socket's own address"


def test_binding_a_channel_again_prolongs_it() -> None:
    play = Play()
    alice = bound(play)
    play.later(200)
    alice.binds(0x4000, play.peer(port=0x4000))
    assert seconds(play, alice) == 300


def test_a_permission_prolongs_all_channels_of_its_host() -> None:
    """RFC 8656 section 9: it is for a host; the binding itself ends all the same."""
    play = Play()
    alice = bound(play, 0x4000, 0x4001)
    alice.binds(0x4002, play.peer("20.0.0.2"))
    play.later(250)
    assert alice.permits(play.peer(port=9)).ok
    assert [seconds(play, alice, each) for each in (0x4000, 0x4001, 0x4002)] == [300, 300, 50]
    play.later(250)
    assert alice.permits(play.peer()).ok
    assert [seconds(play, alice, each) for each in (0x4000, 0x4001)] == [100, 100]


def test_d15_a_flow_does_not_outlive_its_relayed_address() -> None:
    """D15: its end is that of the allocation where that comes first, and moves with it."""
    play = Play()
    alice = play.client()
    alice.allocates()
    play.later(500)
    alice.binds(0x4000, play.peer())
    assert seconds(play, alice) == 100
    alice.refreshes()
    assert seconds(play, alice) == 300


def test_a_refresh_can_shorten_a_flow() -> None:
    play = Play(lifetime=100)
    alice = bound(play)
    assert seconds(play, alice) == 300
    alice.refreshes(1)
    assert seconds(play, alice) == 100


def test_a_channel_that_is_over_is_not_carried_when_something_else_is_prolonged() -> None:
    play = Play()
    alice = bound(play)
    play.later(301)
    alice.refreshes()
    assert seconds(play, alice) is None
    alice.permits(play.peer())
    assert seconds(play, alice) == 299


def test_a_channel_that_is_bound_to_another_peer_is_another_flow() -> None:
    """It may be after its guard time; a peer may have another channel then as well."""
    play = Play()
    alice = bound(play)
    before = channel_of(alice)
    play.later(901)
    assert alice.binds(0x4000, play.peer("20.0.0.2")).ok
    assert before not in play.flows.carried
    assert before.flow is None
    assert len(play.flows.carried) == 1
    play.later(901)
    before = channel_of(alice)
    assert alice.binds(0x4001, play.peer("20.0.0.2")).ok
    assert before not in play.flows.carried


def test_channels_that_make_room_are_dropped() -> None:
    play = Play(channels=1)
    alice = bound(play)
    play.later(901)
    alice.binds(0x4001, play.peer("20.0.0.2"))
    assert [each.number for each in play.flows.carried] == [0x4001]


@pytest.mark.parametrize("why", ["released", "expired", "revoked"])
def test_the_end_of_an_allocation_ends_its_flows(why: str) -> None:
    play = Play()
    alice = bound(play)
    allocation, channel = alice.allocation, channel_of(alice)
    if why == "released":
        alice.refreshes(0)
    elif why == "expired":
        play.later(3600)
    else:
        play.revokes()
    assert play.ended() == [why]
    assert play.flows.released == [allocation.id]
    assert (channel.flow, play.flows.carried) == (None, {})


class Counting(Records):
    """Records that have the octets."""

    octets: tuple[int, int] | None = None

    def ended(self, allocation: Allocation, why: str, now: float) -> None:
        self.octets = allocation.sent_octets, allocation.received_octets
        super().ended(allocation, why, now)


def test_the_record_of_an_end_has_what_was_carried() -> None:
    play = Play()
    play.allocations.book = book = Counting()
    alice = bound(play)
    allocation = alice.allocation
    play.flows.carries(channel_of(alice), sent=100, received=900)
    alice.refreshes(0)
    assert book.octets == (100, 900)
    assert (allocation.carried_packets, allocation.carried_octets) == (2, 1000)


def test_the_record_of_an_allocation_that_goes_on_has_what_was_carried() -> None:
    play = Play(interim_every=60.0)
    alice = bound(play)
    play.flows.carries(channel_of(alice), sent=100)
    play.later(60)
    assert ("goes-on", alice.allocation.id) in play.book.lines
    assert alice.allocation.sent_octets == 100


def test_one_address_of_two_ends_with_its_flows_alone() -> None:
    """RFC 8656 section 8.2: a Refresh of one family."""
    play = Play()
    alice = play.client()
    alice.allocates((A.ADDITIONAL_ADDRESS_FAMILY, IPV6))
    alice.binds(0x4000, play.peer())
    alice.binds(0x4001, play.peer("2001:4860::1"))
    play.later(100)
    puts = play.flows.puts
    alice.refreshes(None, (A.REQUESTED_ADDRESS_FAMILY, IPV4))
    assert play.flows.puts == puts + 1, "the other one is as it was"
    alice.refreshes(0, (A.REQUESTED_ADDRESS_FAMILY, IPV4))
    assert [each.number for each in play.flows.carried] == [0x4001]
    assert play.flows.released == []


def test_a13_a_policy_that_denies_a_peer_drops_its_flow() -> None:
    """A13: at once; flows to other peers go on."""
    play = Play()
    alice = bound(play)
    alice.binds(0x4001, play.peer("20.0.0.2"))
    denied = channel_of(alice)
    play.policy_changes(deny=["20.0.0.1"])
    assert [each.number for each in play.flows.carried] == [0x4001]
    assert denied.flow is None
