"""coturn's client moves (`-M`) over connections: it loses nothing that is ours to keep.

It makes each of its allocations on one connection and moves it to the next at once, six times
in a run.  Over TLS the client (4.6.1) tosses two coins then: where both fall badly it frees the
state of the connection it leaves, connects anew, and shuts down and frees the same state again.
It dies of that (SIGSEGV, or SIGABRT in `SSL_free`), or has closed the connection it just moved
to; one run in six gets through, whatever the server does.  So here it is played by a client that
never frees, and the client as it is, is let loose on our server and on coturn's in one run.

coturn's own server (4.6.1) completes none of these runs, neither over TLS nor over TCP, nor with
one thread: it answers the Refresh, and then leaves or closes the connection that was moved to.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.interop.turn.coturn_server import Coturn
from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.servers import CUSTOMER, PASSWORD, Relay

pytestmark = pytest.mark.interop

MESSAGES = 20
SEVERAL = 6
WAITED, PATIENCE = 15, 240
"""Seconds a run is given where it may wait forever, and where it has to come to an end."""

NUMBERS = itertools.count(1)


def client(
    server: Relay | Coturn,
    user: str,
    options: str,
    preloaded: Path | None = None,
    seconds: float = PATIENCE,
) -> Outcome:
    port = server.tls_port if "-S" in options.split() else server.port
    return run(
        "turnutils_uclient", "-u", user, "-w", PASSWORD, "-p", port, "-n", MESSAGES, "-y",
        *options.split(), "127.0.0.1", seconds=seconds, folder=server.folder, preloaded=preloaded,
    )  # fmt: skip


def new_user(relay: Relay) -> str:
    name = f"moving{next(NUMBERS)}"
    relay.add_user(CUSTOMER, name)
    return f"{CUSTOMER}:{name}"


def is_complete(outcome: Outcome) -> bool:
    return outcome.status == 0 and outcome.sent == outcome.received >= MESSAGES


@pytest.mark.parametrize("options", ["-t -S -M", "-t -S -M -s"])
def test_moving_over_tls_loses_nothing(
    loopback_relay: Relay, mended_client: Path, options: str
) -> None:
    """RFC 8016 section 3.2; several runs, as there are several orders of leaving and arriving."""
    users = [new_user(loopback_relay) for _ in range(SEVERAL)]
    with ThreadPoolExecutor(SEVERAL) as pool:
        outcomes = pool.map(
            lambda user: client(loopback_relay, user, options, mended_client), users
        )
    for outcome in outcomes:
        outcome.assert_nothing_is_lost(MESSAGES)
    assert loopback_relay.is_well(), loopback_relay.said()


@pytest.mark.parametrize("options", ["-t -M", "-t -S -M"])
def test_the_client_as_it_is_fares_no_worse_than_at_coturn(
    loopback_relay: Relay, coturn: Coturn, options: str
) -> None:
    users = [new_user(loopback_relay) for _ in range(SEVERAL)]
    dies = "-S" in options
    given = WAITED if dies else PATIENCE
    with ThreadPoolExecutor(2 * SEVERAL) as pool:
        theirs = [pool.submit(client, coturn, coturn.user, options, seconds=WAITED) for _ in users]
        ours = [
            pool.submit(client, loopback_relay, user, options, seconds=given) for user in users
        ]
        completed, beside = (
            sum(is_complete(each.result()) for each in runs) for runs in (ours, theirs)
        )
    assert completed >= beside
    if not dies:
        assert completed == SEVERAL
    assert loopback_relay.is_well(), loopback_relay.said()
