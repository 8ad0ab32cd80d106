"""Flows come and go, and more are wanted than there is room for."""

import os

import pytest

from tests.interop.datapath.churn import Churn
from tests.interop.datapath.conftest import StartCrossing
from tests.interop.datapath.site import CHANNEL, Crossing
from tests.interop.datapath.ways import Way, flying

pytestmark = pytest.mark.interop

CYCLES = 500
"""make soak has twenty times as many."""
ROOM = 8


def test_binding_and_releasing_leaves_nothing_behind(site: Crossing) -> None:
    """Under traffic; every packet comes to the peer it was for, and to nobody else."""
    churn = Churn(site)
    churn.turn(20)
    before = churn.footprint()
    churn.turn(CYCLES)
    churn.assert_nothing_is_left(before)


def test_when_there_is_no_room_python_carries_on(start_crossing: StartCrossing) -> None:
    """The map is full: whoever comes then is relayed all the same, and flies when others go."""
    site = start_crossing(limits={"kernel_channels": ROOM})
    ways = [Way(site, v6=False) for _ in range(ROOM * 2)]
    # Each takes an entry for either direction.
    assert flying(ways) == [number < ROOM for number in range(len(ways))]
    for way in ways:
        data = os.urandom(160)
        way.is_answered(data)
        assert way.heard_by_client() == data
    for way in ways[:ROOM]:
        assert way.caller.refreshes(0).ok
    late = ways[-1]

    def is_carried() -> bool:
        # Accounts rest for a second before others have them.
        assert late.caller.binds(CHANNEL, late.peer).ok
        return bool(site.session_of(late.caller)["carried_channels"])

    site.relay.until(is_carried)
    assert late.flies_up(b"now there is room")
