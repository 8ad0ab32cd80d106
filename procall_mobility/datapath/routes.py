"""The ways out of this machine, asked of the kernel and remembered for a moment."""

import contextlib
import socket
import struct
from typing import Final

from procall_mobility.datapath.interfaces import Interface, interface_of, link_request
from procall_mobility.datapath.layout import LARGEST_MTU
from procall_mobility.datapath.netlink import GET_LINK, GET_ROUTE, Netlink, News, attributes
from procall_mobility.datapath.ports import Route

GOOD_FOR: Final = 1.0
"""Seconds an answer is taken again: a path's MTU changes without a word."""

MOST_KNOWN: Final = 4096
"""Answers remembered; a second does not bring so many new peers."""

_ROUTE: Final = struct.Struct("=BBBBBBBBI")
"""family, lengths of prefixes, TOS, table, protocol, scope, type, flags (`struct rtmsg`)."""

_HEAD: Final = struct.Struct("=HH")
_NUMBER: Final = struct.Struct("=I")
_KIND: Final = 7
_UNICAST: Final = 1
"""`RTN_UNICAST`: neither to ourselves, nor to many, nor to nobody."""

_TO, _FROM, _OUT, _GATEWAY, _PREFERRED, _METRICS, _VIA, _ENCAP = 1, 2, 4, 5, 7, 8, 18, 22
_MTU_METRIC: Final = 2


class Routes:
    """Finds ways by Ethernet; others are none, as the program writes no other headers."""

    def __init__(self) -> None:
        """Open the sockets."""
        self._netlink = Netlink()
        self._news = News()
        self._known: dict[tuple[bytes, bytes | None], Route | None] = {}
        self._interfaces: dict[int, Interface | None] = {}
        self._since = float("-inf")

    def find(self, to: bytes, source: bytes | None, now: float) -> Route | None:
        """Return the way to a host by Ethernet, for packets from an address of ours if given."""
        if now - self._since >= GOOD_FOR or len(self._known) >= MOST_KNOWN:
            self._forget()
            self._since = now
        key = to, source
        try:
            return self._known[key]
        except KeyError:
            route = self._known[key] = self._ask(to, source)
            return route

    def has_changed(self) -> bool:
        """Tell whether routes, addresses or interfaces have changed since the last call."""
        if not self._news.have_come():
            return False
        self._forget()
        return True

    def close(self) -> None:
        """Close the sockets."""
        self._netlink.close()
        self._news.close()

    def _forget(self) -> None:
        self._known.clear()
        self._interfaces.clear()

    def _ask(self, to: bytes, source: bytes | None) -> Route | None:
        size = len(to)
        bits, family = 8 * size, socket.AF_INET if size == 4 else socket.AF_INET6
        head = _HEAD.pack(4 + size, _TO)
        if source is None:
            body = _ROUTE.pack(family, bits, 0, 0, 0, 0, 0, 0, 0) + head + to
        else:
            body = _ROUTE.pack(family, bits, bits, 0, 0, 0, 0, 0, 0) + head + to
            body += _HEAD.pack(4 + size, _FROM) + source
        try:
            return self._route_of(self._netlink.ask(GET_ROUTE, body), to, source)
        except OSError:  # There is no way.
            return None

    def _route_of(self, body: memoryview, to: bytes, source: bytes | None) -> Route | None:
        if body[_KIND] != _UNICAST:
            return None
        index = mtu = 0
        hop = to
        at, end, head, number = _ROUTE.size, len(body), _HEAD.unpack_from, _NUMBER.unpack_from
        while at < end:
            length, kind = head(body, at)
            if kind == _OUT:
                (index,) = number(body, at + 4)
            elif kind == _GATEWAY:
                hop = bytes(body[at + 4 : at + length])
            elif kind == _VIA:  # Of the other family.
                hop = b""
            elif kind == _ENCAP:  # The route puts headers in front that the program does not.
                return None
            elif kind == _PREFERRED and source is None:
                source = bytes(body[at + 4 : at + length])
            elif kind == _METRICS:
                found = attributes(body[: at + length], at + 4).get(_MTU_METRIC)
                mtu = number(found)[0] if found else 0
            at += length + 3 & ~3
        # Only now: the next question overwrites this answer.
        interface = self._interface(index) if index else None
        if interface is None or not interface.is_ethernet or source is None:
            return None
        return Route(index, min(mtu or interface.mtu, interface.mtu, LARGEST_MTU), source, hop)

    def _interface(self, index: int) -> Interface | None:
        if index not in self._interfaces:
            self._interfaces[index] = None
            with contextlib.suppress(OSError):  # It has gone since.
                body = self._netlink.ask(GET_LINK, link_request(index))
                self._interfaces[index] = interface_of(body)
        return self._interfaces[index]
