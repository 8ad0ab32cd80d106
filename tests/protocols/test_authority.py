"""Hosts with and without their ports (RFC 3986 section 3.2)."""

import pytest

from procall_mobility.protocols.authority import split


@pytest.mark.parametrize(
    ("authority", "place"),
    [
        ("push.example.net", ("push.example.net", 443)),
        ("push.example.net:8443", ("push.example.net", 8443)),
        ("[2001:db8::7]", ("2001:db8::7", 443)),
        ("[2001:db8::7]:8443", ("2001:db8::7", 8443)),
        ("2001:db8::7", ("2001:db8::7", 443)),
        ("push.example.net:port", ("push.example.net:port", 443)),
    ],
)
def test_host_and_port_are_parted(authority: str, place: tuple[str, int]) -> None:
    assert split(authority) == place


def test_without_a_port_the_usual_one_is_meant() -> None:
    assert split("time.example.net", 123) == ("time.example.net", 123)
