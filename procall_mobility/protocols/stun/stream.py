"""Cuts a stream into STUN messages and ChannelData (RFC 8489 6.2.2, RFC 8656 12.5)."""

import struct

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.codes import HEADER_SIZE, MAGIC_COOKIE

LARGEST_MESSAGE = 65_507
"""Octets of a STUN message with its header: a Send indication carries at most a datagram."""


_HEADER = struct.Struct("!HH").unpack_from
"""Of ChannelData: the channel's number, and how long the data are."""


class Unframer:
    """Gathers octets and gives whole messages; it holds at most one that is not complete."""

    __slots__ = ("_at", "_channels_below", "_channels_end", "_heard")

    def __init__(self, *, old_channels: bool = False) -> None:
        """Follow a stream; `old_channels` may have numbers up to 0x7FFF (RFC 5766)."""
        self._heard = b""
        self._at = 0
        """Where in `_heard` the next message begins: many small ones are not moved for each."""
        self._channels_end = 0x80 if old_channels else 0x50
        self._channels_below = 0x40
        """ChannelData never comes first: an HTTP request begins like some of it."""

    @property
    def waiting(self) -> int:
        """How many octets wait for the rest of their message."""
        return len(self._heard) - self._at

    def hears(self, data: bytes) -> None:
        """Take octets; call `take` until it gives nothing before the next ones."""
        self._heard = self.rest() + data

    def take_frames(self) -> list[tuple[int, memoryview]]:
        """Return all ChannelData that comes next and is whole: numbers, and frames unpadded."""
        heard, at, below = self._heard, self._at, self._channels_below
        view, end = memoryview(heard), len(heard) - 4
        found = []
        while at <= end and 0x40 <= heard[at] < below:
            number, length = _HEADER(heard, at)
            whole = at + 4 + length
            padded = whole + (-length & 3)
            if padded > end + 4:
                break
            found.append((number, view[at:whole]))
            at = padded
        self._at = at
        return found

    def take(self) -> bytes | None:
        """Return the next message, ChannelData without its padding; None when there is none yet.

        Raises:
            PeerError: what comes is neither; the stream cannot be followed any more.
        """
        heard, at = self._heard, self._at
        if len(heard) < at + 4:
            return None
        first, length = heard[at], heard[at + 2] << 8 | heard[at + 3]
        if first <= 0x3F:
            size = padded = HEADER_SIZE + length
            cookie = heard[at + 4 : at + 8]
            if length & 3 or size > LARGEST_MESSAGE or not MAGIC_COOKIE.startswith(cookie):
                raise PeerError("protocol-error", "neither STUN nor channel data")
            self._channels_below = self._channels_end
        elif first < self._channels_below:
            size = 4 + length
            padded = size + (-size & 3)
        else:
            raise PeerError("protocol-error", "neither STUN nor channel data")
        if len(heard) < at + padded:
            return None
        self._at = at + padded
        return heard[at : at + size]

    def rest(self) -> bytes:
        """Return what is left, which is no message of ours any more."""
        rest = self._heard[self._at :]
        self._heard, self._at = b"", 0
        return rest
