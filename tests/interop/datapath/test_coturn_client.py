"""coturn's turnutils_uclient with channels, relayed by the kernel: not one packet is lost."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.turn_network import PEER
from tests.interop.datapath.conftest import StartCrossing
from tests.interop.datapath.site import Crossing
from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.servers import CUSTOMER, PASSWORD

pytestmark = pytest.mark.interop

MESSAGES = 20
PORT = 3480
OPTIONS = ["-y", "-y -m 5", "-y -l 1200 -m 3", "-y -x", f"-e {PEER[0]} -m 5", f"-x -e {PEER[1]}"]


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


Outcomes = dict[str, Outcome]


@pytest.fixture(scope="module")
def outcomes(crossing: Crossing, echoes: None) -> Outcomes:
    """Everything that is run; each waits most of the time, so they do so side by side."""
    host = {each: crossing.server(v6="-x" in each.split()) for each in OPTIONS}
    users = {each: f"run{number}" for number, each in enumerate(OPTIONS)}
    for name in users.values():
        crossing.relay.add_user(CUSTOMER, name)

    def start(options: str) -> Outcome:
        address, port = host[options]
        return run(
            "turnutils_uclient", "-u", f"{CUSTOMER}:{users[options]}", "-w", PASSWORD,
            "-p", port, "-n", MESSAGES, "-r", PORT, *options.split(), address,
            inside=crossing.box, folder=crossing.relay.folder,
        )  # fmt: skip

    with ThreadPoolExecutor(len(OPTIONS)) as pool:
        return dict(zip(OPTIONS, pool.map(start, OPTIONS), strict=True))


@pytest.mark.parametrize("options", OPTIONS)
def test_it_loses_nothing(outcomes: Outcomes, options: str) -> None:
    """-y: two clients talk to each other's relayed addresses; -e: to a peer that echoes."""
    outcomes[options].assert_nothing_is_lost(MESSAGES)


def test_the_kernel_has_carried_all_of_it(crossing: Crossing, outcomes: Outcomes) -> None:
    """What goes between two clients of ours is sent by one and received by the other."""
    told = crossing.datapath()
    # One in 65,536 looks as if its checksum were still to be made; it may be counted twice here.
    others = 2 * told["passed_up"].get("unfinished", 0)
    assert told["carried_packets"] + others >= sum(
        each.sent + each.received for each in outcomes.values()
    )
