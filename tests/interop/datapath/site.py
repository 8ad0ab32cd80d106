"""A relay between two networks: its clients on one side, their peers on the other.

What the kernel carried is told from what Python relayed by putting the daemon to sleep (SIGSTOP):
what arrives then, it has not touched; what does not, and arrives when it is awake again, it has.
Virtual cables deliver in order and at once, so that nobody has to wait for silence: what was
sent before something that arrived would have arrived as well.
"""

import itertools
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from bench.turn_network import PEER, Network
from tests.interop.datapath.kernel_objects import entries
from tests.interop.turn.caller import Caller
from tests.interop.turn.namespaces import Namespace
from tests.interop.turn.peers import Peer
from tests.interop.turn.site import ALICE, Site
from tests.interop.turn.stun_codec import IPV6, A
from tests.interop.turn.stun_codec import Part as Part
from tests.interop.turn.turn_client import Identity
from tests.interop.turn.wires import UdpWire

CHANNEL = 0x4000
HOSTS = itertools.count(2)


def new_host(*, v6: bool = False) -> str:
    """Give a client a host nobody had before."""
    number = next(HOSTS)
    return f"fd77:16::{number:x}" if v6 else f"10.78.{number >> 8}.{number & 255}"


@define
class Crossing(Site):
    """Of one relay; `box` is where its clients are."""

    network: Network = field(kw_only=True)

    def udp_wire(self, host: str | None = None, *, v6: bool = False, port: int = 0) -> UdpWire:
        return Site.udp_wire(self, host or new_host(v6=v6), v6=v6, port=port)

    def peer(self, host: str = PEER[0], port: int = 0) -> Peer:
        beyond = Namespace(self.network.peer.name)
        return Peer(self.opened.enter_context(beyond.udp(host, port)))

    def peer_of(self, *, v6: bool = False) -> Peer:
        return self.peer(PEER[v6])

    def client(
        self, *parts: Part, v6: bool = False, identity: Identity = ALICE, host: str | None = None
    ) -> Caller:
        """Give a client with an allocation of its own family."""
        caller = self.caller("udp", identity, host, v6=v6)
        caller.allocates(*[(A.REQUESTED_ADDRESS_FAMILY, IPV6)] * v6, *parts)
        return caller

    def bound(
        self, peer: Peer, *parts: Part, v6: bool = False, identity: Identity = ALICE,
        channel: int = CHANNEL,
    ) -> Caller:  # fmt: skip
        """Give a client with a channel to this peer."""
        caller = self.client(*parts, v6=v6, identity=identity)
        assert caller.binds(channel, peer).ok
        return caller

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Have the daemon do nothing at all."""
        process = self.relay.process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    @contextmanager
    def opened_anew(self) -> Iterator["Crossing"]:
        """Give the same relay to one test, whose clients and peers end with it."""
        mine = Crossing(self.relay, self.box, network=self.network)
        with mine.opened:
            yield mine
        assert self.relay.is_well(), self.relay.said()

    @property
    def pid(self) -> int:
        """The daemon's."""
        assert self.relay.process is not None
        return self.relay.process.pid

    def entries(self) -> tuple[int, int]:
        """Count the flows in the kernel, of IPv4 and of IPv6, as the kernel tells."""
        return entries(self.pid, "flows4"), entries(self.pid, "flows6")

    def session_of(self, caller: Caller) -> dict[str, Any]:
        """What the operator is told of a client's allocation."""
        host, port = caller.relayed
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        (found,) = [each for each in self.relay.sessions() if shown in each["relayed"]]
        return found

    def datapath(self) -> dict[str, Any]:
        """What the operator is told of the kernel's part."""
        found: dict[str, Any] = self.relay.facts("turn", "datapath", "status")
        return found

    def packets(self, where: Namespace | None = None) -> "Packets":
        """See what arrives at the peers' network, or another one."""
        inside = where or Namespace(self.network.peer.name)
        return Packets(self.opened.enter_context(inside.packets()))


@define
class Packets:
    """A socket that sees packets as they arrive, with their headers."""

    socket: socket.socket

    def seen(self) -> list[bytes]:
        found = []
        self.socket.setblocking(False)
        while True:
            try:
                data, where = self.socket.recvfrom(65_536)
            except BlockingIOError:
                return found
            if where[2] != socket.PACKET_OUTGOING:
                found.append(data)


def forwarding(namespace: Namespace) -> list[str]:
    """Return what the switches that turn a host into a router say."""
    with namespace.entered():
        names = ("ipv4/ip_forward", "ipv4/conf/all/forwarding", "ipv6/conf/all/forwarding")
        return [Path("/proc/sys/net", name).read_text().strip() for name in names]
