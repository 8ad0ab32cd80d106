"""Relays whose media the kernel carries, where it can."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from bench.namespaces import NoNamespaces
from bench.turn_network import PEER, PEERS, Network, hindrance
from tests.interop.datapath.site import Crossing
from tests.interop.turn.namespaces import Namespace
from tests.interop.turn.servers import CUSTOMER, Relay

ALLOWED = [f"{PEER[0]}/32", PEERS[0], f"[{PEER[1]}/128]", f"[{PEERS[1]}]"]

INTERFACES = ["clients", "peers"]
"""Where the server's ends of the cables are; its own addresses are on neither."""

GENEROUS = {"allocations_per_user": 5000, "unauthenticated_per_second": 100_000}

NUMBERS = itertools.count(1)

StartCrossing = Callable[..., Crossing]


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """Clients, a server and peers, with cables between them."""
    why = hindrance()
    if why is not None:
        pytest.skip(why)
    try:
        made = Network.make()
    except (NoNamespaces, PermissionError) as error:
        pytest.skip(f"network namespaces are needed: {error}")
    try:
        yield made
    finally:
        made.remove()


def _starter(network: Network, folders: pytest.TempPathFactory, stack: ExitStack) -> StartCrossing:
    def start(
        *,
        turn: dict[str, Any] | None = None,
        limits: dict[str, Any] | None = None,
        customers: tuple[str, ...] = (CUSTOMER,),
        hosts: tuple[str, str] | None = None,
        prepared: Callable[[Relay], None] = lambda relay: None,
    ) -> Crossing:
        number = next(NUMBERS)
        relay = Relay(
            folders.mktemp("relay"),
            hosts or (f"10.77.48.{number}", f"fd77:48::{number:x}"),
            inside=Namespace(network.server.name),
            turn={"datapath": "kernel", "interfaces": INTERFACES, **(turn or {})},
            limits={**GENEROUS, **(limits or {})},
            peers={"allow": ALLOWED},
        )
        relay.prepare(customers=customers)
        prepared(relay)
        site = Crossing(relay, Namespace(network.client.name), network=network)
        stack.callback(relay.stop)
        stack.callback(site.opened.close)
        relay.start()
        return site

    return start


@pytest.fixture(scope="module")
def start_module_crossing(
    network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartCrossing]:
    """Start relays that a whole module's tests share."""
    with ExitStack() as stack:
        yield _starter(network, tmp_path_factory, stack)


@pytest.fixture(scope="module")
def shared_crossing(start_module_crossing: StartCrossing) -> Crossing:
    """One relay for a module's tests that leave it as it was."""
    return start_module_crossing()


@pytest.fixture
def site(shared_crossing: Crossing) -> Iterator[Crossing]:
    """The shared relay; whatever a test opened is closed, and the relay has to be well."""
    with shared_crossing.opened_anew() as mine:
        yield mine


@pytest.fixture
def start_crossing(
    network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartCrossing]:
    """Start relays with settings of a test's own."""
    with ExitStack() as stack:
        yield _starter(network, tmp_path_factory, stack)


@pytest.fixture(params=[False, True], ids=["IPv4", "IPv6"])
def v6(request: pytest.FixtureRequest) -> bool:
    which: bool = request.param
    return which
