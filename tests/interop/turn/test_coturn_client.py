"""coturn's turnutils_uclient against our relay: not one packet is lost, whatever it asks for."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.interop.turn.coturn_tools import Outcome, run
from tests.interop.turn.servers import CUSTOMER, PASSWORD, SECRET, USER, Relay
from tests.interop.turn.site import Site

pytestmark = pytest.mark.interop

MESSAGES = 20
CREDENTIALS = ("-u", USER, "-w", PASSWORD)


def between_clients(relay: Relay, *options: object, host: str = "127.0.0.1") -> Outcome:
    """Two clients of the relay talk to each other's relayed addresses."""
    port = relay.tls_port if "-S" in options else relay.port
    credentials = () if "-W" in options else CREDENTIALS
    return run(
        "turnutils_uclient", *credentials, "-p", port, "-n", MESSAGES, "-y", *options, host,
        folder=relay.folder,
    )  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-c",),
        ("-s",),
        ("-g",),
        ("-M",),
        ("-G",),
        ("-D",),
        ("-l", "1200", "-z", "5"),
        ("-m", "5"),
        ("-t",),
        ("-t", "-s"),
        ("-t", "-S"),
        ("-t", "-M"),
        ("-T",),
        ("-T", "-S"),
    ],
    ids=" ".join,
)
def test_two_clients_lose_nothing(loopback_relay: Relay, options: tuple[str, ...]) -> None:
    """Even-port and reservation come with everything but -c and -T (RFC 8656 section 14.6)."""
    between_clients(loopback_relay, *options).assert_nothing_is_lost(MESSAGES)
    assert loopback_relay.is_well()


@pytest.mark.parametrize("options", [("-x",), ("-x", "-t"), ("-x", "-t", "-S")], ids=" ".join)
def test_ipv6_is_relayed_to_ipv6(loopback_relay: Relay, options: tuple[str, ...]) -> None:
    between_clients(loopback_relay, *options, host="::1").assert_nothing_is_lost(MESSAGES)


def test_a_client_of_ipv4_gets_an_ipv6_relay(loopback_relay: Relay) -> None:
    between_clients(loopback_relay, "-x").assert_nothing_is_lost(MESSAGES)


@pytest.mark.parametrize("options", [("-Z",), ("-Z", "-t")], ids=" ".join)
def test_both_families_in_one_allocation(loopback_relay: Relay, options: tuple[str, ...]) -> None:
    """RFC 8656 section 7.2: ADDITIONAL-ADDRESS-FAMILY."""
    between_clients(loopback_relay, *options).assert_nothing_is_lost(MESSAGES)


def test_a_credential_minted_by_the_tool_itself_is_taken(loopback_relay: Relay) -> None:
    """draft-uberti-behave-turn-rest, with the customer in the user name."""
    minted = ("-u", f"{CUSTOMER}:alice", "-W", SECRET)
    between_clients(loopback_relay, *minted).assert_nothing_is_lost(MESSAGES)


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


@contextmanager
def echo(site: Site, host: str, port: int) -> Iterator[None]:
    """turnutils_peer, which repeats what it hears."""
    process = subprocess.Popen(
        [*site.box.prefix(), "turnutils_peer", "-L", host, "-p", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def through_peer(site: Site, peer: str, *options: object, v6: bool = False) -> Outcome:
    host, port = site.server("tls" if "-S" in options else "udp", v6=v6)
    return run(
        "turnutils_uclient", *CREDENTIALS, "-p", port, "-n", MESSAGES, "-e", peer, "-r", 3480,
        *options, host, inside=site.box, folder=site.relay.folder,
    )  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [(), ("-s",), ("-g",), ("-M",), ("-t",), ("-t", "-S"), ("-t", "-S", "-s")],
    ids=" ".join,
)
def test_a_public_peer_echoes_everything(site: Site, options: tuple[str, ...]) -> None:
    with echo(site, "52.0.0.80", 3480):
        through_peer(site, "52.0.0.80", *options).assert_nothing_is_lost(MESSAGES)


@pytest.mark.parametrize("options", [("-x",), ("-x", "-s"), ("-x", "-t")], ids=" ".join)
def test_a_public_peer_of_ipv6_echoes_everything(site: Site, options: tuple[str, ...]) -> None:
    with echo(site, "2a00:52::80", 3480):
        through_peer(site, "2a00:52::80", *options, v6=True).assert_nothing_is_lost(MESSAGES)


def test_a_private_peer_is_reached_by_a_rule_of_its_customer_only(site: Site) -> None:
    """`turn peer allow`; without it the tool sees error 403."""
    rule = "10.20.30.40:3480-3481"
    with echo(site, "10.20.30.40", 3480):
        refused = through_peer(site, "10.20.30.40")
        assert refused.status != 0
        assert "error 403" in refused.said
        site.relay.must("turn", "peer", "allow", CUSTOMER, rule)
        try:
            through_peer(site, "10.20.30.40").assert_nothing_is_lost(MESSAGES)
        finally:
            site.relay.must("turn", "peer", "forget", CUSTOMER, rule)
