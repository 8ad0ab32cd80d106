"""Asks the kernel about interfaces, addresses and routes (rtnetlink(7))."""

import errno
import os
import socket
import struct
from collections.abc import Iterator
from typing import Final

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
        """Open it; it needs no privilege."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.bind((0, 0))
        # Answers are there when a question has been sent; a dump's next part when one was read.
        self._socket.setblocking(False)
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._sequence = 0

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def ask(self, kind: int, body: bytes, flags: int = 0) -> Iterator[tuple[int, memoryview]]:
        """Ask; yields types and bodies of the answers, which are good until the next.

        Raises:
            OSError: the kernel has none.
        """
        self._sequence = sequence = self._sequence % 0x7FFFFFFF + 1
        size = HEADER.size + len(body)
        self._socket.send(HEADER.pack(size, kind, REQUEST | flags, sequence, 0) + body)
        while True:
            end, at = self._socket.recv_into(self._buffer), 0
            while at + HEADER.size <= end:
                length, kind, _, about, _ = HEADER.unpack_from(self._buffer, at)
                if length < HEADER.size:
                    return
                if about == sequence:
                    if kind == DONE:
                        return
                    if kind == ERROR:
                        (number,) = _NUMBER.unpack_from(self._buffer, at + HEADER.size)
                        raise OSError(-number, os.strerror(-number))
                    yield kind, self._view[at + HEADER.size : at + length]
                    if not flags & DUMP:
                        return
                at += length + 3 & ~3


class News:
    """A socket that hears of changes."""

    def __init__(self) -> None:
        """Open it; it needs no privilege."""
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.bind((0, NEWS))
        self._socket.setblocking(False)
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


def attributes(body: memoryview, at: int) -> Iterator[tuple[int, memoryview]]:
    """Yield types and values of the attributes after `at` octets of a body."""
    end = len(body)
    while at + 4 <= end:
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        if length < 4:
            return
        yield kind & _NESTED, body[at + 4 : at + length]
        at += length + 3 & ~3
