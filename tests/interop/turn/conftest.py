"""Running relays for the tests beside this file."""

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.interop.turn.coturn_server import Coturn
from tests.interop.turn.namespaces import Namespace, NoNamespaces, make_box
from tests.interop.turn.servers import CUSTOMER, Clock, Relay, faketime
from tests.interop.turn.site import STREAMS, TRANSPORTS, Site
from tests.ports import free_port

VOLUME = float(os.environ.get("TURN_VOLUME", "1"))
"""What floods and loops are multiplied by; the default keeps all of it below 90 seconds."""

NUMBERS = itertools.count(1)


Volume = Callable[[int], int]


@pytest.fixture(scope="session")
def volume() -> Volume:
    return lambda usual: max(1, round(usual * VOLUME))


@pytest.fixture(scope="session")
def box() -> Iterator[Namespace]:
    """A network in which every address is at home."""
    try:
        made = make_box()
    except NoNamespaces as why:
        pytest.skip(f"network namespaces are needed: {why}")
    try:
        yield made
    finally:
        made.remove()


StartSite = Callable[..., Site]


def _starter(box: Namespace, folders: Callable[[], Path], stack: ExitStack) -> StartSite:
    def start(
        *,
        turn: dict[str, Any] | None = None,
        limits: dict[str, Any] | None = None,
        peers: dict[str, Any] | None = None,
        customers: tuple[str, ...] = (CUSTOMER,),
        clock: bool = False,
        silence: float = 10.0,
        handshake: float = 15.0,
        per_address: int = 1000,
        proxy_from: list[str] | None = None,
        prepared: Callable[[Relay], None] = lambda relay: None,
    ) -> Site:
        folder = folders()
        number = next(NUMBERS)
        if clock and faketime() is None:
            pytest.skip("libfaketime is needed")
        relay = Relay(
            folder,
            (f"51.0.{number}.1", f"2a00:51:{number:x}::1"),
            inside=box,
            turn=turn or {},
            limits=limits or {},
            peers=peers or {},
            silence=silence,
            handshake=handshake,
            per_address=per_address,
            proxy_from=proxy_from or [],
            clock=Clock(folder / "clock") if clock else None,
        )
        relay.prepare(customers=customers)
        prepared(relay)
        site = Site(relay, box)
        stack.callback(relay.stop)
        stack.callback(site.opened.close)
        relay.start()
        return site

    return start


@pytest.fixture(scope="session")
def shared_site(box: Namespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One relay with its defaults, for all tests that leave it as it was."""
    with ExitStack() as stack:
        start = _starter(box, lambda: tmp_path_factory.mktemp("relay"), stack)
        # Tests leave allocations behind; those about quotas have a relay of their own.
        yield start(customers=(CUSTOMER, "other"), limits={"allocations_per_user": 5000})


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """The shared relay; whatever a test opened is closed, and the relay has to be well."""
    mine = Site(shared_site.relay, shared_site.box)
    with mine.opened:
        yield mine
    assert mine.relay.is_well(), mine.relay.said()


@pytest.fixture
def start_site(box: Namespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSite]:
    """Start relays with settings of a test's own."""
    with ExitStack() as stack:
        yield _starter(box, lambda: tmp_path_factory.mktemp("relay"), stack)


@pytest.fixture(scope="module")
def start_module_site(
    box: Namespace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartSite]:
    """Start relays that a whole module's tests share."""
    with ExitStack() as stack:
        yield _starter(box, lambda: tmp_path_factory.mktemp("relay"), stack)


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(params=STREAMS)
def stream(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def loopback_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """A relay on this machine's loopback, as the demo has it."""
    ports = [free_port() for _ in range(4)]
    # Dozens of clients call at once from one address.
    limits = {"allocations_per_user": 1000, "unauthenticated_per_second": 1000}
    folder = tmp_path_factory.mktemp("relay")
    # coturn's client takes channels of RFC 5766 too.
    turn = {"old_channels": True}
    relay = Relay(folder, ("127.0.0.1", "::1"), *ports, turn=turn, limits=limits)
    relay.prepare(customers=(CUSTOMER, "other"))
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()


@pytest.fixture(scope="session")
def mended_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What turnutils_uclient preloads, so that it does not die of its own mobility over TLS."""
    source = Path(__file__).with_name("mended_client.c")
    library = tmp_path_factory.mktemp("mended") / "mended_client.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


@pytest.fixture(scope="session")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """coturn's server beside it, to compare with."""
    server = Coturn(tmp_path_factory.mktemp("coturn"), free_port(), free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
