"""Debian's Chromium calls itself through the kernel: two pages that have nothing but the relay."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.interop.browser.stage import perform
from tests.interop.datapath.site import Crossing
from tests.interop.turn.servers import PASSWORD, USER

pytestmark = pytest.mark.interop

FRAMES = 25
"""That were seen while the daemon slept; each of them takes a packet at least."""


def carried_of(site: Crossing) -> dict[str, int]:
    """Packets the kernel has relayed, by allocation."""
    return {each["id"]: each["carried_packets"] for each in site.relay.sessions()}


@pytest.fixture
def road(site: Crossing) -> Iterator[None]:
    """Lead everything to the server: Chromium looks for a network that leads to the internet."""
    road = ("route", "add", "default", "via", "10.77.1.1")
    site.network.client.ip(*road)
    yield
    site.network.client.ip("route", "del", "default")


def test_two_pages_see_each_other_while_the_daemon_sleeps(site: Crossing, road: None) -> None:
    """Relay to relay, by two channels; `turn sessions` says who carried it."""
    carried = []

    with ExitStack() as night:

        def act(wanted: str) -> None:
            if wanted == "sleep":
                carried.append(carried_of(site))
                night.enter_context(site.asleep())
            else:
                night.close()
                carried.append(carried_of(site))

        host, port = site.server()
        steps = perform(
            "about:blank",
            "crossing.mjs",
            act,
            prefix=site.box.prefix(),
            TURN_URL=f"turn:{host}:{port}?transport=udp",
            TURN_USER=USER,
            TURN_PASSWORD=PASSWORD,
        )
    ways = "by relay over udp and relay over udp"
    assert steps == [
        f"they see each other {ways}",
        f"and while the daemon sleeps {ways}",
        f"and when it is awake again {ways}",
        "done",
    ]
    before, after = carried
    assert len(after) == 2
    assert all(after[name] - before[name] >= FRAMES for name in after)
    assert site.datapath()["carried_packets"] >= sum(after.values())
