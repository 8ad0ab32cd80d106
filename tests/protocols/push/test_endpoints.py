"""Endpoints come from strangers: which are ones, which are called, and at which addresses."""

from ipaddress import IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.endpoints import (
    LONGEST,
    Endpoint,
    EndpointPolicy,
    ForbiddenEndpoint,
    endpoint,
)
from procall_mobility.protocols.push.unsayable import MalformedToken, Unsayable

PUBLIC = "20.1.2.3"


@pytest.mark.parametrize(
    ("text", "found", "origin"),
    [
        (
            "https://push.example.com/abc",
            Endpoint("push.example.com", 443, "/abc"),
            "https://push.example.com",
        ),
        (
            "https://Push.Example.COM/Abc",
            Endpoint("push.example.com", 443, "/Abc"),
            "https://push.example.com",
        ),
        (
            "https://push.example.com:443/",
            Endpoint("push.example.com", 443, "/"),
            "https://push.example.com",
        ),
        (
            "https://push.example.com:8443/x",
            Endpoint("push.example.com", 8443, "/x"),
            "https://push.example.com:8443",
        ),
        (
            "https://push.example.com",
            Endpoint("push.example.com", 443, "/"),
            "https://push.example.com",
        ),
        (
            "https://push.example.com?token=a%2Fb",
            Endpoint("push.example.com", 443, "/?token=a%2Fb"),
            "https://push.example.com",
        ),
        (
            "https://wns2-par02p.notify.windows.com/w/?token=BQY%3d&x=a:b@c",
            Endpoint("wns2-par02p.notify.windows.com", 443, "/w/?token=BQY%3d&x=a:b@c"),
            "https://wns2-par02p.notify.windows.com",
        ),
        (
            "https://[2001:DB8::1]:8443/x",
            Endpoint("2001:db8::1", 8443, "/x"),
            "https://[2001:db8::1]:8443",
        ),
        ("https://127.0.0.1:1/", Endpoint("127.0.0.1", 1, "/"), "https://127.0.0.1:1"),
    ],
)
def test_an_endpoint_is_read(text: str, found: Endpoint, origin: str) -> None:
    """RFC 3986; its origin as RFC 6454 section 6.1 writes it."""
    assert endpoint(text) == found
    assert found.origin == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https",
        "https:",
        "https://",
        "https:///x",
        "//push.example.com/x",
        "push.example.com",
        "http://push.example.com/x",
        "ftp://push.example.com/x",
        "file:///etc/passwd",
        "https:push.example.com/x",
        "https:/push.example.com",
        "https:\\\\push.example.com\\x",
        "https://user@push.example.com/x",
        "https://user:word@push.example.com/x",
        "https://push.example.com#x",
        "https://push.example.com/x#y",
        "https://push.example.com/a b",
        "https://push.example.com/\r\nhost: other",
        "https://push.example.com/x\n",
        "https://push.example.com\t/x",
        " https://push.example.com/x",
        "https://push.example.com\\@x/",
        "https://push.example.com:/x",
        "https://push.example.com:0/x",
        "https://push.example.com:65536/",
        "https://push.example.com:443x/",
        "https://push.example.com:-1/",
        "https://b\u00fccher.de/x",
        "https://push.example.com/\u00e4",
        "https://[::1/x",
        "https://::1/x",
        "https://[fe80::1%25eth0]/x",
        "https://push.example.com:4\u06634/",
        "https://push.exa%6dple.com/x",
        "https://[]/",
    ],
)
def test_what_is_no_endpoint_is_told_without_a_quotation(text: str) -> None:
    """No user information, no fragment, nothing that two parsers could read in two ways."""
    with pytest.raises(MalformedToken, match="endpoint") as caught:
        endpoint(text)
    assert "example" not in str(caught.value) and caught.value.__context__ is None


def test_an_endpoint_has_a_bound() -> None:
    longest = "https://push.example.com/".ljust(LONGEST, "x")
    assert endpoint(longest).host == "push.example.com"
    with pytest.raises(MalformedToken):
        endpoint(longest + "x")
    with pytest.raises(MalformedToken, match="up to 30 characters"):
        endpoint("https://push.example.com/abcdef", 30)


def test_an_endpoint_does_not_show_its_path() -> None:
    """Whoever knows it may send."""
    assert "secret" not in repr(endpoint("https://push.example.com/secret?secret"))


@pytest.mark.parametrize(
    "text", ["https://push.example.com/x", "https://push.example.com:1024/", "https://a.de:65535"]
)
def test_public_hosts_are_called(text: str) -> None:
    EndpointPolicy().check(endpoint(text))


@pytest.mark.parametrize(
    "text",
    [
        "https://localhost/x",
        "https://localhost.localdomain/",
        "https://intranet/x",
        "https://printer.local/",
        "https://db.internal/",
        "https://router.lan/x",
        "https://push.example.com./x",
        "https://127.0.0.1/x",
        "https://20.1.2.3/x",
        "https://[::1]/x",
        "https://[2a00::1]/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://127.1/",
        "https://0177.0.0.1/x",
        "https://1.1.1.1.nip.0x1/",
    ],
)
def test_hosts_that_are_not_public_names_are_not_called(text: str) -> None:
    """Not even public addresses: push services have certificates, and those have names."""
    with pytest.raises(ForbiddenEndpoint, match="name of the public DNS"):
        EndpointPolicy().check(endpoint(text))


@pytest.mark.parametrize("port", [1, 22, 25, 80, 442, 444, 445, 636, 993, 1023])
def test_ports_of_other_services_are_not_called(port: int) -> None:
    with pytest.raises(ForbiddenEndpoint, match="port") as caught:
        EndpointPolicy().check(endpoint(f"https://push.example.com:{port}/x"))
    assert caught.value.reason == "endpoint-forbidden"


def test_what_the_operator_allows_is_called_wherever_it_is() -> None:
    """A company's own push server has a private address, and the demo's is on this machine."""
    policy = EndpointPolicy(inside=frozenset({"push.intranet", "127.0.0.1"}))
    for text in (
        "https://push.intranet:81/x",
        "https://127.0.0.1:9/x",
        "https://push.example.com/",
    ):
        policy.check(endpoint(text))
    with pytest.raises(ForbiddenEndpoint):
        policy.check(endpoint("https://other.intranet/x"))
    assert policy.may_reach(endpoint("https://push.intranet/x"), "10.0.0.7")
    assert policy.may_reach(endpoint("https://push.intranet/x"), "no address")
    assert not policy.may_reach(endpoint("https://push.example.com/x"), "10.0.0.7")
    assert not policy.may_reach(endpoint("https://push.example.com/x"), "127.0.0.1")


@pytest.mark.parametrize(
    ("address", "is_reached"),
    [
        (PUBLIC, True),
        ("2a00:1450:4001:82a::200a", True),
        ("64:ff9b::1401:203", True),  # 20.1.2.3 through NAT64 (RFC 6052).
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("::ffff:20.1.2.3", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1401:203", False),
        ("push.example.com", False),
        ("", False),
        ("20.1.2", False),
        ("2130706433", False),
    ],
)
def test_a_name_is_called_at_public_addresses_alone(address: str, is_reached: bool) -> None:
    """Whatever a stranger's name server answers, and whatever clothes an address wears."""
    assert (
        EndpointPolicy().may_reach(endpoint("https://push.example.com/x"), address) is is_reached
    )


def test_an_operators_own_nat64_is_seen_through() -> None:
    policy = EndpointPolicy(nat64=(IPv6Network("2a00:64::/96"),))
    where = endpoint("https://push.example.com/x")
    assert policy.may_reach(where, "2a00:64::1401:203")
    assert not policy.may_reach(where, "2a00:64::a00:1")


URLISH = st.from_regex(r"https?://[a-z0-9.:@\[\]\\%-]{0,30}[/?#]?[ -~]{0,30}", fullmatch=True)


@given(st.text(max_size=100) | URLISH)
def test_any_text_is_an_endpoint_or_malformed(text: str) -> None:
    """And what is one has a host and a path that are safe in a request's head."""
    try:
        found = endpoint(text)
        EndpointPolicy().check(found)
    except Unsayable:
        return
    assert text.startswith("https://") and 0 < found.port < 65_536
    assert found.path.startswith("/") and found.path.isascii() and found.path.isprintable()
    assert " " not in found.path and found.host.isascii() and "@" not in found.host


@given(st.text(max_size=50) | st.ip_addresses().map(str))
def test_any_address_is_reached_or_not(address: str) -> None:
    EndpointPolicy().may_reach(endpoint("https://push.example.com/x"), address)
