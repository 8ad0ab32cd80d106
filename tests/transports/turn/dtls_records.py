"""Records of DTLS as clients begin with."""

import struct

RANDOM = bytes(range(32))


def record(body: bytes, kind: int = 22, epoch: int = 0) -> bytes:
    return struct.pack("!BHHHLH", kind, 0xFEFD, epoch, 0, 7, len(body)) + body


def fragment(body: bytes, *, kind: int = 1, length: int | None = None, offset: int = 0) -> bytes:
    """One handshake message, or a piece of it."""
    total = len(body) if length is None else length
    head = bytes((kind,)) + total.to_bytes(3) + b"\0\1"
    return head + offset.to_bytes(3) + len(body).to_bytes(3) + body


HELLO = b"\xfe\xfd" + RANDOM + b"\0\0" + b"\0\2\xc0\x2f" + b"\1\0"
