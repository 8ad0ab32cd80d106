"""Header blocks are read as hpack reads them, whatever is in them (RFC 7541)."""

from typing import Any

import pytest
from hpack import Decoder, Encoder, NeverIndexedHeaderTuple
from hpack.exceptions import HPACKDecodingError, HPACKError, OversizedHeaderListError
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.push_simulators.field_blocks import FieldDecoder

NAMES = st.sampled_from([b":path", b":method", b"apns-id", b"authorization", b"x"])
VALUES = st.binary(max_size=60) | st.sampled_from([b"POST", b"a" * 36, b"a" * 300])
FIELDS = st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=8)


def read(decoder: Any, block: bytes) -> Any:
    try:
        return [tuple(each) for each in decoder.decode(block, raw=True)]
    except HPACKError:
        return HPACKError
    except IndexError:  # hpack's own, where a block ends too early.
        return HPACKError


@given(st.lists(FIELDS, max_size=5), st.sampled_from([0, 50, 4096]), st.booleans())
def test_whatever_an_encoder_writes_is_read(blocks: Any, size: int, huffman: bool) -> None:
    """With its table, which both sides keep over all blocks of a connection."""
    encoder, decoder = Encoder(), FieldDecoder()
    encoder.header_table_size = size
    for fields in blocks:
        block = encoder.encode(fields, huffman=huffman)
        assert read(decoder, block) == [(name, value) for name, value, _ in fields]


@settings(max_examples=500)
@given(st.lists(st.binary(max_size=40), max_size=4))
def test_any_octets_are_read_as_hpack_reads_them(blocks: list[bytes]) -> None:
    ours, theirs = FieldDecoder(), Decoder()
    for block in blocks:
        found = read(ours, block)
        assert found == read(theirs, block)
        if found is HPACKError:
            return  # The connection ends by it.


@pytest.mark.parametrize(
    "block",
    [
        b"\x40",
        b"\x00\x05abc",
        b"\x00\x01a\x7f\xff",
        b"\x00\x01a" + b"\x7f" + b"\xff" * 10 + b"\x01",
        b"\x82\x20",
        b"\x3f\xe2\x1f",
        b"\xbe",
        b"\x80",
        b"\x00\x81\xff\x00",
    ],
)
def test_what_is_malformed_is_an_error(block: bytes) -> None:
    with pytest.raises(HPACKDecodingError):
        FieldDecoder().decode(block)


def test_a_list_that_grows_too_large_is_an_error() -> None:
    decoder = FieldDecoder()
    decoder.max_header_list_size = 100
    with pytest.raises(OversizedHeaderListError):
        decoder.decode(Encoder().encode([(b"a", b"b" * 70)]))


def test_a_table_that_does_not_shrink_is_an_error() -> None:
    decoder = FieldDecoder()
    decoder.max_allowed_table_size = 0
    with pytest.raises(HPACKDecodingError):
        decoder.decode(b"\x82")


def test_what_must_never_be_indexed_is_told_so() -> None:
    (made,) = FieldDecoder().decode(b"\x10\x01a\x01b")
    assert isinstance(made, NeverIndexedHeaderTuple)
