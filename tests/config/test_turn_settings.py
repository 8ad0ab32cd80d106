"""The relay's settings: what is taken, and what is said of the rest."""

from pathlib import Path
from typing import Any

import pytest

from procall_mobility.config import kinds
from procall_mobility.config.loading import SettingsError, load
from procall_mobility.config.turn_settings import Turn


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (kinds.rate(0, 100), 12, 12.0),
        (kinds.rate(0, 100), 0.5, 0.5),
        (kinds.ip_address, "192.0.2.7", "192.0.2.7"),
        (kinds.ip_address, "2001:DB8:0::7", "2001:db8::7"),
        (kinds.ip_address_or_none, "", ""),
        (kinds.ip_address_or_none, "192.0.2.8", "192.0.2.8"),
        (kinds.mapping, "10.0.0.5=198.51.100.7", "10.0.0.5=198.51.100.7"),
        (kinds.port_range, "49152-65535", (49_152, 65_535)),
        (kinds.peer_rule, "192.0.2.0/24", "192.0.2.0/24"),
        (kinds.peer_rule, "192.0.2.7:5000-6000", "192.0.2.7:5000-6000"),
        (kinds.peer_rule, "[2001:db8::/32]:443", "[2001:db8::/32]:443"),
        (kinds.peer_rule, "2001:db8::/32", "2001:db8::/32"),
        (kinds.nat64_prefix, "64:ff9b::/96", "64:ff9b::/96"),
        (kinds.matching(kinds.INTERFACE, "eth0"), "enp0s31f6", "enp0s31f6"),
        (kinds.matching(kinds.INTERFACE, "eth0"), "eth0.100", "eth0.100"),
    ],
)
def test_what_is_right_is_read(read: kinds.Reader, value: Any, expected: Any) -> None:
    assert read(value) == expected


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (kinds.rate(0, 100), 101, "expected a number from 0 to 100"),
        (kinds.rate(0, 100), True, "expected a number from 0 to 100"),
        (kinds.rate(0, 100), "12", "expected a number from 0 to 100"),
        (kinds.ip_address, "relay.example", "expected an IP address"),
        (kinds.mapping, "10.0.0.5", 'expected "inside=outside"'),
        (kinds.mapping, "10.0.0.5=2001:db8::1", "both addresses have to be IPv4, or both IPv6"),
        (kinds.port_range, "65535-49152", "expected a range of ports"),
        (kinds.port_range, "80-49152", "expected a range of ports"),
        (kinds.port_range, 49_152, "expected a range of ports"),
        (kinds.peer_rule, "192.0.2.0/33", "expected a network"),
        (kinds.peer_rule, "192.0.2.7:6000-5000", "ports go from 1 to 65535"),
        (kinds.peer_rule, "192.0.2.7:0", "ports go from 1 to 65535"),
        (kinds.peer_rule, 7, "expected a network"),
        (kinds.nat64_prefix, "64:ff9b::/95", "expected an IPv6 prefix of 32, 40"),
        (kinds.nat64_prefix, "192.0.2.0/24", "expected an IPv6 prefix"),
        (kinds.matching(kinds.INTERFACE, "eth0"), "a-name-of-sixteen", 'a text like "eth0"'),
        (kinds.matching(kinds.INTERFACE, "eth0"), "eth0:1", 'a text like "eth0"'),
        (kinds.matching(kinds.INTERFACE, "eth0"), "..", 'a text like "eth0"'),
    ],
)
def test_what_is_wrong_is_named_with_the_cure(read: kinds.Reader, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(value)


def test_a_file_with_a_faulty_rule_is_refused_and_never_read_in_part(tmp_path: Path) -> None:
    """A10: a rule that is dropped silently would open what it was to close."""
    file = tmp_path / "settings.toml"
    file.write_text('[turn.peers]\ndeny = ["192.0.2.0/24", "198.51.100.0-198.51.100.9"]\n')
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert "turn.peers.deny[1]" in {error.path for error in caught.value.errors}


def test_the_relay_is_on_by_default_and_every_limit_is_set() -> None:
    turn = Turn()
    assert turn.udp
    assert turn.limits.allocations_per_user
    assert not turn.peers.allow
