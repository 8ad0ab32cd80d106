"""Which peers may be reached: public ones, and what a rule opens or closes (A1 to A9, A16).

In what clothes an address may come is the matter of test_embedded_peers.py.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.public_addresses import forms, is_public
from procall_mobility.protocols.turn.peers import MOST_JUDGED, Verdict
from tests.protocols.turn.surroundings import AROUND, BOUND, OWN, RELAY, policy

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
