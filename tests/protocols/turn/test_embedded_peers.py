"""An IPv4 address is judged in whatever IPv6 clothes it comes (A1 to A6)."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.public_addresses import NOT_PUBLIC, forms
from procall_mobility.protocols.turn.peers import Surroundings, Verdict
from tests.protocols.turn.surroundings import AROUND, policy

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
@settings(max_examples=4, deadline=None)
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


def test_a_denied_ipv4_network_is_denied_in_every_embedding() -> None:
    denying = policy("-20.1.0.0/16")
    for embed in EMBEDDINGS.values():
        assert not denying.judge(str(embed(IPv4Address("20.1.2.3")))).is_good
