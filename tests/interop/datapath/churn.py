"""Clients that come, bind, talk and go, again and again, while somebody else is talking."""

import itertools
import os
import struct

from attrs import frozen

from bench.turn_network import PEERS
from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.datapath.ways import Way
from tests.interop.turn.peers import Peer

NUMBERS = struct.Struct(">II")
PEERS_AT_ONCE = 4
PORT = 5000
GROWTH = 2 * 1024 * 1024
"""Octets the daemon's allocator may keep: a flow that is lost takes some hundred of them, and its
allocation 3 KiB."""


@frozen
class Footprint:
    """What the daemon holds."""

    entries: tuple[int, int]
    sessions: int
    sockets: int
    memory: int


class Churn:
    """Has clients come and go on a relay."""

    def __init__(self, site: Crossing) -> None:
        self.site = site
        stem = PEERS[0].partition("/")[0].removesuffix("0")
        self.peers = [site.peer(f"{stem}{n + 100}", PORT) for n in range(PEERS_AT_ONCE)]
        self.steady = Way(site, v6=False)
        """Those who talk all the time."""
        self.host = "10.78.255.1"
        self._cycles = itertools.count()

    def turn(self, times: int) -> None:
        """Let so many come and go, each on a port of its own; nothing of it may go astray."""
        for _ in range(times):
            number = next(self._cycles)
            at = number % PEERS_AT_ONCE
            self._come_and_go(number, at, self.peers[at])
            self._talk_on(number)

    def footprint(self) -> Footprint:
        relay = self.site.relay
        return Footprint(
            self.site.entries(), len(relay.sessions()), len(relay.own_sockets()), relay.memory()
        )

    def assert_nothing_is_left(self, before: Footprint) -> None:
        # A relay's port is kept for a moment, and with it its socket.
        self.site.relay.until(lambda: self.footprint().sockets <= before.sockets)
        now = self.footprint()
        assert (now.entries, now.sessions) == (before.entries, before.sessions)
        assert now.memory - before.memory < GROWTH

    def _come_and_go(self, number: int, at: int, peer: Peer) -> None:
        caller = self.site.client(host=self.host)
        assert caller.binds(CHANNEL + at, peer).ok
        for step in range(3):
            data = NUMBERS.pack(number, step) + os.urandom(152)
            caller.says(CHANNEL + at, data)
            assert peer.hear() == (data, caller.relayed)
            peer.say(data[::-1], caller.relayed)
            assert caller.hear() == (CHANNEL + at, data[::-1])
        # The last one is on its way when its channel ends: it arrives, or nobody hears it.
        data = NUMBERS.pack(number, 3)
        caller.says(CHANNEL + at, data)
        assert caller.refreshes(0).ok
        caller.says(CHANNEL + at, b"too late")
        caller.settle()
        for each in self.peers:
            assert each.heard() == ([data] if each is peer else [])
        caller.close()

    def _talk_on(self, number: int) -> None:
        data = NUMBERS.pack(number, 0xFFFFFFFF)
        self.steady.says(data)
        assert self.steady.heard_by_peer() == data
        self.steady.is_answered(data)
        assert self.steady.heard_by_client() == data
