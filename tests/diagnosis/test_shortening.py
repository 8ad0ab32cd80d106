"""Addresses are shortened as they are kept: to /24 and /56."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procall_mobility.diagnosis.bundle.shortening import shorten


@pytest.mark.parametrize(
    ("text", "shortened"),
    [
        ("client=203.0.113.57 app=mobile", "client=203.0.113.0/24 app=mobile"),
        ("at 203.0.113.57:443.", "at 203.0.113.0/24:443."),
        ("from 203.0.113.57.", "from 203.0.113.0/24."),
        ("client=2001:db8:1:2ff:3::57", "client=2001:db8:1:200::/56"),
        ("[2001:db8:1:2ff:3::57]:443", "[2001:db8:1:200::/56]:443"),
        ('"client": "2001:db8::57"', '"client": "2001:db8::/56"'),
        ("::ffff:203.0.113.57", "::ffff:203.0.113.0/24"),
        ("2001:db8::57: timed out", "2001:db8::/56: timed out"),
        ("turn:2001:db8::57 udp:203.0.113.57", "turn:2001:db8::/56 udp:203.0.113.0/24"),
        ("2001:db8::57.443 203.0.113.57.443", "2001:db8::/56.443 203.0.113.0/24.443"),
        (r"\n203.0.113.57 \t2001:db8:1:2ff::57", r"\n203.0.113.0/24 \t2001:db8:1:200::/56"),
        ("name:::abcd:1:57 to:::1", "name:::/56 to:::1"),
        ("at:2001:DB8::A1:443", "at:2001:DB8::A1:443"),
        ("203.0.113.57_2 v203.0.113.57x", "203.0.113.0/24_2 v203.0.113.0/24x"),
        ("2001:db8:1:2:3:4:5:6:443", "2001:db8:1::/56:443"),
        ("203.0.113.57/24 2001:db8::57/48", "203.0.113.0/24 2001:db8::/48"),
        ("2002:cb00:7139::1", "2002:cb00:7100::/40"),
        ("AA:BB:CC:DD:EE:FF:00:11:22", "AA:BB:CC:DD:EE:FF:00:11:22"),
        ("std::vector at 9:05:10", "std::vector at 9:05:10"),
        ("203.0.113.57/32 and 10.0.0.0/8", "203.0.113.0/24 and 10.0.0.0/8"),
        ("127.0.0.1 ::1 0.0.0.0 ::", "127.0.0.1 ::1 0.0.0.0 ::"),
        ("198.51.100.9 is ours", "198.51.100.9 is ours"),
        ("2026-11-22T09:14:03+01:00", "2026-11-22T09:14:03+01:00"),
        ("version 1.2.3.4567, 300.1.1.1", "version 1.2.3.4567, 300.1.1.1"),
        ("user#7f3a91 allocation=9c1f0a7be2d4", "user#7f3a91 allocation=9c1f0a7be2d4"),
    ],
)
def test_only_the_network_stays(text: str, shortened: str) -> None:
    keep = {"198.51.100.9", "2001:db8::a1:443"}
    assert shorten(text, keep) == shortened
    assert shorten(shortened, keep) == shortened


@example(ipaddress.IPv6Address("::ffff:0:0"), "u:{}")
@example(ipaddress.IPv6Address("::abcd:1"), "u:{}")
@given(
    st.ip_addresses(),
    st.sampled_from(["client={} app=x", "[{}]:1", "({})", "{},", '"{}"', "{}: x", "u:{}"]),
)
def test_no_whole_address_is_left(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, form: str
) -> None:
    told = shorten(form.format(address))
    inner = address.ipv4_mapped or address if address.version == 6 else address
    is_nobodys = inner.is_loopback or inner.is_unspecified
    bits = 24 if address.version == 4 else 56
    is_whole = int(address) & ((1 << address.max_prefixlen - bits) - 1) != 0
    if is_whole and not is_nobodys:
        assert form.format(address) != told
        assert f"{address}" not in told.replace("/24", "").replace("/56", "").split()
