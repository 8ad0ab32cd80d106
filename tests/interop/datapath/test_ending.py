"""Flows end: in time, whoever sleeps; at once, when an operator says so; and without a trace."""

import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator

import pytest
from attrs import define, field

from tests.interop.datapath.conftest import StartCrossing
from tests.interop.datapath.kernel_objects import objects_of
from tests.interop.datapath.site import Crossing
from tests.interop.datapath.ways import Way, crosses
from tests.interop.turn.servers import CUSTOMER, PASSWORD, SECRET, Relay
from tests.interop.turn.turn_client import Identity

pytestmark = pytest.mark.interop

PACE = 0.02
"""Seconds between packets."""
LATEST = 1.0
"""Seconds after which a flow has to have ended."""
SO_TIMESTAMPNS = 35
TIME = struct.Struct("@ll")
"""Seconds and nanoseconds (`struct timespec`)."""


@define
class Words:
    """What was said both ways, by the wall clock."""

    said: list[float] = field(factory=list)
    heard: dict[socket.socket, float] = field(factory=dict)
    """When the last of it arrived, as the kernel tells: we may be late."""

    def say(self, way: Way, until: float) -> "Words":
        """Talk until then."""
        for sock in way.sockets:
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.heard[sock] = 0.0
        while (now := time.time()) < until:
            self.said.append(now)
            way.says(os.urandom(160))
            way.is_answered(os.urandom(160))
            while (left := now + PACE - time.time()) > 0:
                for sock in select.select(way.sockets, [], [], left)[0]:
                    self._hear(sock)
        return self

    def _hear(self, sock: socket.socket) -> None:
        _, [(level, kind, data)], _, _ = sock.recvmsg(2048, 512)
        assert (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS)
        seconds, nanoseconds = TIME.unpack(data)
        self.heard[sock] = seconds + nanoseconds / 1e9


def strict(relay: Relay) -> None:
    relay.must("customer", "set", CUSTOMER, "turn_strict=yes")


def test_flows_end_in_time_while_the_daemon_is_stopped(start_crossing: StartCrossing) -> None:
    """D15: a credential of a strict customer expires while the daemon sleeps; the kernel knows."""
    site = start_crossing(prepared=strict)
    expiry = int(time.time()) + 6
    identity = Identity.minted(SECRET, CUSTOMER, expiry=expiry)
    ways = [Way(site, v6=v6, identity=identity) for v6 in (False, True)]
    with site.asleep():
        crosses(ways[1].says, ways[1].heard_by_peer, 160)
        words = Words().say(ways[0], expiry + LATEST + 0.2)
        in_time = max(when for when in words.said if when < expiry - LATEST / 2)
        for when in words.heard.values():
            assert in_time <= when < expiry + LATEST
        for way in ways:
            way.says(b"anybody?")
            way.is_answered(b"anybody?")
            assert way.is_silent()
    site.relay.until(lambda: not site.relay.sessions())


def test_nothing_is_left_in_the_kernel_of_a_daemon_that_was_killed(
    start_crossing: StartCrossing,
) -> None:
    """No program, no map, no link; nothing is pinned, and nothing relays any more."""
    site = start_crossing()
    way = Way(site, v6=False)
    process = site.relay.process
    assert process is not None
    held = objects_of(site.pid)
    assert {each.kind for each in held} == {"prog", "map", "link"}
    assert site.entries() == (2, 0)
    process.kill()
    process.wait()
    site.relay.process = None
    # What nobody holds any more is freed after a grace period of the kernel's.
    site.relay.until(lambda: not any(each.is_there() for each in held))
    way.says(b"anybody?")
    way.is_answered(b"anybody?")
    assert way.is_silent()


ENDS: dict[str, Callable[[Relay, str], None]] = {
    "customer-revoked": lambda relay, name: relay.must("turn", "revoke", name),
    "user-revoked": lambda relay, name: relay.must("turn", "revoke", f"{name}:alice"),
    "session-revoked": lambda relay, name: relay.must("turn", "revoke", session(relay, name)),
    "customer-disabled": lambda relay, name: relay.must("customer", "disable", name),
    "customer-removed": lambda relay, name: relay.must("customer", "remove", "--yes", name),
    "password-changed": lambda relay, name: relay.add_user(
        name, "alice", "another password of alice's"
    ),
    "peers-denied": lambda relay, name: relay.must("turn", "peer", "deny", name, "10.77.2.0/24"),
}
"""What an operator does to a customer of the same name."""


def session(relay: Relay, customer: str) -> str:
    (found,) = [each["id"] for each in relay.sessions() if each["customer"] == customer]
    return str(found)


@pytest.fixture(scope="module")
def crossing_of_customers(start_module_crossing: StartCrossing) -> Crossing:
    return start_module_crossing(customers=tuple(ENDS))


@pytest.fixture
def customers_site(crossing_of_customers: Crossing) -> Iterator[Crossing]:
    with crossing_of_customers.opened_anew() as mine:
        yield mine


@pytest.mark.parametrize("what", ENDS)
def test_what_is_taken_back_ends_within_a_second(customers_site: Crossing, what: str) -> None:
    """A13: revocation and policy change."""
    site = customers_site
    before = site.entries()
    way = Way(site, v6=False, identity=Identity.of(f"{what}:alice", PASSWORD))
    assert site.entries() == (before[0] + 2, before[1])
    assert way.flies_up(b"to the peer")
    assert way.flies_down(b"to the client")
    ENDS[what](site.relay, what)
    done = time.time()
    for when in Words().say(way, done + LATEST + 0.2).heard.values():
        assert when < done + LATEST
    assert site.entries() == before


def test_a_client_that_leaves_takes_its_flows_with_it(site: Crossing, v6: bool) -> None:
    """Refresh of 0."""
    before = site.entries()
    way = Way(site, v6=v6)
    assert site.entries() != before
    assert way.caller.refreshes(0).ok
    assert site.entries() == before
    way.says(b"anybody?")
    way.is_answered(b"anybody?")
    way.caller.settle()
    assert way.is_silent()
