"""Lays header fields out in memory as libnghttp2 wants them.

A provider's requests have the same names in the same order again and again: what follows from the
names alone is worked out once.
"""

import functools
import itertools
import struct
from collections.abc import Sequence

from attrs import frozen

from procall_mobility.protocols.push.exchange import ProviderRequest

MOST_OCTETS = 16_384
"""Of all names and values of a request; providers' tokens have up to some two thousand."""

NEVER_INDEXED = 0x01
"""NGHTTP2_NV_FLAG_NO_INDEX."""

OF_ONE_REQUEST = frozenset({"apns-id", "apns-expiration", "apns-collapse-id", "topic"})
"""Fields that are different in every request: in the compressor's table they would only drive out
what comes again (RFC 7541 section 6.2.2)."""

PSEUDO = (":method", ":scheme", ":authority", ":path")
"""They come first (RFC 9113 section 8.3.1)."""

PRINTABLE = bytes(range(0x20, 0x7F))
"""What values may have (RFC 9110 section 5.5); nothing that providers ask for needs more."""

MEMBERS = 5
"""Of `struct { char *name, *value; size_t namelen, valuelen; uint8_t flags; }`."""


@frozen
class _Plan:
    names: str
    places: list[int]
    """The members of all structures, zero where they follow from the values."""
    layout: struct.Struct


def names_and_values(
    request: ProviderRequest, scheme: str, authority: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all fields of a request, and their values."""
    names, values = zip(*request.headers, strict=True) if request.headers else ((), ())
    first = (request.method, scheme, authority, request.path)
    if not request.body:
        return PSEUDO + names, first + values
    length = str(len(request.body))
    return (*PSEUDO, *names, "content-length"), (*first, *values, length)


def lay_out(names: tuple[str, ...], values: Sequence[str], address: int) -> tuple[bytes, bytes]:
    """Return the text of all fields, which is to be put at `address`, and their structures.

    Raises:
        ValueError: a field has characters that no header field may have (RFC 9110 section 5), or
            there is too much of them.
    """
    plan = _plan(names, address)
    text = (plan.names + "".join(values)).encode("utf-8")
    # Other octets' lengths would not be those of `values` either.
    if text.translate(None, PRINTABLE):
        raise ValueError("a header field has characters that are not printable ASCII")
    if len(text) > MOST_OCTETS:
        raise ValueError(f"header fields of {len(text)} octets are too many")
    lengths = [*map(len, values)]
    places = plan.places.copy()
    first = address + len(plan.names)
    places[1::MEMBERS] = [*itertools.accumulate(lengths[:-1], initial=first)]
    places[3::MEMBERS] = lengths
    return text, plan.layout.pack(*places)


@functools.lru_cache(maxsize=64)
def _plan(names: tuple[str, ...], address: int) -> _Plan:
    for name in names:
        if not name or name != name.lower() or name.lstrip(":").strip() != name.lstrip(":"):
            raise ValueError("a header field's name is empty, or not in lower case")
    places: list[int] = []
    for name in names:
        flags = NEVER_INDEXED if name in OF_ONE_REQUEST else 0
        places += (address, 0, len(name), 0, flags)
        address += len(name)
    # The last part is the gap that C leaves, so that the next structure's pointers are aligned.
    return _Plan("".join(names), places, struct.Struct("@" + "PPNNB0P" * len(names)))
