"""The flow table tells the kernel of bound channels."""

import socket

from procall_mobility.datapath.layout import FOR_EVER, KEY4, KEY6
from procall_mobility.datapath.ports import Route
from tests.datapath.stage import SERVER, SERVER6, START, Stage, packed

PEER, PEER6 = ("192.0.2.99", 5004), ("2001:db8:9::9", 5004, 0, 0)


def test_a_bound_channel_is_an_entry_for_each_direction(stage: Stage) -> None:
    allocation = stage.allocation()
    channel = stage.channel(allocation, PEER)
    stage.ways.others[packed(PEER[0])] = Route(8, 1400, b"")
    stage.put(channel, 600)
    client, relay = allocation.path.client, allocation.relays[0].address
    to_peer = KEY4.pack(packed(client[0]), packed(SERVER[0]), client[1], SERVER[1], 0x4000, 0)
    to_client = KEY4.pack(packed(PEER[0]), packed(relay[0]), PEER[1], relay[1], 0, 0)
    assert stage.entries().keys() == {to_peer, to_client}
    expires, slot, swap = int((START + 600) * 1e9), stage.slot(channel), socket.htons
    hosts, ports = (packed(relay[0]), packed(PEER[0])), (swap(relay[1]), swap(PEER[1]))
    up = (expires, *hosts, *ports, 0, 1400, 8, slot, 0, 0)
    hosts, ports = (packed(SERVER[0]), packed(client[0])), (swap(SERVER[1]), swap(client[1]))
    down = (expires, *hosts, *ports, swap(0x4000), 1500, 7, slot, 0, 0)
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
