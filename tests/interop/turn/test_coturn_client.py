"""coturn's turnutils_uclient against our relay: not one packet is lost, whatever it asks for.

It takes any channel of RFC 5766, so the relay has its setting `turn.old_channels` on.  A run
takes six seconds and mostly waits, so all of them run side by side, each as a user of its own.
"""

import itertools
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from tests.interop.turn.conftest import StartSite
from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.servers import CUSTOMER, PASSWORD, SECRET, USER, Relay
from tests.interop.turn.site import Site

pytestmark = pytest.mark.interop

MESSAGES = 20
AT_ONCE = 16
"""Runs side by side; each needs a hundredth of a processor."""

NUMBERS = itertools.count(1)

PEER, PEER_6, INSIDE = "52.0.0.80", "2a00:52::80", "10.20.30.40"

BETWEEN = [
    "", "-c", "-s", "-g", "-M", "-G", "-D", "-l 1200 -z 5", "-m 5", "-t", "-t -s", "-t -S",
    "-t -M", "-x", "-x -t", "-x -t -S", "-Z", "-Z -t", "-Z -t -S",
    "-Z -s", "-N", "-N -t", "-N -t -S",
]  # fmt: skip
"""Two clients talk to each other's relayed addresses.

Even-port and reservation come with everything but -c and -T (RFC 8656 section 14.6).  Mobility
over TLS has a file of its own, test_coturn_mobility.py, as this client does not survive it.
"""

BETWEEN_6 = ["-x", "-x -s", "-x -t", "-x -t -S"]
"""The same, and the clients themselves are at ::1."""

TO_PEER = ["", "-s", "-g", "-M", "-t", "-t -S", "-t -S -s", "-G"]
TO_PEER_6 = ["-x", "-x -s", "-x -t", "-x -t -S"]

WITH_RULE = ["-T", "-T -S"]
"""Connections go to a relayed address by a rule of the customer's only, and never stay inside."""

Name = tuple[str, str]
Start = Callable[[], Outcome]


def between(relay: Relay, who: Sequence[str], options: str, host: str = "127.0.0.1") -> Outcome:
    port = relay.tls_port if "-S" in options.split() else relay.port
    return run(
        "turnutils_uclient", *who, "-p", port, "-n", MESSAGES, "-y", *options.split(), host,
        folder=relay.folder,
    )  # fmt: skip


def to_peer(site: Site, who: Sequence[str], options: str, peer: str = PEER) -> Outcome:
    host, port = site.server("tls" if "-S" in options.split() else "udp", v6=":" in peer)
    return run(
        "turnutils_uclient", *who, "-p", port, "-n", MESSAGES, "-e", peer, "-r", 3480,
        *options.split(), host, inside=site.box, folder=site.relay.folder,
    )  # fmt: skip


def new_user(relay: Relay, customer: str = CUSTOMER) -> Sequence[str]:
    """Make a user, and say who that is as the tool wants to know it."""
    name = f"run{next(NUMBERS)}"
    relay.add_user(customer, name)
    return "-u", f"{customer}:{name}", "-w", PASSWORD


def runs(relay: Relay, site: Site) -> Iterator[tuple[Name, Start]]:
    for options in BETWEEN:
        yield ("between", options), partial(between, relay, new_user(relay), options)
    for options in BETWEEN_6:
        user = new_user(relay)
        yield ("between at ::1", options), partial(between, relay, user, options, "::1")
    minted = ("-u", f"{CUSTOMER}:minted", "-W", SECRET)
    yield ("between", "-W"), partial(between, relay, minted, "")
    for options in WITH_RULE:
        yield ("between", options), partial(between, relay, new_user(relay, "other"), options)
    for options in TO_PEER:
        yield ("peer", options), partial(to_peer, site, new_user(site.relay), options)
    for options in TO_PEER_6:
        yield ("peer", options), partial(to_peer, site, new_user(site.relay), options, PEER_6)
    for customer in (CUSTOMER, "other"):
        user = new_user(site.relay, customer)
        yield ("inside", customer), partial(to_peer, site, user, "", INSIDE)


Outcomes = Mapping[Name, Future[Outcome]]


@pytest.fixture(scope="module")
def old_site(start_module_site: StartSite) -> Site:
    limits = {"allocations_per_user": 1000}
    return start_module_site(
        turn={"old_channels": True}, limits=limits, customers=(CUSTOMER, "other")
    )


@pytest.fixture(scope="module")
def outcomes(loopback_relay: Relay, old_site: Site) -> Iterator[Outcomes]:
    """Everything that is run, by what it is and its options."""
    old_site.relay.must("turn", "peer", "allow", CUSTOMER, f"{INSIDE}:3480-3481")
    loopback_relay.must("turn", "peer", "allow", "other", "127.0.0.1:49152-65535")
    echoes = [
        subprocess.Popen(
            [*old_site.box.prefix(), "turnutils_peer", "-L", host, "-p", "3480"],
            stdout=subprocess.DEVNULL,
        )
        for host in (PEER, PEER_6, INSIDE)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(start) for name, start in runs(loopback_relay, old_site)}
    for each in echoes:
        each.terminate()
        each.wait(10)


@pytest.mark.parametrize("options", [*BETWEEN, *WITH_RULE])
def test_two_clients_lose_nothing(outcomes: Outcomes, options: str) -> None:
    outcomes["between", options].result().assert_nothing_is_lost(MESSAGES)


@pytest.mark.parametrize("options", BETWEEN_6)
def test_two_clients_at_ipv6_lose_nothing(outcomes: Outcomes, options: str) -> None:
    outcomes["between at ::1", options].result().assert_nothing_is_lost(MESSAGES)


def test_a_credential_minted_by_the_tool_itself_is_taken(outcomes: Outcomes) -> None:
    """draft-uberti-behave-turn-rest, with the customer in the user name."""
    outcomes["between", "-W"].result().assert_nothing_is_lost(MESSAGES)


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
    )  # fmt: skip
    assert outcome.status != 0
    assert "Cannot complete Allocation" in outcome.said


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_stunclient_learns_its_address(loopback_relay: Relay, host: str) -> None:
    """turnutils_stunclient: RFC 8489 Binding."""
    outcome = run("turnutils_stunclient", "-p", loopback_relay.port, host)
    assert outcome.status == 0, outcome.said
    assert "UDP reflexive addr" in outcome.said


def test_the_relays_are_well_after_all_that(
    loopback_relay: Relay, old_site: Site, outcomes: Outcomes
) -> None:
    for each in outcomes.values():
        each.result()
    for relay in (loopback_relay, old_site.relay):
        assert relay.is_well(), relay.said()
