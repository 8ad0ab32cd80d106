"""coturn's turnutils_uclient with channels, relayed by the kernel: not one packet is lost."""

import itertools
import subprocess
from collections.abc import Iterator

import pytest

from bench.turn_network import PEER
from tests.interop.datapath.conftest import StartCrossing
from tests.interop.datapath.site import Crossing
from tests.interop.turn.coturn_tools import run
from tests.interop.turn.servers import CUSTOMER, PASSWORD

pytestmark = pytest.mark.interop

MESSAGES = 20
PORT = 3480
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def crossing(start_module_crossing: StartCrossing) -> Crossing:
    """A relay that takes any channel of RFC 5766, as this client does."""
    return start_module_crossing(turn={"old_channels": True})


@pytest.fixture(scope="module")
def echoes(crossing: Crossing) -> Iterator[None]:
    """coturn's turnutils_peer."""
    prefix = crossing.network.peer.prefix()
    started = [
        subprocess.Popen(
            [*prefix, "turnutils_peer", "-L", host, "-p", str(PORT)], stdout=subprocess.DEVNULL
        )
        for host in PEER
    ]
    yield
    for each in started:
        each.terminate()
        each.wait(10)


def carried(crossing: Crossing) -> int:
    """Packets the kernel has relayed until now."""
    found: int = crossing.datapath()["carried_packets"]
    return found


@pytest.mark.usefixtures("echoes")
@pytest.mark.parametrize(
    "options",
    ["-y", "-y -m 5", "-y -l 1200 -m 3", "-y -x", f"-e {PEER[0]} -m 5", f"-x -e {PEER[1]}"],
)
def test_it_loses_nothing_and_the_kernel_has_carried_it(crossing: Crossing, options: str) -> None:
    """-y: two clients talk to each other's relayed addresses; -e: to a peer that echoes."""
    name = f"run{next(NUMBERS)}"
    crossing.relay.add_user(CUSTOMER, name)
    host, port = crossing.server(v6="-x" in options.split())
    before = carried(crossing)
    outcome = run(
        "turnutils_uclient", "-u", f"{CUSTOMER}:{name}", "-w", PASSWORD, "-p", port,
        "-n", MESSAGES, "-r", PORT, *options.split(), host,
        inside=crossing.box, folder=crossing.relay.folder,
    )  # fmt: skip
    outcome.assert_nothing_is_lost(MESSAGES)
    assert carried(crossing) - before >= outcome.received
