"""The content coding of RFC 8188: its examples to the octet, and no content that was changed."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push.aes128gcm import (
    HEADER,
    SMALLEST_RECORD,
    Coded,
    decode,
    encode,
    expand,
    extract,
    parse,
)
from tests.protocols.push.web_push_vectors import (
    CONTENT_KEY,
    KEYING_MATERIAL,
    NONCE,
    ONE_RECORD,
    ONE_RECORD_KEY,
    SALT,
    TWO_RECORDS,
    TWO_RECORDS_KEY,
    WALRUS,
)

KEY = b"k" * 16


def test_the_example_of_one_record_is_written_and_read() -> None:
    """RFC 8188 section 3.1."""
    coded = parse(ONE_RECORD)
    assert (coded.record_size, coded.key_id) == (4096, b"")
    assert decode(coded, ONE_RECORD_KEY) == WALRUS
    assert encode(WALRUS, ONE_RECORD_KEY, salt=coded.salt, record_size=4096) == ONE_RECORD


def test_the_example_of_two_records_is_written_and_read() -> None:
    """RFC 8188 section 3.2."""
    coded = parse(TWO_RECORDS)
    assert (coded.record_size, coded.key_id) == (25, b"a1")
    assert decode(coded, TWO_RECORDS_KEY) == WALRUS
    written = encode(
        WALRUS, TWO_RECORDS_KEY, salt=coded.salt, record_size=25, key_id=b"a1", padding=1
    )
    assert written == TWO_RECORDS


def test_keys_are_derived_as_in_the_example() -> None:
    """RFC 8188 sections 2.2 and 2.3, by the values of RFC 8291 appendix A."""
    key = extract(SALT, KEYING_MATERIAL)
    assert expand(key, b"Content-Encoding: aes128gcm\0", 16) == CONTENT_KEY
    assert expand(key, b"Content-Encoding: nonce\0", 12) == NONCE


@given(
    clear=st.binary(max_size=300),
    record_size=st.integers(SMALLEST_RECORD, 400),
    padding=st.integers(0, 100),
    key_id=st.binary(max_size=255),
)
def test_what_is_written_is_read_again(
    clear: bytes, record_size: int, padding: int, key_id: bytes
) -> None:
    written = encode(
        clear, KEY, salt=SALT, record_size=record_size, key_id=key_id, padding=padding
    )
    coded = parse(written)
    assert (coded.salt, coded.record_size, coded.key_id) == (SALT, record_size, key_id)
    assert decode(coded, KEY) == clear
    # One delimiter and one tag to each record, and nothing beside what was asked for.
    records = -(-len(coded.records) // record_size)
    assert len(coded.records) == len(clear) + padding + 17 * records


@given(st.integers(0, 200), st.integers(SMALLEST_RECORD + 1, 60))
def test_padding_hides_length(padding: int, record_size: int) -> None:
    """Section 4.8: as much content and padding together, as many octets."""
    total = padding + 7
    lengths = {
        len(encode(b"x" * size, KEY, salt=SALT, record_size=4096, padding=total - size))
        for size in range(total + 1)
    }
    assert len(lengths) == 1
    assert decode(
        parse(encode(b"x", KEY, salt=SALT, record_size=record_size, padding=padding)), KEY
    ) == (b"x")


@pytest.mark.parametrize("at", range(len(TWO_RECORDS)))
def test_no_octet_can_be_changed(at: int) -> None:
    """But those of the key id, which says nothing by itself."""
    changed = bytearray(TWO_RECORDS)
    changed[at] ^= 1
    if HEADER <= at < HEADER + 2:
        assert decode(parse(bytes(changed)), TWO_RECORDS_KEY) == WALRUS
        return
    with pytest.raises(PeerError):
        decode(parse(bytes(changed)), TWO_RECORDS_KEY)


@pytest.mark.parametrize("length", range(len(TWO_RECORDS)))
def test_no_octet_can_be_cut_off(length: int) -> None:
    """Also not a whole record: the one before it is not the last (section 2)."""
    with pytest.raises(PeerError):
        decode(parse(TWO_RECORDS[:length]), TWO_RECORDS_KEY)


def test_nothing_can_be_added() -> None:
    """Neither octets nor a record that was a last one itself."""
    coded = parse(TWO_RECORDS)
    for more in (b"\0", coded.records[25:], coded.records[:25], coded.records):
        longer = Coded(
            salt=coded.salt,
            record_size=coded.record_size,
            key_id=b"",
            records=coded.records + more,
        )
        with pytest.raises(PeerError):
            decode(longer, TWO_RECORDS_KEY)


def test_records_cannot_be_exchanged() -> None:
    """The number of a record is in its nonce."""
    coded = parse(encode(b"abc", KEY, salt=SALT, record_size=SMALLEST_RECORD))
    first, second, third = (coded.records[start : start + 18] for start in (0, 18, 36))
    swapped = Coded(salt=SALT, record_size=18, key_id=b"", records=second + first + third)
    with pytest.raises(PeerError):
        decode(swapped, KEY)


@pytest.mark.parametrize(
    "plain", [b"", b"\0", b"\0\0\0", b"x", b"\1", b"x\1", b"x\3\0", b"x\2\0\1"]
)
def test_a_last_record_without_its_delimiter_is_none(plain: bytes) -> None:
    """Section 2: padding alone, no delimiter, and the delimiter of a record before others."""
    pseudorandom = extract(SALT, KEY)
    key = expand(pseudorandom, b"Content-Encoding: aes128gcm\0", 16)
    nonce = expand(pseudorandom, b"Content-Encoding: nonce\0", 12)
    records = AESGCM(key).encrypt(nonce, plain, None)
    coded = Coded(salt=SALT, record_size=4096, key_id=b"", records=records)
    with pytest.raises(PeerError, match="delimiter"):
        decode(coded, KEY)


@pytest.mark.parametrize(
    ("salt", "record_size", "key_id"),
    [(b"s" * 15, 4096, b""), (b"s" * 17, 4096, b""), (SALT, 17, b""), (SALT, 4096, b"k" * 256)],
)
def test_a_caller_cannot_write_what_nobody_reads(
    salt: bytes, record_size: int, key_id: bytes
) -> None:
    with pytest.raises(ValueError, match="size"):
        encode(b"", KEY, salt=salt, record_size=record_size, key_id=key_id)


@pytest.mark.parametrize("size", [0, 1, 17])
def test_a_record_size_that_carries_nothing_is_refused(size: int) -> None:
    """Section 2.1."""
    with pytest.raises(PeerError, match="record size"):
        parse(SALT + size.to_bytes(4) + b"\0" + b"x" * 40)


def test_a_header_alone_is_one_and_carries_nothing() -> None:
    coded = parse(ONE_RECORD[:HEADER])
    assert coded.records == b""
    with pytest.raises(PeerError, match="deciphered"):
        decode(coded, ONE_RECORD_KEY)


def test_content_is_not_shown() -> None:
    assert "records" not in repr(parse(ONE_RECORD))


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_any_octets_are_refused(message: bytes, key: bytes) -> None:
    """Nobody writes a message by chance; and nothing but PeerError comes of one."""
    with pytest.raises(PeerError):
        decode(parse(message), key)
    with pytest.raises(PeerError):
        decode(parse(SALT + (30).to_bytes(4) + b"\0" + message), key)
