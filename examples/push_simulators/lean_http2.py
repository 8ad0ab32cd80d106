"""HTTP/2's server side for being loaded: it counts requests, and answers all of them with 200.

It asks clients to keep no table of header fields (RFC 7541 section 4.2).  Once they have agreed,
a block of fields says everything by itself, and only what is wanted of it needs to be read: the
push's id, in the very octets it came in.  Until then, and for samples, hpack reads blocks whole.
"""

import time
from collections.abc import Callable
from typing import Any

from attrs import define, field
from hpack import Decoder
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.huffman_table import decode_huffman
from hyperframe.frame import SettingsFrame
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 0x0, 0x1, 0x3, 0x4, 0x6, 0x9
END_STREAM, END_HEADERS, PADDED, PRIORITY = 0x1, 0x4, 0x8, 0x20
ACK = 0x1
WINDOW = 2**30
"""Octets a client may send before it is told to go on; it is told after half of them."""
LARGEST_FRAME = 2**14
"""Octets; we announce no other (RFC 9113 section 4.2)."""
MOST_IDS = 10_000_000
"""Ids that are told from duplicates: a gigabyte of memory, and far more than a bench sends."""

_PUSH_ID = b"apns-id"
_HUFFMAN = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)
_SHORT = _HUFFMAN.encode(_PUSH_ID)
_NAMES = (bytes([len(_PUSH_ID)]) + _PUSH_ID, bytes([0x80 | len(_SHORT)]) + _SHORT)
"""The name as a string literal (RFC 7541 section 5.2), as it is and in Huffman's code."""
_OK = b"\x88"
"""`:status: 200`, of the static table."""


@define(eq=False)
class Tally:
    """What all connections have seen together."""

    requests: int = 0
    octets: int = 0
    """Of bodies."""
    duplicates: int = 0
    connections: int = 0
    lost: int = 0
    """Requests that were begun and not finished."""
    faults: int = 0
    ids: set[bytes] = field(factory=set)
    times: dict[bytes, float] | None = None
    """When each push had come whole, on the machine's monotonic clock; None: it is not noted."""

    def arrived(self) -> dict[str, float]:
        """Return when pushes came, by their ids, and forget it."""
        if self.times is None:
            return {}
        times, self.times = self.times, {}
        return {_said(literal): at for literal, at in times.items()}

    def facts(self) -> dict[str, int]:
        """Return the numbers."""
        names = ("requests", "octets", "duplicates", "connections", "lost", "faults")
        return {**{name: getattr(self, name) for name in names}, "ids": len(self.ids)}


class LeanConnection(Protocol):
    """One connection."""

    transport: Any

    def __init__(self, tally: Tally, limit: int, sample: Callable[[Any, bytes], bool]) -> None:
        """Prepare.

        Args:
            tally: counts.
            limit: of streams.
            sample: is shown a request that was read whole, and tells whether it was right.
        """
        self._tally = tally
        self._limit = limit
        self._sample = sample
        self._rest: bytes = b""
        self._greeted = False
        self._agreed = False
        self._decoder = Decoder()
        self._block: list[bytes] = []
        self._has_body = True
        self._open: dict[int, bytes] = {}
        """Stream to the string literal of its push's id."""
        self._fields: dict[int, tuple[Any, list[bytes]]] = {}
        """Of requests that are samples: fields, and parts of the body."""
        self._owed = 0
        self._answers: list[bytes] = []

    def connectionMade(self) -> None:
        """Send our settings, and a large window."""
        self._tally.connections += 1
        settings = SettingsFrame(settings={0x1: 0, 0x3: self._limit, 0x4: 2**20})
        self.transport.write(settings.serialize() + _window(WINDOW - 65_535))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Count what was not finished."""
        self._tally.lost += len(self._open)

    def dataReceived(self, data: bytes) -> None:
        """Take frames."""
        if self._rest:
            data = self._rest + data
        at = 0
        if not self._greeted:
            if len(data) < len(PREFACE):
                self._rest = data
                return
            at = len(PREFACE)
            self._greeted = True
        end = len(data)
        while end - at >= 9:
            length = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
            if length > LARGEST_FRAME:
                self.transport.abortConnection()
                return
            if end - at < 9 + length:
                break
            stream = int.from_bytes(data[at + 5 : at + 9]) & 0x7FFFFFFF
            body = data[at + 9 : at + 9 + length]
            self._frame(data[at + 3], data[at + 4], stream, body)
            at += 9 + length
        self._rest = data[at:]
        if self._answers:
            self.transport.write(b"".join(self._answers))
            self._answers.clear()

    def _frame(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if kind == DATA:
            self._owed += len(body)
            self._tally.octets += len(body)
            if self._fields and stream in self._fields:
                self._fields[stream][1].append(body)
            if flags & END_STREAM:
                self._answer(stream)
        elif kind in (HEADERS, CONTINUATION):
            if kind == HEADERS:
                self._has_body = not flags & END_STREAM
                body = _without_padding(body, flags)
            self._block.append(body)
            if flags & END_HEADERS:
                block, self._block = b"".join(self._block), []
                self._begin(stream, block)
                if not self._has_body:
                    self._answer(stream)
        elif kind == SETTINGS:
            if flags & ACK:
                self._agreed = True
            else:
                self._answers.append(b"\0\0\0\4\1\0\0\0\0")
        elif kind == PING and not flags & ACK:
            self._answers.append(b"\0\0\x08\6\1\0\0\0\0" + body)
        elif kind == RST_STREAM and self._open.pop(stream, None) is not None:
            self._fields.pop(stream, None)
            self._tally.lost += 1

    def _begin(self, stream: int, block: bytes) -> None:
        if self._agreed and self._tally.requests % 1000:
            self._open[stream] = push_id(block)
            return
        fields = self._decoder.decode(block, raw=True)
        value = dict(fields).get(_PUSH_ID, b"")
        self._open[stream] = push_id(block) if self._agreed else _literal(value)
        self._fields[stream] = (fields, [])

    def _answer(self, stream: int) -> None:
        literal = self._open.pop(stream, None)
        if literal is None:
            return
        tally = self._tally
        tally.requests += 1
        if literal in tally.ids:
            tally.duplicates += 1
        elif len(tally.ids) < MOST_IDS:
            tally.ids.add(literal)
        if tally.times is not None and len(tally.times) < MOST_IDS:
            tally.times[literal] = time.monotonic()
        if self._fields and stream in self._fields:
            fields, parts = self._fields.pop(stream)
            tally.faults += not self._sample(fields, b"".join(parts))
        block = b"%b\0%b%b" % (_OK, _NAMES[0], literal)
        head = b"\0%b\1\5" % len(block).to_bytes(2)
        self._answers.append(b"%b%b%b" % (head, stream.to_bytes(4), block))
        if self._owed > WINDOW // 2:
            self._answers.append(_window(self._owed))
            self._owed = 0


def push_id(block: bytes) -> bytes:
    """Return the string literal of the push's id in a block that uses no dynamic table."""
    for name in _NAMES:
        found = block.find(name)
        # One octet before says that a literal with a new name begins here.
        if found > 0 and block[found - 1] in (0x00, 0x10, 0x40):
            start = found + len(name)
            return block[start : start + 1 + (block[start] & 0x7F)]
    return b"\0"


def _literal(value: bytes) -> bytes:
    """Write an id as senders do: in Huffman's code where that is shorter."""
    short = _HUFFMAN.encode(value)
    if len(short) < len(value):
        return bytes([0x80 | len(short)]) + short
    return bytes([len(value)]) + value


def _said(literal: bytes) -> str:
    """Read an id that was written as a string literal."""
    octets = literal[1:]
    return (decode_huffman(octets) if literal[0] & 0x80 else octets).decode("latin-1")


def _without_padding(body: bytes, flags: int) -> bytes:
    start, end = 0, len(body)
    if flags & PADDED:
        start, end = 1, end - body[0]
    return body[start + (5 if flags & PRIORITY else 0) : end]


def _window(more: int) -> bytes:
    return b"\0\0\4\x08\0\0\0\0\0" + more.to_bytes(4)
