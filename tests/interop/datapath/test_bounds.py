"""Shared bounds hold for what the kernel carries: customers, users, addresses."""

import time

import pytest

from tests.interop.datapath.conftest import StartCrossing
from tests.interop.datapath.ways import Way
from tests.interop.turn.wires import PATIENCE

pytestmark = pytest.mark.interop

RATE = 100_000
"""Octets a second of a user."""
SIZE = 1000
SECONDS = 2.0
TIMES_AS_MUCH = 5
BURST = 2.0
"""Seconds' worth the buckets may have saved up, and what is drawn ahead of need."""
LEAST_SENT, LEAST_HEARD = RATE * SECONDS * 3, RATE * SECONDS * 0.5


def test_a_flood_gets_no_more_than_its_user_may_have(start_crossing: StartCrossing) -> None:
    """Two allocations of one user share what it may relay; nothing is lost below the bound."""
    site = start_crossing(limits={"user_octets_per_second": RATE})
    ways = [Way(site, v6=False) for _ in range(2)]
    heard, sent = 0, 0
    began = due = time.monotonic()
    while (now := time.monotonic()) < began + PATIENCE:
        # A slow machine takes longer for it, and may relay more meanwhile.
        if now >= began + SECONDS and sent > LEAST_SENT and heard > LEAST_HEARD:
            break
        if now >= due:
            for way in ways:
                way.says(bytes(SIZE))
                sent += SIZE
            due += len(ways) * SIZE / RATE / TIMES_AS_MUCH
        heard += sum(sum(map(len, way.peer.heard())) for way in ways)
    assert sent > LEAST_SENT
    assert LEAST_HEARD < heard < RATE * (time.monotonic() - began + BURST)
