"""The flow table tells the kernel of bound channels."""

import socket
import struct
from types import SimpleNamespace

import pytest

from procall_mobility.datapath.layout import FOR_EVER, INSIDE, KEY4, KEY6
from procall_mobility.datapath.ports import Route
from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.turn.ports import Transport
from tests.datapath.stage import SERVER, SERVER6, START, Stage, Way, packed

PEER, PEER6 = ("192.0.2.99", 5004), ("2001:db8:9::9", 5004, 0, 0)


def words(key: bytes) -> int:
    """Add up a key, in words of 32 bits."""
    return sum(struct.unpack(f"={len(key) // 4}I", key)) % 2**32


def test_a_bound_channel_is_an_entry_for_each_direction(stage: Stage) -> None:
    allocation = stage.allocation()
    channel = stage.channel(allocation, PEER)
    stage.ways.others[packed(PEER[0])] = Route(8, 1400, b"", packed("192.0.2.254"))
    stage.put(channel, 600)
    client, relay = allocation.path.client, allocation.relays[0].address
    to_peer = KEY4.pack(packed(client[0]), packed(SERVER[0]), client[1], SERVER[1], 0x4000, 0)
    to_client = KEY4.pack(packed(PEER[0]), packed(relay[0]), PEER[1], relay[1], 0, 0)
    assert stage.entries().keys() == {to_peer, to_client}
    expires, slot, swap = int((START + 600) * 1e9), stage.slot(channel), socket.htons
    hosts, ports = (packed(relay[0]), packed(PEER[0])), (swap(relay[1]), swap(PEER[1]))
    hop = (socket.AF_INET, packed("192.0.2.254") + bytes(12), 0)
    up = (expires, *hosts, *ports, 0, 1400, 8, slot, 0, words(to_peer), *hop)
    hosts, ports = (packed(SERVER[0]), packed(client[0])), (swap(SERVER[1]), swap(client[1]))
    hop = (0, bytes(16), 0)
    down = (expires, *hosts, *ports, swap(0x4000), 1500, 7, slot, 0, words(to_client), *hop)
    assert stage.flows(channel) == (up, down)
    assert len(stage.table) == 1


def test_ipv6_is_carried_as_well(stage: Stage) -> None:
    allocation = stage.allocation(family=6)
    channel = stage.carried(allocation, peer=PEER6)
    client = allocation.path.client
    to_peer = KEY6.pack(packed(client[0]), packed(SERVER6[0]), client[1], SERVER6[1], 0x4000, 0)
    assert to_peer in stage.entries()
    assert stage.flows(channel)[1][1:3] == (packed(SERVER6[0]), packed(client[0]))


def test_an_unbound_channel_is_carried_no_more(stage: Stage) -> None:
    channel = stage.carried()
    stage.table.drop(channel)
    stage.table.drop(channel)
    assert stage.entries() == {} and channel.flow is None and len(stage.table) == 0


def test_a_refreshed_channel_lives_on_in_the_same_entries(stage: Stage) -> None:
    channel = stage.carried()
    before, slot = stage.entries().keys(), stage.slot(channel)
    stage.after(240)
    stage.put(channel, 600)
    assert stage.entries().keys() == before and stage.slot(channel) == slot
    assert {each[0] for each in stage.flows(channel)} == {int((START + 840) * 1e9)}


def test_what_never_ends_never_expires(stage: Stage) -> None:
    channel = stage.channel(stage.allocation())
    stage.put(channel, float("inf"))
    assert {each[0] for each in stage.flows(channel)} == {FOR_EVER}


def test_a_little_more_time_is_not_worth_telling(stage: Stage) -> None:
    """A client may ask for the same permission many times a second."""
    channel = stage.carried()
    before = stage.entries()
    stage.now += 0.9
    stage.put(channel, 600)
    assert stage.entries() == before
    stage.now += 0.2
    stage.put(channel, 600)
    assert stage.entries() != before


def test_less_time_is_told_at_once(stage: Stage) -> None:
    """A credential that ends sooner."""
    channel = stage.carried()
    stage.put(channel, 599.5)
    assert {each[0] for each in stage.flows(channel)} == {int((START + 599.5) * 1e9)}


def test_what_has_expired_is_forgotten(stage: Stage) -> None:
    """The kernel stops by itself; its table is for those who live."""
    channel = stage.channel(stage.allocation())
    stage.put(channel, 5)
    stage.after(4)
    assert len(stage.entries()) == 2
    stage.after(2)
    assert stage.entries() == {} and channel.flow is None
    assert stage.table.wake_at() is None


def test_a_client_that_moves_is_relayed_at_its_new_path(stage: Stage) -> None:
    """RFC 8016."""
    allocation = stage.allocation()
    channel = stage.carried(allocation)
    slot, (to_peer, to_client) = stage.slot(channel), channel.flow.plan.keys
    allocation.path = Way(("198.51.100.8", 9999), SERVER)
    stage.put(channel)
    entries = stage.entries()
    assert len(entries) == 2 and to_peer not in entries and to_client in entries
    assert stage.flows(channel)[1][2] == packed("198.51.100.8")
    assert stage.slot(channel) == slot


def test_while_a_client_moves_its_peers_entry_is_never_missing(stage: Stage) -> None:
    """It is replaced at once; a packet that found none would come up to us."""
    channel = stage.carried()
    missed: list[bytes] = []
    delete = channel.flow.table.delete
    channel.flow.table = SimpleNamespace(delete=lambda key: (missed.append(key), delete(key)))
    to_peer, to_client = channel.flow.plan.keys
    channel.relay.allocation.path = Way(("198.51.100.8", 9999), SERVER)
    stage.put(channel)
    assert missed == [to_peer] and to_client in stage.entries()


def test_a_client_that_moves_to_a_stream_is_left_to_us(stage: Stage) -> None:
    allocation = stage.allocation()
    channel = stage.carried(allocation)
    allocation.path = Way(allocation.path.client, SERVER, Transport.TLS)
    stage.put(channel)
    assert stage.entries() == {} and channel.flow is None
    assert stage.table.left == {"not-udp": 1}


@pytest.mark.parametrize("kind", [Transport.TCP, Transport.TLS, Transport.DTLS])
def test_only_plain_datagrams_are_carried(stage: Stage, kind: Transport) -> None:
    channel = stage.carried(stage.allocation(kind=kind))
    assert channel.flow is None and stage.table.left == {"not-udp": 1}


@pytest.mark.parametrize(("family", "peer"), [(4, PEER6), (6, PEER)])
def test_mixed_families_are_left_to_us(stage: Stage, family: int, peer: TransportAddress) -> None:
    channel = stage.carried(stage.allocation(family=family), peer=peer)
    assert channel.flow is None and stage.table.left == {"mixed-families": 1}


def test_addresses_of_one_link_are_left_to_us(stage: Stage) -> None:
    """They mean something else on each interface."""
    allocation = stage.allocation(family=6)
    allocation.path = Way(("fe80::7%eth0", 5, 0, 3), SERVER6)
    channel = stage.carried(allocation, peer=PEER6)
    assert channel.flow is None and stage.table.left == {"link-local": 1}


@pytest.mark.parametrize("host", ["198.51.100.7", PEER[0]])
def test_without_a_way_it_is_left_to_us_until_the_next_refresh(stage: Stage, host: str) -> None:
    """A peer on this machine, or one behind a tunnel without Ethernet headers."""
    stage.ways.others[packed(host)] = None
    channel = stage.carried()
    assert channel.flow is None and stage.table.left == {"no-way": 1}
    assert stage.table.wake_at() is None
    stage.ways.others.clear()
    stage.put(channel)
    assert channel.flow is not None


def test_packets_leave_from_the_addresses_they_came_to(stage: Stage) -> None:
    """Routes are asked for with the source, for machines that choose by it."""
    allocation = stage.allocation()
    stage.carried(allocation)
    assert set(stage.ways.asked) == {
        (packed(allocation.path.client[0]), packed(SERVER[0])),
        (packed(PEER[0]), packed("203.0.113.9")),
    }


def test_a_wildcard_listener_answers_from_where_the_way_back_begins(stage: Stage) -> None:
    allocation = stage.allocation(server=("0.0.0.0", 3478))
    channel = stage.carried(allocation)
    assert stage.ways.asked[0] == (packed(allocation.path.client[0]), None)
    assert stage.flows(channel)[1][1] == packed("203.0.113.1")
    assert KEY4.unpack(channel.flow.plan.keys[0])[1] == packed("203.0.113.1")


def test_a_wildcard_relay_sends_from_where_the_way_to_the_peer_begins(stage: Stage) -> None:
    """As its socket does; no packet comes to, or may leave from, 0.0.0.0."""
    channel = stage.carried(stage.allocation(wire="0.0.0.0"))
    assert (packed("192.0.2.99"), None) in stage.ways.asked
    assert stage.flows(channel)[0][1] == packed("203.0.113.1")
    assert KEY4.unpack(channel.flow.plan.keys[1])[1] == packed("203.0.113.1")
    asked = len(stage.ways.asked)
    stage.put(channel)
    assert stage.ways.asked[asked:] == stage.ways.asked[:2]


def test_behind_a_one_to_one_nat_the_sockets_own_address_counts(stage: Stage) -> None:
    """Peers see another address, but packets here have this one."""
    channel = stage.carried(stage.allocation(wire="10.0.0.9"))
    assert KEY4.unpack(channel.flow.plan.keys[1])[1] == packed("10.0.0.9")
    assert stage.flows(channel)[0][1] == packed("10.0.0.9")


def test_clients_of_ours_meet_at_the_addresses_they_know(stage: Stage) -> None:
    """The program looks up what the other one is to be sent, with both relayed addresses."""
    alice, bob = stage.allocation(wire="10.0.0.9"), stage.allocation(wire="10.0.0.9")
    at_alice, at_bob = alice.relays[0].address, bob.relays[0].address
    to_bob = stage.carried(alice, peer=at_bob, inside=True)
    to_alice = stage.carried(bob, peer=at_alice, inside=True)
    up, down = stage.flows(to_bob)[0], KEY4.unpack(to_alice.flow.plan.keys[1])
    assert up[9] == down[5] == INSIDE
    assert (up[1], up[2]) == (down[0], down[1]) == (packed(at_alice[0]), packed(at_bob[0]))
    assert tuple(map(socket.ntohs, up[3:5])) == down[2:4] == (at_alice[1], at_bob[1])
    assert stage.flows(to_bob)[1][9] == 0
