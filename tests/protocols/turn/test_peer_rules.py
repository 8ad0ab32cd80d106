"""Rules as operators write them; one that is malformed is told, never dropped (A10)."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.turn.peer_rules import PeerRule


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        (" 192.0.2.7 ", "192.0.2.7/32"),
        ("192.0.2.7:5000", "192.0.2.7/32:5000"),
        ("192.0.2.0/24:5000-6000", "192.0.2.0/24:5000-6000"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("[2001:db8::/32]", "2001:db8::/32"),
        ("[2001:db8::/32]:443", "[2001:db8::/32]:443"),
        ("[2001:db8::/32]:443-444", "[2001:db8::/32]:443-444"),
        ("::/0", "::/0"),
        ("0.0.0.0/0:1-65535", "0.0.0.0/0:1-65535"),
    ],
)
def test_a_rule_is_read_and_written(text: str, written: str) -> None:
    rule = PeerRule.parse(text)
    assert str(rule) == written
    assert PeerRule.parse(written) == rule
    assert rule.allow
    assert not PeerRule.parse(text, allow=False).allow


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.test",
        "192.0.2.1/24",  # Bits behind the prefix: was a host or the network meant?
        "192.0.2.0-192.0.2.255",
        "2001:db8:0:1::-2001:db8:1::",
        "192.0.2.0/33",
        "2001:db8::/129",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:6000-5000",
        "192.0.2.1:5000-",
        "192.0.2.1:http",
        "192.0.2.1:-1",
        "[2001:db8::1",
        "[2001:db8::1]443",
        "[]:443",
        "1:2",
        "10",
    ],
)
def test_a10_a_malformed_rule_is_told(text: str) -> None:
    """A10: with a sentence for the operator, who must not believe it to work."""
    with pytest.raises(ValueError, match=r"no IP network|no port|ports go from"):
        PeerRule.parse(text)


@given(st.text(max_size=30))
def test_a10_any_text_is_a_rule_or_an_error(text: str) -> None:
    try:
        rule = PeerRule.parse(text)
    except ValueError:
        return
    assert PeerRule.parse(str(rule)) == rule


@given(st.ip_addresses(v=6), st.integers(0, 128), st.ip_addresses(v=6), st.integers(0, 65_535))
def test_a9_a_network_is_an_interval_of_numbers(
    base: IPv6Address, bits: int, host: IPv6Address, port: int
) -> None:
    """A9: 128 bits wide."""
    low = int(base) >> 128 - bits << 128 - bits
    rule = PeerRule.parse(f"{IPv6Address(low)}/{bits}")
    assert rule.matches(host, port) is (low <= int(host) < low + (1 << 128 - bits))
    assert rule.matches(base, port)
    assert not rule.matches(IPv4Address("192.0.2.1"), port)


def test_both_ends_of_a_range_of_ports_are_in_it() -> None:
    rule = PeerRule.parse("192.0.2.1:5000-6000")
    host = ip_address("192.0.2.1")
    assert [rule.matches(host, port) for port in (4999, 5000, 6000, 6001)] == [
        False, True, True, False,
    ]  # fmt: skip
