"""A machine knows its addresses: those it has, those that lead out, whom it asks for names."""

import errno
import ipaddress
import socket
from pathlib import Path

import pytest

from procall_mobility.transports import own_addresses as module
from procall_mobility.transports.own_addresses import (
    leading_addresses,
    own_addresses,
    resolvers,
    spelled_out,
)

OURS = ("127.0.0.1", "198.51.100.7", "2001:db8::7", "::1")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "own_addresses", lambda: OURS)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("listener", "hosts"),
    [
        ("0.0.0.0", ["127.0.0.1", "198.51.100.7"]),
        ("::", ["2001:db8::7", "::1"]),
        ("192.0.2.9", ["192.0.2.9"]),
        ("2001:db8::9", ["2001:db8::9"]),
    ],
)
def test_a_wildcard_is_each_address_of_its_family(listener: str, hosts: list[str]) -> None:
    assert spelled_out(((listener, 3478),)) == tuple((each, 3478) for each in hosts)


@pytest.mark.usefixtures("machine")
def test_what_a_wildcard_has_brought_is_not_listened_on_twice() -> None:
    """The order of the operator stays, and another port is another listener."""
    listeners = (("198.51.100.7", 3478), ("0.0.0.0", 3478), ("127.0.0.1", 80), ("127.0.0.1", 3478))
    assert spelled_out(listeners) == (
        ("198.51.100.7", 3478),
        ("127.0.0.1", 3478),
        ("127.0.0.1", 80),
    )


def test_no_listener_is_no_listener() -> None:
    assert spelled_out(()) == ()


def test_every_address_of_this_machine_can_be_bound() -> None:
    """Whatever machine it is; in canonical text, IPv4 first, and each named once."""
    found = own_addresses()
    assert "127.0.0.1" in found
    for host in found:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((host, 0))
    assert list(found) == [str(ipaddress.ip_address(each)) for each in found]
    assert list(found) == sorted(set(found), key=lambda host: (":" in host, host))


def test_addresses_of_one_link_only_are_left_out() -> None:
    """The kernel's own list says what there is."""
    kernel = Path("/proc/net/if_inet6")
    lines = kernel.read_text().splitlines() if kernel.exists() else []
    there = {ipaddress.IPv6Address(bytes.fromhex(line.split()[0])) for line in lines}
    expected = {str(each) for each in there if not each.is_link_local}
    assert {each for each in own_addresses() if ":" in each} == expected
    assert not any(ipaddress.ip_address(each).is_link_local for each in own_addresses())


def test_what_leads_to_the_internet_is_ours() -> None:
    """One of a family at most, and none of loopback."""
    found = leading_addresses()
    assert set(found) <= set(own_addresses())
    assert len({":" in each for each in found}) == len(found)
    assert not any(ipaddress.ip_address(each).is_loopback for each in found)


def test_the_way_to_loopback_starts_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The routing table is asked, the name service is not."""
    monkeypatch.setattr(module, "_DOCUMENTATION", {socket.AF_INET: "127.0.0.9"})
    assert leading_addresses() == ("127.0.0.1",)


def test_a_family_without_a_way_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broadcast is not permitted to an ordinary socket: it stands for a missing route."""
    nowhere = {socket.AF_INET: "255.255.255.255", socket.AF_INET6: "::1"}
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        pytest.raises(OSError) as raised,
    ):
        sock.connect((nowhere[socket.AF_INET], 9))
    assert raised.value.errno in (errno.EACCES, errno.ENETUNREACH)
    monkeypatch.setattr(module, "_DOCUMENTATION", nowhere)
    assert leading_addresses() == ("::1",)


# Whom it asks for names -------------------------------------------------------------------

RESOLV_CONF = """\
# nameserver 192.0.2.1
; nameserver 192.0.2.2
domain example.net
nameserver 127.0.0.53
nameserver\t2001:DB8:0::53   trailing words
 nameserver ::ffff:10.0.0.53
nameserver fe80::1%eth0
nameserver
nameserver somewhere
nameservers 192.0.2.3
nameserver 127.0.0.53
options timeout:1
"""


@pytest.fixture
def resolv_conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    files = (tmp_path / "resolv.conf", tmp_path / "upstream.conf")
    monkeypatch.setattr(module, "RESOLVER_FILES", files)
    return files


def test_a7_resolvers_are_read_from_where_the_system_reads_them(
    resolv_conf: tuple[Path, Path],
) -> None:
    """A7: resolv.conf(5); what is no address is passed over."""
    resolv_conf[0].write_text(RESOLV_CONF)
    assert resolvers() == ("127.0.0.53", "2001:db8::53", "10.0.0.53", "fe80::1")


def test_a7_those_behind_a_local_resolver_are_resolvers_too(
    resolv_conf: tuple[Path, Path],
) -> None:
    """A7: systemd-resolved has its own address in one file, and those it asks in another."""
    resolv_conf[0].write_text("nameserver 127.0.0.53\n")
    resolv_conf[1].write_bytes(b"# \xff\nnameserver 10.0.0.53\n")
    assert resolvers() == ("127.0.0.53", "10.0.0.53")


@pytest.mark.usefixtures("resolv_conf")
def test_without_a_resolver_this_machine_is_its_own() -> None:
    """resolv.conf(5)."""
    assert resolvers() == ("127.0.0.1",)
