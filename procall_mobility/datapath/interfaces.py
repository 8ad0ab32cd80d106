"""The interfaces of this machine, and which of them the program is attached to."""

import ipaddress
import struct
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.netlink import (
    GET_ADDRESS,
    GET_LINK,
    Netlink,
    attributes,
)

ETHERNET: Final = 1
"""`ARPHRD_ETHER`: what bonds, bridges and VLANs are as well, but no tunnel and no loopback."""

_LINK: Final = struct.Struct("=BxHiII")
"""family, type, index, flags, changed (`struct ifinfomsg`)."""

_ADDRESS: Final = struct.Struct("=BBBBI")
"""family, length of the prefix, flags, scope, index (`struct ifaddrmsg`)."""

_NUMBER: Final = struct.Struct("=I")
_UP: Final = 1
_LINK_NAME, _LINK_MTU = 3, 4
_ADDRESS_FAR, _ADDRESS_LOCAL = 1, 2


@frozen(kw_only=True)
class Interface:
    """An interface."""

    name: str
    index: int
    mtu: int
    is_ethernet: bool
    is_up: bool


def interface_of(body: memoryview) -> Interface:
    """Return the interface a message tells of."""
    _, kind, index, flags, _ = _LINK.unpack_from(body)
    found = attributes(body, _LINK.size)
    return Interface(
        name=bytes(found[_LINK_NAME]).rstrip(b"\0").decode("utf-8", "replace"),
        index=index,
        mtu=_NUMBER.unpack(found[_LINK_MTU])[0],
        is_ethernet=kind == ETHERNET,
        is_up=bool(flags & _UP),
    )


def link_request(index: int) -> bytes:
    """Return the body of the question for one interface; 0 is every one, in a dump."""
    return _LINK.pack(0, 0, index, 0, 0)


def interfaces(netlink: Netlink) -> list[Interface]:
    """Return the interfaces of this machine."""
    return [interface_of(body) for body in netlink.list(GET_LINK, link_request(0))]


def addresses(netlink: Netlink) -> list[tuple[int, str]]:
    """Return the addresses of this machine, each with its interface's index."""
    request = _ADDRESS.pack(*bytes(5))
    return [_address_of(body) for body in netlink.list(GET_ADDRESS, request)]


def _address_of(body: memoryview) -> tuple[int, str]:
    index = _ADDRESS.unpack_from(body)[4]
    found = attributes(body, _ADDRESS.size)
    # On a line between two hosts the first one is the other's.
    octets = found.get(_ADDRESS_LOCAL, found.get(_ADDRESS_FAR, memoryview(bytes(4))))
    return index, str(ipaddress.ip_address(bytes(octets)))


def chosen(
    known: Sequence[Interface],
    held: Iterable[tuple[int, str]],
    names: Sequence[str],
    hosts: Sequence[str],
) -> list[Interface]:
    """Return the interfaces whose packets matter.

    Args:
        known: the interfaces there are.
        held: their addresses.
        names: those that were asked for; when there are none, the next decide.
        hosts: addresses we listen at and relay from; a wildcard is every address of its family.

    Raises:
        CannotCarry: an interface asked for is none, or none has such an address.
    """
    if names:
        return [_named(name, known) for name in dict.fromkeys(names)]
    wanted = {ipaddress.ip_address(host) for host in hosts}
    families = {each.version for each in wanted if each.is_unspecified}
    holders = {
        index
        for index, text in held
        if (address := ipaddress.ip_address(text)) in wanted or address.version in families
    }
    found = [each for each in known if each.is_ethernet and each.is_up and each.index in holders]
    if not found:
        raise CannotCarry(
            "no Ethernet interface has an address of the relay",
            "name the interfaces its packets come in by (on loopback Python always relays)",
        )
    return found


def _named(name: str, known: Sequence[Interface]) -> Interface:
    for each in known:
        if each.name == name:
            if not each.is_ethernet:
                raise CannotCarry(f"{name} is no Ethernet interface", "name others")
            return each
    there = ", ".join(each.name for each in known)
    raise CannotCarry(f"there is no interface {name}", f"name some of {there}")
