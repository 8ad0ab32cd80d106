"""STUN and TURN URIs: the examples of RFC 7064 and RFC 7065, and what is none."""

import pytest

from procall_mobility.protocols.stun.uris import Carrier, Uri, parse_uri

UDP, TCP, TLS, DTLS = Carrier.UDP, Carrier.TCP, Carrier.TLS, Carrier.DTLS


@pytest.mark.parametrize(
    ("text", "host", "port", "carrier", "is_turn"),
    [
        ("stun:example.org", "example.org", 3478, UDP, False),
        ("stuns:example.org", "example.org", 5349, TLS, False),
        ("stun:example.org:8000", "example.org", 8000, UDP, False),
        ("turn:example.org", "example.org", 3478, UDP, True),
        ("turns:example.org", "example.org", 5349, TLS, True),
        ("turn:example.org:8000", "example.org", 8000, UDP, True),
        ("turn:example.org?transport=udp", "example.org", 3478, UDP, True),
        ("turn:example.org?transport=tcp", "example.org", 3478, TCP, True),
        ("turns:example.org?transport=tcp", "example.org", 5349, TLS, True),
        ("turns:example.org?transport=udp", "example.org", 5349, DTLS, True),
        ("TURN:192.0.2.1:443?transport=TCP", "192.0.2.1", 443, TCP, True),
        ("turn:[2001:db8::1]:3478", "2001:db8::1", 3478, UDP, True),
        ("stun:[::1]", "::1", 3478, UDP, False),
    ],
)
def test_an_address_says_where_and_how(
    text: str, host: str, port: int, carrier: Carrier, is_turn: bool
) -> None:
    """RFC 7064 section 3 and appendix; RFC 7065 section 3 and appendix."""
    assert parse_uri(text) == Uri(host, port, carrier, is_turn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn",
        "turn:",
        "http://example.org",
        "turn://example.org",
        "turn:user@example.org",
        "turn:2001:db8::1",
        "turn:[2001:db8::1",
        "turn:example.org:",
        "turn:example.org:0",
        "turn:example.org:65536",
        "turn:example.org?transport=sctp",
        "turn:example.org?transport=",
        "stun:example.org?transport=udp",
        "turn:example.org\n",
    ],
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"no STUN or TURN address|a port is|name a transport"):
        parse_uri(text)
