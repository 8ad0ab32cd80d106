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
_UNICAST: Final = 1
"""`RTN_UNICAST`: neither to ourselves, nor to many, nor to nobody."""

_TO, _FROM, _OUT, _PREFERRED, _METRICS = 1, 2, 4, 7, 8
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
        bits, size = 8 * len(to), 4 + len(to)
        family = socket.AF_INET if bits == 32 else socket.AF_INET6
        request = _ROUTE.pack(family, bits, bits if source else 0, 0, 0, 0, 0, 0, 0)
        request += _HEAD.pack(size, _TO) + to
        if source:
            request += _HEAD.pack(size, _FROM) + source
        with contextlib.suppress(OSError):  # There is no way.
            for _, body in self._netlink.ask(GET_ROUTE, request):
                return self._route_of(body, source)
        return None

    def _route_of(self, body: memoryview, source: bytes | None) -> Route | None:
        if _ROUTE.unpack_from(body)[7] != _UNICAST:
            return None
        found = dict(attributes(body, _ROUTE.size))
        source = source or bytes(found.get(_PREFERRED, b""))
        if _OUT not in found or not source:
            return None
        index = _NUMBER.unpack(found[_OUT])[0]
        metrics = dict(attributes(found[_METRICS], 0)) if _METRICS in found else {}
        mtu = _NUMBER.unpack(metrics[_MTU_METRIC])[0] if _MTU_METRIC in metrics else 0
        # Only now: the next question overwrites this answer.
        interface = self._interface(index)
        if interface is None or not interface.is_ethernet:
            return None
        return Route(index, min(mtu or interface.mtu, interface.mtu, LARGEST_MTU), source)

    def _interface(self, index: int) -> Interface | None:
        if index not in self._interfaces:
            self._interfaces[index] = None
            with contextlib.suppress(OSError):  # It has gone since.
                for _, body in self._netlink.ask(GET_LINK, link_request(index)):
                    self._interfaces[index] = interface_of(body)
        return self._interfaces[index]
