"""Which peers may be reached: public ones, whatever clothes an address wears (A1 to A7, A16)."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.public_addresses import (
    NOT_PUBLIC,
    WELL_KNOWN_NAT64,
    forms,
    is_public,
)
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import MOST_JUDGED, PeerPolicy, Surroundings, Verdict

OWN, RELAY, BOUND = "20.9.9.9", "20.9.9.10", "10.0.0.1"
AROUND = Surroundings(
    relay_hosts=frozenset((RELAY, BOUND)),
    own_hosts=frozenset((OWN, RELAY, BOUND, "2a00::9")),
    services=frozenset((3478, 8081)),
    resolvers=frozenset(("10.0.0.53", "20.9.9.53", "127.0.0.53", "2a00::53")),
    nat64=(WELL_KNOWN_NAT64, *(IPv6Network(f"2a00:{n:x}::/{n}") for n in (32, 40, 48, 56, 64))),
)


def policy(*rules: str, around: Surroundings = AROUND) -> PeerPolicy:
    """Write rules; those that deny have a minus."""
    return PeerPolicy(
        [PeerRule.parse(each.lstrip("-"), allow=not each.startswith("-")) for each in rules],
        around,
    )


Embed = Callable[[IPv4Address], IPv4Address | IPv6Address]


def rfc6052(prefix: str, length: int) -> Embed:
    """Put an IPv4 address behind a prefix, around the octet that is none (RFC 6052 2.2)."""

    def embed(host: IPv4Address) -> IPv6Address:
        octets = bytearray(IPv6Address(prefix).packed)
        at = length // 8
        for each in host.packed:
            at += at == 8
            octets[at] = each
            at += 1
        return IPv6Address(bytes(octets))

    return embed


def made(pattern: str) -> Embed:
    """Put an IPv4 address where a pattern says, in two groups."""

    def embed(host: IPv4Address) -> IPv6Address:
        high, low = int(host) >> 16, int(host) & 0xFFFF
        return IPv6Address(pattern.format(f"{high:x}:{low:x}"))

    return embed


def teredo_client(host: IPv4Address) -> IPv6Address:
    return made("2001:0:1402:304::{}")(IPv4Address(int(host) ^ 0xFFFFFFFF))


EMBEDDINGS: dict[str, Embed] = {
    "itself": lambda host: host,
    "mapped (A3)": made("::ffff:{}"),
    "compatible (A4)": made("::{}"),
    "6to4 (A4)": made("2002:{}::1"),
    "NAT64 (A4)": made("64:ff9b::{}"),
    "SIIT (A5)": made("::ffff:0:{}"),
    "Teredo server (A5)": made("2001:0:{}::"),
    "Teredo client (A5)": teredo_client,
    "ISATAP (A5)": made("2a01:1:2:3:0:5efe:{}"),
    "ISATAP, global (A5)": made("2a01:1:2:3:200:5efe:{}"),
    "ISATAP, local (A5)": made("fe80::5efe:{}"),
    "RFC 8215, /96 (A5)": rfc6052("64:ff9b:1:7::", 96),
    "RFC 8215, /48 (A5)": rfc6052("64:ff9b:1::", 48),
    "RFC 8215, /56 (A5)": rfc6052("64:ff9b:1:700::", 56),
    "RFC 8215, /64 (A5)": rfc6052("64:ff9b:1:7::", 64),
} | {f"operator's NAT64, /{n} (A5)": rfc6052(f"2a00:{n:x}::", n) for n in (32, 40, 48, 56, 64)}

DENIED_NETS = [each for each in NOT_PUBLIC if each.version == 4]


def hosts_of(network: IPv4Network) -> st.SearchStrategy[IPv4Address]:
    return st.integers(0, network.num_addresses - 1).map(network.__getitem__)


# Every denied network in every embedding --------------------------------------------------


@pytest.mark.parametrize("embed", EMBEDDINGS.values(), ids=EMBEDDINGS)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a1_to_a6_every_denied_network_is_denied_in_whatever_clothes(
    embed, data: st.DataObject
) -> None:
    """A1 to A6: the first address of each, the last one, and any between."""
    plain = policy()
    for network in DENIED_NETS:
        ends = (network.network_address, network.broadcast_address)
        for each in (*ends, data.draw(hosts_of(network))):
            host = str(embed(each))
            if host not in AROUND.relay_hosts:
                assert not plain.judge(host).is_good
                assert not plain.judge(host, 50_000).is_good
            assert not plain.judge(host, 443, tcp=True).is_good


OPEN = policy("::/0")


@pytest.mark.parametrize("embed", EMBEDDINGS.values(), ids=EMBEDDINGS)
@settings(max_examples=10, deadline=None)
@given(st.sampled_from(DENIED_NETS).flatmap(hosts_of))
def test_a3_to_a5_what_is_embedded_is_found(embed, host: IPv4Address) -> None:
    """Not only because its clothes are no public ones: an operator may allow those."""
    clothed = embed(host)
    if clothed in (IPv6Address("::"), IPv6Address("::1")):
        return  # These are addresses of their own.
    assert host in forms(clothed, AROUND.nat64)
    assert clothed == host or not OPEN.judge(str(clothed)).is_good


@pytest.mark.parametrize("prefix", ["64:ff9b::/96", "2002::/16", "2001::/32", "::ffff:0:0:0/96"])
def test_a4_a_rule_for_a_translator_opens_no_forbidden_address_behind_it(prefix: str) -> None:
    """A4: and a public one it does."""
    embed = {"6": EMBEDDINGS["NAT64 (A4)"], "2": EMBEDDINGS["6to4 (A4)"]}.get(prefix[0])
    if prefix == "2001::/32":
        embed = teredo_client
    if prefix.startswith("::"):
        embed = EMBEDDINGS["SIIT (A5)"]
    assert embed is not None
    allowing = policy(prefix)
    assert allowing.judge(str(embed(IPv4Address("127.0.0.1")))) is Verdict.NOT_PUBLIC
    assert allowing.judge(str(embed(IPv4Address("20.1.2.3")))) is Verdict.ALLOWED
    both = policy(prefix, "10.0.0.0/8")
    assert both.judge(str(embed(IPv4Address("10.7.0.1")))) is Verdict.ALLOWED


def test_a_rule_for_ipv4_opens_it_in_no_other_clothes() -> None:
    allowing = policy("10.0.0.0/8")
    assert allowing.judge("10.7.0.1") is Verdict.ALLOWED
    assert allowing.judge("::ffff:10.7.0.1") is Verdict.NOT_PUBLIC
    assert allowing.judge("64:ff9b::a07:1") is Verdict.NOT_PUBLIC


def test_an_operators_own_prefix_is_read_one_way() -> None:
    """RFC 8215: where its length is known, the other readings mean nothing."""
    around = Surroundings(nat64=(IPv6Network("64:ff9b:1:fffe::/96"),))
    host = rfc6052("64:ff9b:1:fffe::", 96)(IPv4Address("20.1.2.3"))
    assert forms(host, around.nat64) == (host, IPv4Address("20.1.2.3"))
    assert policy("64:ff9b:1:fffe::/96", around=around).judge(str(host)) is Verdict.ALLOWED


# The checklist's own examples -------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.255.255.254", "::1",  # A1.
        "0.0.0.0", "0.1.2.3", "::",  # A2.
        "::ffff:127.0.0.1", "::ffff:10.0.0.1",  # A3.
        "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",  # A4.
        "64:ff9b:1::7f00:1", "2001:0:7f00:1::", "::ffff:0:7f00:1", "2a01::5efe:7f00:1",  # A5.
        "169.254.169.254", "fe80::1", "fc00::1", "fd00::1", "fec0::1", "100.64.0.1",  # A6.
        "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "ff02::1", "ff0e::1", "192.0.2.1", "198.51.100.1",
        "203.0.113.1", "198.18.0.1", "192.88.99.1", "192.0.0.8", "2001:db8::1", "3fff::1",
        "100::1", "5f00::1", "4000::1", "2001:10::1",
    ],
)  # fmt: skip
def test_a1_to_a6_the_addresses_of_the_checklist_are_denied(host: str) -> None:
    """A1 to A6."""
    assert policy().judge(host) is Verdict.NOT_PUBLIC
    assert policy().judge(host, 50_000, tcp=True) is Verdict.NOT_PUBLIC


@pytest.mark.parametrize(
    "host", ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.32.0.1", "223.255.255.255",
             "2606:4700::1111", "2a01::1", "2000::1", "3ffe::1"]
)  # fmt: skip
def test_public_addresses_are_allowed(host: str) -> None:
    assert policy().judge(host) is Verdict.ALLOWED
    assert policy().judge(host, 50_000, tcp=True) is Verdict.ALLOWED


@given(st.ip_addresses())
def test_nothing_that_python_knows_to_be_private_is_public(host: IPv4Address) -> None:
    """An independent list judges ours."""
    if is_public(host):
        assert not (
            host.is_private or host.is_loopback or host.is_link_local or host.is_multicast
            or host.is_reserved or host.is_unspecified
        )  # fmt: skip


# Our own places (A7, A8) ------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", [OWN, "127.0.0.1", "::1", "0.0.0.0", "::", "64:ff9b::1409:909", "2a00::9", RELAY]
)
@pytest.mark.parametrize("rule", ["0.0.0.0/0", "::/0"])
def test_a7_our_own_services_are_denied_whatever_a_rule_says(host: str, rule: str) -> None:
    """A7: listeners, administration and metrics, by whatever address they can be reached."""
    for port in AROUND.services:
        judged = policy("0.0.0.0/0", "::/0").judge(host, port)
        assert judged is Verdict.OWN_SERVICE
        assert not policy(rule).judge(host, port).is_good


@pytest.mark.parametrize("port", [53, 853])
@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize(
    "host", ["10.0.0.53", "20.9.9.53", "127.0.0.53", "2a00::53", "64:ff9b::a00:35"]
)
def test_a7_the_resolvers_of_this_machine_are_denied_whatever_a_rule_says(
    host: str, port: int, tcp: bool
) -> None:
    """A7: whoever reaches them sees names as we do, and may poison what we are told."""
    open_to_all = policy("0.0.0.0/0", "::/0")
    assert open_to_all.judge(host, port, tcp=tcp) is Verdict.OWN_SERVICE
    assert not policy().judge(host, port, tcp=tcp).is_good


def test_a7_only_the_dns_of_a_resolver_is_closed_and_no_other_dns() -> None:
    """A7: it may be a server of the company with calls on its other ports."""
    allowing = policy("10.0.0.0/8")
    assert allowing.judge("10.0.0.53") is Verdict.ALLOWED
    assert allowing.judge("10.0.0.53", 5000) is Verdict.ALLOWED
    assert allowing.judge("10.0.0.54", 53) is Verdict.ALLOWED


def test_a7_our_own_public_addresses_are_no_peers() -> None:
    """A7: any port of them; where a rule says so, those that are no services."""
    assert policy().judge(OWN) is Verdict.OWN_SERVICE
    assert policy().judge(OWN, 9999) is Verdict.OWN_SERVICE
    assert policy(f"{OWN}:9999").judge(OWN, 9999) is Verdict.ALLOWED


def test_a8_relays_are_peers_of_each_other() -> None:
    """A8: also where we relay on a private address; data stays inside, so that TCP cannot."""
    for host in (RELAY, BOUND):
        assert policy().judge(host) is Verdict.INSIDE
        assert policy().judge(host, 50_000) is Verdict.INSIDE
        assert not policy().judge(host, 50_000, tcp=True).is_good
        assert policy().is_inside(host)
        assert policy(f"-{host}").judge(host) is Verdict.DENIED
    assert not policy().is_inside(OWN)
    assert Verdict.INSIDE.is_good and Verdict.ALLOWED.is_good


# Rules ------------------------------------------------------------------------------------


def test_a9_addresses_are_compared_as_numbers() -> None:
    """A9: not group by group."""
    denying = policy("-2a01:8:0:0::/47")
    assert denying.judge("2a01:8:1:ffff::") is Verdict.DENIED
    assert denying.judge("2a01:8:0:2::ffff") is Verdict.DENIED
    assert denying.judge("2a01:8:2::") is Verdict.ALLOWED


def test_what_is_denied_is_denied_although_it_is_allowed() -> None:
    assert policy("20.0.0.0/8", "-20.1.0.0/16").judge("20.1.2.3") is Verdict.DENIED


def test_a_denied_ipv4_network_is_denied_in_every_embedding() -> None:
    denying = policy("-20.1.0.0/16")
    for embed in EMBEDDINGS.values():
        assert not denying.judge(str(embed(IPv4Address("20.1.2.3")))).is_good


def test_a_rule_for_ports_is_about_those_ports() -> None:
    """A permission is for all ports: it is given where some are open, and each is judged."""
    allowing = policy("10.7.0.1:5000-6000")
    assert allowing.judge("10.7.0.1") is Verdict.ALLOWED
    assert allowing.judge("10.7.0.1", 5000) is Verdict.ALLOWED
    assert allowing.judge("10.7.0.1", 6001) is Verdict.NOT_PUBLIC
    denying = policy("-20.1.2.3:5000-6000")
    assert denying.judge("20.1.2.3") is Verdict.ALLOWED
    assert denying.judge("20.1.2.3", 6000) is Verdict.DENIED
    assert denying.judge("20.1.2.3", 6001) is Verdict.ALLOWED
    assert policy("-20.1.2.3:1-65535").judge("20.1.2.3") is Verdict.DENIED


@pytest.mark.parametrize("port", [22, 25, 53, 445, 1023])
def test_a16_connections_to_privileged_ports_are_denied(port: int) -> None:
    """A16: except those of the web; datagrams are not concerned, and an operator may open them."""
    assert policy().judge("20.1.2.3", port, tcp=True) is Verdict.PORT
    assert policy().judge("20.1.2.3", port) is Verdict.ALLOWED
    assert policy(f"20.1.2.3:{port}").judge("20.1.2.3", port, tcp=True) is Verdict.ALLOWED


@pytest.mark.parametrize("port", [80, 443, 1024, 65_535])
def test_a16_connections_to_the_web_and_above_are_allowed(port: int) -> None:
    """A16: databases above are reached only where they are public at all."""
    assert policy().judge("20.1.2.3", port, tcp=True) is Verdict.ALLOWED


def test_a16_a_customers_list_can_deny_more() -> None:
    """A16: 3306, 6379."""
    denying = policy("-0.0.0.0/0:3306", "-0.0.0.0/0:6379")
    assert denying.judge("20.1.2.3", 6379, tcp=True) is Verdict.DENIED


SOME = policy("2a01::/16", "-2a02::/16")


@given(st.ip_addresses(), st.none() | st.integers(1, 65_535), st.booleans())
def test_any_address_is_judged(host: IPv4Address | IPv6Address, port, tcp: bool) -> None:
    verdict = SOME.judge(str(host), port, tcp=tcp)
    assert verdict.is_good is (verdict in (Verdict.ALLOWED, Verdict.INSIDE))
    if verdict is Verdict.ALLOWED and host not in IPv6Network("2a01::/16"):
        assert all(map(is_public, forms(host, AROUND.nat64)))


def test_a_zone_changes_nothing() -> None:
    assert policy().judge("fe80::1%eth0") is Verdict.NOT_PUBLIC
    assert ip_address("fe80::1%eth0") in IPv6Network("fe80::/10")


def test_what_a_policy_remembers_of_its_verdicts_is_bounded() -> None:
    """Clients choose whom it is asked about; what it says does not depend on what it has said."""
    judge, asked = (
        policy("-20.0.0.7"),
        [f"20.0.{n >> 8}.{n & 255}" for n in range(MOST_JUDGED + 9)],
    )
    for _ in range(2):
        denied = [host for host in asked if judge.judge(host) is not Verdict.ALLOWED]
        assert denied == ["20.0.0.7"]
        assert len(judge._judged) <= MOST_JUDGED
