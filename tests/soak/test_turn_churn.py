"""Clients of the relay that come, talk and go, fifty a second: nothing is left behind.

SOAK_SECONDS says for how long; the default is the short version.
"""

import itertools
import os
import random
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field

from tests.interop.turn.caller import Caller
from tests.interop.turn.servers import PASSWORD, USER, Relay
from tests.interop.turn.stun_codec import Address
from tests.interop.turn.turn_client import Identity, TurnClient
from tests.interop.turn.wires import PATIENCE, StreamWire, UdpWire, Wire
from tests.ports import free_port

pytestmark = pytest.mark.soak

SECONDS = float(os.environ.get("SOAK_SECONDS", "180"))
PER_SECOND = 50.0
ROUND = 20.0
"""Seconds after which the allocations that clients have abandoned are ended by the operator; by
themselves they would live for ten minutes."""

GROWTH_KIB = 12 * 1024
"""What the allocator may keep: an allocation takes 3 KiB, so that one of forty lost shows in an
hour, and one of two in the short version."""

FIRST_PORT, LAST_PORT = 61_000, 61_299
"""Few enough that ports which do not come back are missed."""
PEER_HOST = "127.0.0.2"

LIMITS = {
    "allocations_per_user": 10_000,
    "allocations_per_address": 10_000,
    "unauthenticated_per_second": 10_000,
}


@contextmanager
def echoing_peer() -> Iterator[Address]:
    """Run a peer that sends back what it hears."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((PEER_HOST, 0))
        host, port = sock.getsockname()

        def echo() -> None:
            while (heard := sock.recvfrom(2048))[0]:
                sock.sendto(*heard)

        thread = threading.Thread(target=echo)
        thread.start()
        try:
            yield host, port
        finally:
            # An empty datagram ends it.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", (host, port))
            thread.join()


@define
class Crowd:
    """Clients that do everything there is, and leave in every way."""

    relay: Relay
    peer: Address
    dice: random.Random = field(factory=lambda: random.Random(20_261_127))
    left: Counter[str] = field(factory=Counter)
    hosts: Iterator[int] = field(factory=lambda: itertools.count(1))

    def churn(self, seconds: float) -> None:
        """Come and go for a while; what was abandoned is ended in between.

        A slow machine takes longer, for a third of those who would come otherwise.
        """
        started = time.monotonic()
        rounds, count, least = 0, 0, seconds * PER_SECOND / 3
        while (now := time.monotonic() - started) < seconds or count < least:
            if now // ROUND > rounds:
                rounds += 1
                self.end_the_abandoned()
            time.sleep(max(0.0, count / PER_SECOND - now))
            count += 1
            self._one()
        self.end_the_abandoned()

    def end_the_abandoned(self) -> None:
        """End what is left, as an operator would."""
        for session in self.relay.sessions():
            self.relay.must("turn", "revoke", session["id"])

    def _one(self) -> None:
        transport = self.dice.choices(("udp", "tcp", "tls"), (6, 2, 2))[0]
        caller = Caller(self.wire(transport), TurnClient(Identity.of(USER, PASSWORD)))
        try:
            caller.allocates()
            self._talk(caller)
            self._leave(caller, transport)
        finally:
            caller.close()

    def _talk(self, caller: Caller) -> None:
        said = self.dice.randbytes(self.dice.randrange(1, 1200))
        if self.dice.random() < 0.5:
            assert caller.binds(0x4000, self.peer).ok
            caller.says(0x4000, said)
            assert caller.hear() == (0x4000, said)
        else:
            assert caller.permits(self.peer).ok
            caller.sends(self.peer, said)
            assert caller.hear() == (self.peer, said)
        if self.dice.random() < 0.2:
            assert caller.refreshes(600).ok

    def _leave(self, caller: Caller, transport: str) -> None:
        fate = self.dice.random()
        if fate < 0.03:
            self.left[f"{transport}: without a word"] += 1
        elif fate < 0.3 and transport != "udp":
            self.left[f"{transport}: closed"] += 1
        else:
            assert caller.refreshes(0).ok
            self.left[f"{transport}: released"] += 1

    def wire(self, transport: str) -> Wire:
        """Reach the relay."""
        host = self.relay.hosts[0]
        if transport == "udp":
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            # A host of its own: the system would soon give it the port of somebody who has left
            # without a word, and that five-tuple has an allocation still (437).
            number = next(self.hosts)
            sock.bind((f"127.3.{number >> 8 & 255}.{number & 255}", 0))
            return UdpWire(sock, (host, self.relay.port))
        port = self.relay.tls_port if transport == "tls" else self.relay.port
        plain = socket.create_connection((host, port), PATIENCE)
        if transport == "tcp":
            return StreamWire(plain)
        context = ssl.create_default_context(cafile=self.relay.folder / "ca.pem")
        context.check_hostname = False
        return StreamWire(context.wrap_socket(plain))


def open_files(relay: Relay) -> int:
    assert relay.process is not None
    return len(list(Path(f"/proc/{relay.process.pid}/fd").iterdir()))


def have_every_port(crowd: Crowd) -> None:
    """Allocate all ports there are, and release them."""
    callers = []
    try:
        for _ in range(FIRST_PORT, LAST_PORT + 1):
            callers.append(Caller(crowd.wire("udp"), TurnClient(Identity.of(USER, PASSWORD))))
            callers[-1].allocates()
        assert len({caller.relayed for caller in callers}) == len(callers)
    finally:
        for caller in callers:
            caller.refreshes(0)
            caller.close()


def test_a_crowd_of_callers_leaves_nothing_behind(tmp_path: Path) -> None:
    ports = [free_port() for _ in range(4)]
    relay = Relay(
        tmp_path, ("127.0.0.1",), *ports, per_address=100_000, limits=LIMITS,
        peers={"allow": [f"{PEER_HOST}/32"]},
        turn={"ports": f"{FIRST_PORT}-{LAST_PORT}"},
    )  # fmt: skip
    relay.prepare()
    relay.start()
    try:
        with echoing_peer() as peer:
            crowd = Crowd(relay, peer)
            have_every_port(crowd)
            crowd.churn(SECONDS / 6)
            relay.until(lambda: not relay.sessions())
            files, memory = open_files(relay), relay.memory()
            crowd.left.clear()
            crowd.churn(SECONDS * 5 / 6)
            relay.until(lambda: not relay.sessions())
            relay.until(lambda: open_files(relay) <= files)
            grown = (relay.memory() - memory) // 1024
            print(f"{dict(crowd.left)}, {grown} KiB more, {open_files(relay)} files open")
            have_every_port(crowd)
        assert relay.is_well(), relay.said()
        assert grown < GROWTH_KIB
    finally:
        relay.stop()
