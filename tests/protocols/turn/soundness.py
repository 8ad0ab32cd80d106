"""What is always true of a relay's tables, whatever anybody does."""

from collections import Counter
from typing import Any

from procall_mobility.protocols.turn.ports import Transport


def assert_sound(play: Any) -> None:
    """Look through all tables of a play's server."""
    allocations = list(play.allocations)
    _nothing_leaks(play, allocations)
    _quotas_count_what_is_there(play, allocations)
    for allocation in allocations:
        _an_allocation_is_whole(play, allocation)
    _paths_lead_to_living_allocations(play, allocations)
    _time_is_watched(play, allocations)
    _what_can_be_carried_is_and_no_longer_than_it_may(play, allocations)


def _nothing_leaks(play: Any, allocations: list[Any]) -> None:
    """Every socket belongs to a relay or a reservation, and every port is free or has a socket."""
    addresses = play.allocations.addresses
    relays = [relay for each in allocations for relay in each.relays]
    assert sorted(map(id, relays)) == sorted(map(id, addresses.in_use.values()))
    assert all(addresses.in_use[each.address] is each for each in relays)
    kept = [each.opened.wire for each in addresses._reserved.values()]
    wires = [each.wire for each in relays] + kept
    assert sorted(map(id, wires)) == sorted(map(id, play.sockets.open_ones.values()))
    used = Counter(host for host, _ in play.sockets.open_ones)
    for host in play.hosts:
        free = list(host.ports._free)
        assert len(free) == len(set(free)) == len(play.ports) - used[host.host]
        assert not any((host.host, port) in play.sockets.open_ones for port in free)


def _quotas_count_what_is_there(play: Any, allocations: list[Any]) -> None:
    quotas, rules = play.allocations.quotas, play.rules
    assert quotas.total == len(allocations) <= rules.allocations
    counted: Counter[tuple[str, ...]] = Counter()
    for each in allocations:
        counted["customer", each.tenant.name] += 1
        counted["address", each.source] += 1
        if each.subject != "link":
            counted["user", each.tenant.name, each.subject] += 1
    assert {key: share.allocations for key, share in quotas._shares.items()} == dict(counted)
    assert all(share.allocations <= share.most for share in quotas._shares.values())
    tickets = {each.ticket: each for each in allocations if each.ticket is not None}
    assert play.allocations._by_ticket == tickets


def _an_allocation_is_whole(play: Any, allocation: Any) -> None:
    rules = play.rules
    assert 1 <= len(allocation.relays) <= 2
    assert len({each.family for each in allocation.relays}) == len(allocation.relays)
    assert len(allocation.channels) <= rules.channels
    assert len(allocation.permissions) <= rules.permissions
    assert len(allocation.known_peers or ()) <= 1024
    by_peer = {id(c): c for relay in allocation.relays for c in relay.by_peer.values()}
    assert by_peer == {id(each): each for each in allocation.channels.values()}
    for number, each in allocation.channels.items():
        assert each.number == number
        assert each.relay in allocation.relays
        assert each.relay.by_peer[each.peer] is each
        assert each.until <= each.bound_until
        assert each.until <= allocation.permissions.get(each.peer[0], 0.0) or (
            each.until <= play.now
        )
    known = play.server.tcp_relaying._by_id
    if allocation.connections is not None:
        assert len(allocation.connections) <= rules.tcp_connections
        assert all(known[each.id] is each for each in allocation.connections.all())


def _paths_lead_to_living_allocations(play: Any, allocations: list[Any]) -> None:
    living = set(map(id, allocations))
    for listener in play.listeners:
        for client, allocation in listener.flows.items():
            assert id(allocation) in living
            ways = (allocation.path, allocation.next_path)
            assert any(each is not None and each.client == client for each in ways)
    for stream in play.streams:
        if stream.allocation is not None:
            assert id(stream.allocation) in living
            assert stream in (stream.allocation.path, stream.allocation.next_path)
    for each in allocations:
        for path in (each.path, each.next_path):
            assert path is None or path.find() is each
    connections = sum(len(each.connections or ()) for each in allocations)
    assert connections == len(play.server.tcp_relaying)


def _time_is_watched(play: Any, allocations: list[Any]) -> None:
    """Whatever expires, the alarm rings no later than it does."""
    wake_at = play.server.wake_at()
    reserved = [each.until for each in play.allocations.addresses._reserved.values()]
    expiries = [relay.until for each in allocations for relay in each.relays] + reserved
    assert (wake_at is None) == (not expiries)
    assert not expiries or wake_at <= min(expiries)
    assert len(play.allocations._deadlines) <= 2 * len(allocations) + 1025


def _what_can_be_carried_is_and_no_longer_than_it_may(play: Any, allocations: list[Any]) -> None:
    """D15: the table of flows says the same as ours, whatever has changed."""
    carried = {id(c): flow for c, flow in play.flows.carried.items() if flow.until > play.now}
    for allocation in allocations:
        path, identity = allocation.path, allocation.identity
        ends = identity.until if allocation.tenant.strict else None
        for channel in allocation.channels.values():
            until = min(channel.until, channel.relay.until, ends or float("inf"))
            if path is not None and path.kind is Transport.UDP and until > play.now:
                flow = carried.pop(id(channel))
                assert (flow.client, flow.until) == (path.client, until)
    assert not carried, "carried for a client that is not there"
