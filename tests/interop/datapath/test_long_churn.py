"""Ten thousand clients bind, talk and go under traffic (make soak; BIND_CYCLES says how many)."""

import os

import pytest

from tests.interop.datapath.churn import Churn
from tests.interop.datapath.site import Crossing

pytestmark = pytest.mark.soak

CYCLES = int(os.environ.get("BIND_CYCLES", "10000"))


def test_many_cycles_leave_nothing_behind(site: Crossing) -> None:
    """Neither flows nor sockets nor memory; no packet comes to a wrong peer."""
    churn = Churn(site)
    # What an allocator takes once is no leak.
    churn.turn(CYCLES // 10)
    before = churn.footprint()
    churn.turn(CYCLES)
    churn.assert_nothing_is_left(before)
