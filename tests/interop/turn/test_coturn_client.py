"""coturn's turnutils_uclient against our relay: not one packet is lost, whatever it asks for.

Each run takes six seconds and mostly waits, so all of them run side by side.
"""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.servers import CUSTOMER, PASSWORD, SECRET, USER, Relay
from tests.interop.turn.site import Site

pytestmark = pytest.mark.interop

MESSAGES = 20
AT_ONCE = 16
"""Runs side by side; each needs a hundredth of a processor."""

CREDENTIALS = ("-u", USER, "-w", PASSWORD)
MINTED = ("-u", f"{CUSTOMER}:alice", "-W", SECRET)
"""The tool mints its credential itself."""

PEER, PEER_6, INSIDE = "52.0.0.80", "2a00:52::80", "10.20.30.40"

BETWEEN = [
    "", "-c", "-s", "-g", "-M", "-G", "-D", "-l 1200 -z 5", "-m 5", "-t", "-t -s", "-t -S",
    "-t -M", "-t -S -M", "-T", "-T -S", "-x", "-x -t", "-x -t -S", "-Z", "-Z -t", "-Z -t -S",
    "-Z -s", "-N", "-N -t", "-N -t -S",
]  # fmt: skip
"""Two clients talk to each other's relayed addresses.

Even-port and reservation come with everything but -c and -T (RFC 8656 section 14.6).
"""

BETWEEN_6 = ["-x", "-x -s", "-x -t", "-x -t -S"]
"""The same, and the clients themselves are at ::1."""

TO_PEER = ["", "-s", "-g", "-M", "-t", "-t -S", "-t -S -s", "-G", "-T", "-T -S"]
TO_PEER_6 = ["-x", "-x -s", "-x -t", "-x -t -S"]

Start = Callable[[], Outcome]


def between(relay: Relay, options: str, host: str = "127.0.0.1") -> Outcome:
    port = relay.tls_port if "-S" in options.split() else relay.port
    credentials = () if "-W" in options else CREDENTIALS
    return run(
        "turnutils_uclient", *credentials, "-p", port, "-n", MESSAGES, "-y", *options.split(),
        host, folder=relay.folder,
    )  # fmt: skip


def to_peer(
    site: Site, options: str, peer: str = PEER, *, v6: bool = False, who: str = USER
) -> Outcome:
    host, port = site.server("tls" if "-S" in options.split() else "udp", v6=v6)
    return run(
        "turnutils_uclient", "-u", who, "-w", PASSWORD, "-p", port, "-n", MESSAGES, "-e", peer,
        "-r", 3480, *options.split(), host, inside=site.box, folder=site.relay.folder,
    )  # fmt: skip


def runs(relay: Relay, site: Site) -> Iterator[tuple[tuple[str, str], Start]]:
    for options in BETWEEN:
        yield ("between", options), partial(between, relay, options)
    for options in BETWEEN_6:
        yield ("between at ::1", options), partial(between, relay, options, "::1")
    yield ("minted", ""), partial(between, relay, " ".join(MINTED))
    for options in TO_PEER:
        yield ("peer", options), partial(to_peer, site, options)
    for options in TO_PEER_6:
        yield ("peer", options), partial(to_peer, site, options, PEER_6, v6=True)
    yield ("inside", "acme"), partial(to_peer, site, "", INSIDE)
    yield ("inside", "other"), partial(to_peer, site, "", INSIDE, who="other:alice")


Outcomes = Mapping[tuple[str, str], Future[Outcome]]


@pytest.fixture(scope="module")
def outcomes(loopback_relay: Relay, shared_site: Site) -> Iterator[Outcomes]:
    """Everything that is run, by what it is and its options."""
    shared_site.relay.must("turn", "peer", "allow", CUSTOMER, f"{INSIDE}:3480-3481")
    echoes = [
        subprocess.Popen(
            [*shared_site.box.prefix(), "turnutils_peer", "-L", host, "-p", "3480"],
            stdout=subprocess.DEVNULL,
        )
        for host in (PEER, PEER_6, INSIDE)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(start) for name, start in runs(loopback_relay, shared_site)}
    for each in echoes:
        each.terminate()
        each.wait(10)


@pytest.mark.parametrize("options", BETWEEN)
def test_two_clients_lose_nothing(outcomes: Outcomes, options: str) -> None:
    outcomes["between", options].result().assert_nothing_is_lost(MESSAGES)


@pytest.mark.parametrize("options", BETWEEN_6)
def test_two_clients_at_ipv6_lose_nothing(outcomes: Outcomes, options: str) -> None:
    outcomes["between at ::1", options].result().assert_nothing_is_lost(MESSAGES)


def test_a_credential_minted_by_the_tool_itself_is_taken(outcomes: Outcomes) -> None:
    """draft-uberti-behave-turn-rest, with the customer in the user name."""
    outcomes["minted", ""].result().assert_nothing_is_lost(MESSAGES)


@pytest.mark.parametrize("options", [*TO_PEER, *TO_PEER_6])
def test_a_public_peer_echoes_everything(outcomes: Outcomes, options: str) -> None:
    outcomes["peer", options].result().assert_nothing_is_lost(MESSAGES)


def test_a_private_peer_is_reached_by_a_rule_of_its_customer_only(outcomes: Outcomes) -> None:
    """A6: `turn peer allow`; without it the tool sees error 403."""
    outcomes["inside", "acme"].result().assert_nothing_is_lost(MESSAGES)
    refused = outcomes["inside", "other"].result()
    assert refused.status != 0
    assert "error 403" in refused.said


@pytest.mark.parametrize(
    "credentials", [("-u", USER, "-w", "guessed"), ("-u", f"{CUSTOMER}:alice", "-W", "guessed")]
)
def test_a_wrong_password_gets_nothing(
    loopback_relay: Relay, credentials: tuple[str, ...]
) -> None:
    outcome = run(
        "turnutils_uclient", *credentials, "-p", loopback_relay.port, "-y", "127.0.0.1",
        seconds=20,
    )  # fmt: skip
    assert outcome.status != 0
    assert "error 401" in outcome.said


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_stunclient_learns_its_address(loopback_relay: Relay, host: str) -> None:
    """turnutils_stunclient: RFC 8489 Binding."""
    outcome = run("turnutils_stunclient", "-p", loopback_relay.port, host, seconds=10)
    assert outcome.status == 0, outcome.said
    assert "UDP reflexive addr" in outcome.said


def test_the_relays_are_well_after_all_that(
    loopback_relay: Relay, shared_site: Site, outcomes: Outcomes
) -> None:
    for each in outcomes.values():
        each.result()
    for relay in (loopback_relay, shared_site.relay):
        assert relay.is_well(), relay.said()
