"""Which peers a client may not reach, over real sockets (checklist A1 to A7)."""

import signal

import pytest

from procall_mobility.transports.own_addresses import resolvers
from tests.interop.turn.caller import Caller
from tests.interop.turn.conftest import StartSite
from tests.interop.turn.peers import Catcher
from tests.interop.turn.servers import CUSTOMER
from tests.interop.turn.site import STREAMS, Site

pytestmark = pytest.mark.interop

LOOKS_AROUND_WITHIN = 15
"""Seconds."""

DENIED_IPV4 = {
    "A1": ("127.0.0.1", "127.255.255.254"),
    "A2": ("0.0.0.0", "0.1.2.3"),
    "A6": (
        "169.254.169.254", "100.64.0.1", "100.127.255.255", "10.0.0.1", "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1",
        "192.0.0.1", "192.88.99.1",
    ),
}  # fmt: skip
DENIED_IPV6 = {
    "A1": ("::1",),
    "A2": ("::",),
    "A3": ("::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    "A4": ("::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"),
    "A5": (
        "64:ff9b:1::7f00:1", "64:ff9b:1:7f00:0:100::", "2001:0:53aa:64c::80ff:fffe",
        "::ffff:0:127.0.0.1", "2a00:52::5efe:127.0.0.1", "2a00:52::200:5efe:10.0.0.1",
    ),
    "A6": (
        "fe80::1", "fc00::1", "fdff::1", "fec0::1", "ff00::1", "ff02::1", "2001:db8::1",
        "3fff::1",
    ),
}  # fmt: skip


def lines(table: dict[str, tuple[str, ...]]) -> list[object]:
    return [pytest.param(hosts, id=line) for line, hosts in table.items()]


def assert_denied(caller: Caller, catcher: Catcher, hosts: tuple[str, ...]) -> None:
    for number, host in enumerate(hosts, 0x4000):
        peer = (host, catcher.port)
        # An IPv4 address in the clothes of IPv6 belongs to neither family.
        expected = 443 if host.startswith("::ffff:") and host.count(":") == 3 else 403
        assert caller.permits(peer).error == expected, host
        assert caller.binds(number, peer).error == expected, host
        caller.sends(peer, b"in a Send indication")
        caller.says(number, b"on a channel")
    caller.settle()
    assert catcher.caught() == []


def assert_no_connections(caller: Caller, catcher: Catcher, hosts: tuple[str, ...]) -> None:
    for host in hosts:
        assert caller.connects((host, catcher.port)).error in (403, 443), host
    assert catcher.caught() == []


@pytest.mark.parametrize("hosts", lines(DENIED_IPV4))
def test_an_ipv4_peer_inside_is_denied(site: Site, transport: str, hosts: tuple[str, ...]) -> None:
    """A1, A2, A6: 403, and a Send indication is dropped without a word."""
    caller = site.allocated(transport)
    before = site.relay.counters().get("peer-denied:not-public", 0)
    assert_denied(caller, site.catcher(), hosts)
    assert site.relay.counters()["peer-denied:not-public"] >= before + len(hosts)


@pytest.mark.parametrize("hosts", lines(DENIED_IPV6))
def test_an_ipv6_peer_inside_is_denied(site: Site, transport: str, hosts: tuple[str, ...]) -> None:
    """A1, A2, A3, A4, A5, A6: whatever the address may turn into."""
    assert_denied(site.allocated(transport, v6=True), site.catcher(), hosts)


@pytest.mark.parametrize("hosts", lines(DENIED_IPV4))
def test_no_connection_goes_to_an_ipv4_peer_inside(
    site: Site, stream: str, hosts: tuple[str, ...]
) -> None:
    """A1, A2, A6, A12: Connect of RFC 6062 is judged like everything else."""
    assert_no_connections(site.allocated(stream, tcp=True), site.catcher(), hosts)


@pytest.mark.parametrize("hosts", lines(DENIED_IPV6))
def test_no_connection_goes_to_an_ipv6_peer_inside(
    site: Site, stream: str, hosts: tuple[str, ...]
) -> None:
    """A1, A2, A3, A4, A5, A6, A12: Connect is where the translators' prefixes were forgotten."""
    assert_no_connections(site.allocated(stream, v6=True, tcp=True), site.catcher(), hosts)


def test_a_mapped_address_is_no_way_around_the_families(site: Site, transport: str) -> None:
    """A3: neither on an allocation of IPv4."""
    caller = site.allocated(transport)
    for host in ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:52.0.0.1"):
        assert caller.permits((host, 7)).error == 443
        assert caller.binds(0x4000, (host, 7)).error == 443


def test_a_translator_of_the_operators_own_is_seen_through(start_site: StartSite) -> None:
    """A5: prefixes the operator has named."""
    site = start_site(peers={"nat64": ["2a00:64:64::/96"]})
    for transport in ("udp", *STREAMS):
        caller = site.allocated(transport, v6=True)
        assert_denied(caller, site.catcher(), ("2a00:64:64::7f00:1", "2a00:64:64::a00:1"))
        assert caller.permits(("2a00:64:64::3400:1", 7)).ok, "what is public stays so"


def test_our_own_services_are_denied_whatever_a_rule_says(start_site: StartSite) -> None:
    """A7: every listener of the daemon, on all addresses of the machine."""
    site = start_site(peers={"allow": ["127.0.0.0/8", "51.0.0.0/16"]})
    relay = site.relay
    ports = (relay.port, relay.tls_port, relay.shared_port, relay.link_port)
    hosts = (relay.hosts[0], "127.0.0.1")
    sniffer = site.sniffer()
    for transport in ("udp", *STREAMS):
        caller = site.allocated(transport)
        assert caller.permits(*((host, 0) for host in hosts)).ok
        for number, peer in enumerate(((h, p) for h in hosts for p in ports), 0x4000):
            assert caller.binds(number, peer).error == 403, peer
            caller.sends(peer, b"hello to yourself")
        caller.settle()
        assert not [each for each in sniffer.seen() if each.data == b"hello to yourself"]
    for transport in STREAMS:
        caller = site.allocated(transport, tcp=True)
        for peer in ((host, port) for host in hosts for port in ports):
            assert caller.connects(peer).error == 403, peer


@pytest.mark.parametrize("told", [True, False], ids=["when told to look", "by itself"])
def test_an_address_that_comes_later_is_ours_too(start_site: StartSite, told: bool) -> None:
    """A7: permissions and channels end that it had as somebody else's."""
    site = start_site(clock=not told)
    callers = [site.allocated(transport) for transport in ("udp", *STREAMS)]
    peer, witness = site.peer("52.0.7.1"), site.peer("52.0.7.2")
    for caller in callers:
        assert caller.permits(peer.address, witness.address).ok
        assert caller.binds(0x4000, peer.address).ok
    site.box.ip("address", "add", "52.0.7.1/32", "dev", "lo")
    try:
        if told:
            site.relay.process.send_signal(signal.SIGHUP)
        else:
            site.advance(LOOKS_AROUND_WITHIN)
        site.relay.until(lambda: "own addresses or resolvers changed" in site.relay.said())
        for caller in callers:
            caller.says(0x4000, b"on the channel")
            caller.sends(peer.address, b"by indication")
            caller.sends(witness.address, b"still a peer")
            assert witness.hear()[0] == b"still a peer"
            assert caller.permits(peer.address).error == 403
        assert peer.heard() == []
    finally:
        site.box.ip("address", "delete", "52.0.7.1/32", "dev", "lo")


def test_the_resolvers_of_the_machine_are_denied_whatever_a_rule_says(
    start_site: StartSite,
) -> None:
    """A7: those that the machine under test has; on their other ports they are peers."""
    hosts = [each for each in resolvers() if ":" not in each]
    site = start_site(peers={"allow": hosts})
    for transport in ("udp", *STREAMS):
        caller = site.allocated(transport)
        for number, host in enumerate(hosts):
            assert caller.binds(0x4000 + number, (host, 53)).error == 403
            assert caller.binds(0x4000 + number, (host, 853)).error == 403
            assert caller.binds(0x4000 + number, (host, 9)).ok
    for transport in STREAMS:
        caller = site.allocated(transport, tcp=True)
        assert [caller.connects((host, 53)).error for host in hosts] == [403] * len(hosts)


def test_an_operators_grant_opens_a_private_network_to_one_customer(
    site: Site, transport: str
) -> None:
    """A6: by `turn peer allow`, and to nobody else."""
    rule = "10.20.30.0/24"
    site.relay.must("turn", "peer", "allow", CUSTOMER, rule)
    try:
        inside = site.peer("10.20.30.40")
        caller = site.allocated(transport)
        assert caller.permits(inside.address).ok
        caller.sends(inside.address, b"hello inside")
        assert inside.hear()[0] == b"hello inside"
        stranger = site.allocated(transport, identity=site.user_of("other"))
        assert stranger.permits(inside.address).error == 403
    finally:
        site.relay.must("turn", "peer", "forget", CUSTOMER, rule)
