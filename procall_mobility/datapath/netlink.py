"""Asks the kernel about interfaces, addresses and routes (rtnetlink(7))."""

import errno
import os
import socket
import struct
from collections.abc import Iterator
from typing import Final

from procall_mobility.datapath.errors import CannotCarry

HEADER: Final = struct.Struct("=IHHII")
"""length, type, flags, sequence number, port (`struct nlmsghdr`)."""

REQUEST: Final = 1
DUMP: Final = 0x300
ERROR, DONE = 2, 3
NEW_LINK, GET_LINK = 16, 18
NEW_ADDRESS, GET_ADDRESS = 20, 22
NEW_ROUTE, GET_ROUTE = 24, 26

LINKS: Final = 0x1
IPV4_ADDRESSES, IPV4_ROUTES, IPV4_RULES = 0x10, 0x40, 0x80
IPV6_ADDRESSES, IPV6_ROUTES, IPV6_RULES = 0x100, 0x400, 1 << 18
ALLOW: Final = "allow sockets of AF_NETLINK (systemd: RestrictAddressFamilies=)"

NEWS: Final = (
    LINKS | IPV4_ADDRESSES | IPV4_ROUTES | IPV4_RULES | IPV6_ADDRESSES | IPV6_ROUTES | IPV6_RULES
)
"""Multicast groups that tell of what ways out are made of."""

BUFFER: Final = 65_536
"""Octets read at a time; the kernel makes no longer messages."""

MOST_NEWS: Final = 1024
"""Messages read at a time: a router that learns a million routes shall not stop us."""

_ATTRIBUTE: Final = struct.Struct("=HH")
_NUMBER: Final = struct.Struct("=i")
_NESTED: Final = 0x3FFF
"""The bits of an attribute's type beside its flags."""


class Netlink:
    """A socket of NETLINK_ROUTE."""

    def __init__(self) -> None:
        """Open it; it needs no privilege.

        Raises:
            CannotCarry: such sockets are forbidden.
        """
        # Answers are there when a question has been sent; a dump's next part when one was read.
        self._socket = _open(0)
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._sequence = 0

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def ask(self, kind: int, body: bytes) -> memoryview:
        """Ask for one thing; returns the answer's body, which is good until the next question.

        Raises:
            OSError: the kernel has none.
        """
        sequence = self._send(kind, body, REQUEST)
        while True:
            self._socket.recv_into(self._buffer)
            length, kind, _, about, _ = HEADER.unpack_from(self._buffer)
            if about == sequence:
                self._raise_if_error(kind, 0)
                return self._view[HEADER.size : length]

    def list(self, kind: int, body: bytes) -> Iterator[memoryview]:
        """Ask for all there are; yields the answers' bodies, each of which is good until the next.

        Raises:
            OSError: the kernel has none.
        """
        sequence = self._send(kind, body, REQUEST | DUMP)
        while True:
            end, at = self._socket.recv_into(self._buffer), 0
            while at < end:
                length, kind, _, about, _ = HEADER.unpack_from(self._buffer, at)
                if about == sequence:
                    if kind == DONE:
                        return
                    self._raise_if_error(kind, at)
                    yield self._view[at + HEADER.size : at + length]
                at += length + 3 & ~3

    def _send(self, kind: int, body: bytes, flags: int) -> int:
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        header = HEADER.pack(HEADER.size + len(body), kind, flags, self._sequence, 0)
        self._socket.send(header + body)
        return self._sequence

    def _raise_if_error(self, kind: int, at: int) -> None:
        if kind == ERROR:
            (number,) = _NUMBER.unpack_from(self._buffer, at + HEADER.size)
            raise OSError(-number, os.strerror(-number))


class News:
    """A socket that hears of changes."""

    def __init__(self) -> None:
        """Open it; it needs no privilege.

        Raises:
            CannotCarry: such sockets are forbidden.
        """
        self._socket = _open(NEWS)
        self._buffer = bytearray(BUFFER)

    def have_come(self) -> bool:
        """Tell whether something has changed since the last call."""
        have_come = False
        for _ in range(MOST_NEWS):
            try:
                self._socket.recv_into(self._buffer)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                # So many that some were lost.
            have_come = True
        return have_come

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def _open(groups: int) -> socket.socket:
    try:
        opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        opened.bind((0, groups))
    except OSError as error:
        reason = f"the kernel cannot be asked for routes ({error.strerror})"
        raise CannotCarry(reason, ALLOW) from error
    opened.setblocking(False)
    return opened


def attributes(body: memoryview, at: int) -> dict[int, memoryview]:
    """Return the attributes after `at` octets of a body, by type."""
    found, end, unpack = {}, len(body), _ATTRIBUTE.unpack_from
    while at < end:
        length, kind = unpack(body, at)
        found[kind & _NESTED] = body[at + 4 : at + length]
        at += length + 3 & ~3
    return found
