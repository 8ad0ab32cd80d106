"""Hosts and the names in certificates (RFC 9525 section 6)."""

import pytest

from procall_mobility.protocols.certificate_names import covers


@pytest.mark.parametrize(
    ("names", "addresses", "host", "is_covered"),
    [
        (["mobility.example.net"], [], "Mobility.example.net", True),
        (["other.example.net", "mobility.example.net"], [], "mobility.example.net.", True),
        (["*.example.net"], [], "mobility.example.net", True),
        (["*.example.net"], [], "a.b.example.net", False),
        (["*.example.net"], [], "example.net", False),
        (["*.example.net"], [], ".example.net", False),
        ([], ["192.0.2.7"], "192.0.2.7", True),
        ([], ["192.0.2.7"], "192.0.2.8", False),
        ([], ["no address", "2001:db8:0:0::7"], "2001:db8::7", True),
        (["*.0.2.7"], [], "192.0.2.7", False),
        (["192.0.2.7"], [], "192.0.2.7", False),
        ([], [], "mobility.example.net", False),
    ],
)
def test_a_name_is_good_for_itself_and_a_wildcard_for_one_label(
    names: list[str], addresses: list[str], host: str, is_covered: bool
) -> None:
    assert covers(names, addresses, host) is is_covered
