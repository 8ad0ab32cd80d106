"""Flows whose client moves, or whose credential ends; and packets that come up all the same."""

import pytest

from procall_mobility.protocols.turn.no_flows import NoFlows
from procall_mobility.protocols.turn.ports import Transport
from tests.protocols.turn.carried import bound, channel_of, seconds
from tests.protocols.turn.movers import mobile, resumed
from tests.protocols.turn.plays import Play


def test_b11_a_strict_customers_flows_end_with_the_credential() -> None:
    """B11: and go on with the next one, whatever shows it."""
    play = Play()
    play.tenant(strict=True)
    alice = play.client(expires_in=200)
    alice.allocates()
    alice.binds(0x4000, play.peer())
    assert seconds(play, alice) == 200
    play.later(100)
    play.renews(alice, expires_in=150)
    alice.permits(play.peer("20.0.0.2"))
    assert seconds(play, alice) == 150


def test_a_customer_that_becomes_strict_shortens_its_flows() -> None:
    play = Play()
    alice = play.client(expires_in=200)
    alice.allocates()
    alice.binds(0x4000, play.peer())
    assert seconds(play, alice) == 300
    play.policy_changes(strict=True)
    assert seconds(play, alice) == 200


def test_where_credentials_end_nothing_a_change_of_them_moves_no_flow() -> None:
    """There may be thousands of them."""
    play = Play()
    alice = play.client(expires_in=200)
    alice.allocates()
    alice.binds(0x4000, play.peer())
    puts = play.flows.puts
    play.policy_changes(deny=["20.0.0.9"])
    play.renews(alice, expires_in=150)
    alice.permits(play.peer("20.0.0.2"))
    assert play.flows.puts == puts


def test_a_credential_that_is_over_ends_the_flow_before_the_allocation() -> None:
    """The customer has become strict: the allocation ends when the alarm rings, which is now."""
    play = Play()
    alice = play.client(expires_in=100)
    alice.allocates()
    alice.binds(0x4000, play.peer())
    channel = channel_of(alice)
    play.later(150)
    play.policy_changes(strict=True)
    assert channel.flow is None
    play.later(0)
    assert play.ended() == ["credential-expired"]


def test_a_flow_moves_when_its_client_has_arrived_and_not_before() -> None:
    """RFC 8016 section 3.2: the old address is good until something comes from the new one."""
    play = Play()
    alice = mobile(play)
    moved = resumed(play, alice)
    channel = channel_of(alice)
    assert channel.flow.client == alice.line.client
    moved.says(0x4000, b"here")
    assert channel.flow.client == moved.line.client
    assert len(play.flows.carried) == 1


def test_a_client_that_moves_to_a_stream_is_carried_no_more() -> None:
    play = Play()
    alice = mobile(play)
    moved = resumed(play, alice, Transport.TCP)
    moved.says(0x4000, b"here")
    assert play.flows.carried == {}


def test_a_lost_stream_has_no_flows_and_those_of_the_new_address_are_put() -> None:
    play = Play()
    alice = mobile(play, Transport.TCP)
    moved = resumed(play, alice)
    assert play.flows.carried == {}
    alice.line.hangs_up()
    assert channel_of(moved).flow.client == moved.line.client


def test_a_mobile_client_that_is_away_is_not_carried() -> None:
    """Its customer's rules may change meanwhile, and there is no path to carry anything to."""
    play = Play()
    alice = mobile(play, Transport.TCP)
    alice.line.hangs_up()
    puts = play.flows.puts
    play.policy_changes()
    assert play.flows.puts == puts
    moved = resumed(play, alice)
    assert channel_of(moved).flow.client == moved.line.client


@pytest.mark.parametrize("by", [Transport.TCP, Transport.TLS])
def test_what_cannot_be_carried_is_not_decided_here(by: Transport) -> None:
    """Whoever carries is told of clients by streams as well, and knows them by their path."""
    play = Play()
    alice = bound(play, by=by)
    assert play.flows.puts == 1
    assert channel_of(alice).flow is None


def test_a_packet_of_a_carried_channel_that_comes_up_is_told() -> None:
    """Its octets may be used up; and it is relayed all the same."""
    play = Play()
    alice = bound(play)
    bob = play.peer(port=0x4000)
    alice.says(0x4000, b"up")
    assert play.flows.spent_by == [alice.allocation.id]
    bob.says(b"down", to=alice.relayed)
    assert play.flows.spent_by == [alice.allocation.id] * 2
    assert bob.hears() == [(alice.relayed, b"up")]
    assert alice.hears() == [(0x4000, b"down")]


def test_a_packet_of_a_channel_that_is_not_carried_tells_nothing() -> None:
    play = Play()
    alice = bound(play, by=Transport.TCP)
    alice.says(0x4000, b"up")
    play.peer(port=0x4000).says(b"down", to=alice.relayed)
    assert alice.hears() == [(0x4000, b"down")]
    assert play.flows.spent_by == []


def test_without_anybody_who_carries_nothing_is_carried() -> None:
    play = Play()
    alice = bound(play)
    channel, allocation = channel_of(alice), alice.allocation
    play.flows.drop(channel)
    nobody = NoFlows()
    nobody.put(channel, play.now + 1, play.now)
    nobody.spent(allocation, play.now)
    nobody.settle(allocation)
    nobody.drop(channel)
    nobody.release(allocation)
    assert channel.flow is None
    assert allocation.carried_packets == 0
