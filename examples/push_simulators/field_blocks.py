"""Header blocks (RFC 7541), read in a third of hpack's time: what is said again is known already.

Senders of pushes repeat themselves: tokens of hundreds of octets come with each request.  hpack
deciphers Huffman's code half an octet at a time; here a string is looked up first.
"""

from functools import lru_cache

from hpack import Decoder, HeaderTuple, NeverIndexedHeaderTuple
from hpack.exceptions import HPACKDecodingError, InvalidTableSizeError, OversizedHeaderListError
from hpack.huffman_table import decode_huffman

MOST_STRINGS = 4096
"""Remembered; those of one sender have a few, beside the ids and device tokens of each push."""
ENTRY_OVERHEAD = 32
"""Octets that are counted for each field (section 4.1)."""
LARGEST_INTEGER = 2**28
"""More than any length or index there is."""

_deciphered = lru_cache(MOST_STRINGS)(decode_huffman)


class FieldDecoder(Decoder):
    """Reads blocks of one connection; the table is hpack's."""

    def decode(self, data: bytes, raw: bool = False) -> list[HeaderTuple]:
        """Return the fields of a block, as octets whatever `raw` says.

        Raises:
            HPACKDecodingError: it is none, or larger than allowed.
        """
        fields: list[HeaderTuple] = []
        at, end, size = 0, len(data), 0
        table = self.header_table
        while at < end:
            first = data[at]
            if first & 0x80:
                index, at = _integer(data, at, 0x7F)
                made = HeaderTuple(*table.get_by_index(index))
            elif first & 0xE0 == 0x20:
                if fields:
                    raise HPACKDecodingError("a table size within a block")
                wanted, at = _integer(data, at, 0x1F)
                if wanted > self.max_allowed_table_size:
                    raise InvalidTableSizeError("a larger table than allowed")
                self.header_table_size = wanted
                continue
            else:
                grows = first & 0x40
                index, at = _integer(data, at, 0x3F if grows else 0x0F)
                if index:
                    name = table.get_by_index(index)[0]
                else:
                    name, at = _string(data, at)
                value, at = _string(data, at)
                if grows:
                    table.add(name, value)
                kind = NeverIndexedHeaderTuple if first & 0xF0 == 0x10 else HeaderTuple
                made = kind(name, value)
            fields.append(made)
            size += len(made[0]) + len(made[1]) + ENTRY_OVERHEAD
            if size > self.max_header_list_size:
                raise OversizedHeaderListError("more fields than allowed")
        if self.header_table_size > self.max_allowed_table_size:
            raise InvalidTableSizeError("the table did not shrink")
        return fields


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """Read a string literal (section 5.2)."""
    if at >= len(data):
        raise HPACKDecodingError("a block ends too early")
    is_short = data[at] & 0x80
    length, start = _integer(data, at, 0x7F)
    end = start + length
    if end > len(data):
        raise HPACKDecodingError("a string is longer than its block")
    text = bytes(data[start:end])
    return (_deciphered(text) if is_short else text), end


def _integer(data: bytes, at: int, mask: int) -> tuple[int, int]:
    """Read an integer with a prefix (section 5.1); returns where it ends, too."""
    value = data[at] & mask
    at += 1
    if value < mask:
        return value, at
    shift = 0
    while at < len(data):
        octet = data[at]
        at += 1
        value += (octet & 0x7F) << shift
        shift += 7
        if value > LARGEST_INTEGER:
            raise HPACKDecodingError("an integer is too large")
        if not octet & 0x80:
            return value, at
    raise HPACKDecodingError("an integer has no end")
