"""Clients whose channels may be carried."""

from procall_mobility.protocols.turn.allocation import Channel
from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.turn_client import lifetime
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play


def bound(play: Play, *numbers: int, by: Transport = Transport.UDP) -> Client:
    """Return a client with channels to ports of one host."""
    alice = play.client(by=by)
    alice.allocates(lifetime(3600))
    for number in numbers or (0x4000,):
        alice.binds(number, play.peer(port=number))
    return alice


def channel_of(client: Client, number: int = 0x4000) -> Channel:
    return client.allocation.channels[number]


def seconds(play: Play, client: Client, number: int = 0x4000) -> float | None:
    """Return for how long the data of a channel is carried."""
    flow = play.flows.carried.get(channel_of(client, number))
    return None if flow is None else flow.until - play.now
