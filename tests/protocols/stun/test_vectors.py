"""The published samples are read, believed and written again (RFC 5769, RFC 8489 appendix B.1)."""

import unicodedata

import pytest

from procall_mobility.protocols.stun.addresses import decode_xor_address, encode_xor_address
from procall_mobility.protocols.stun.codes import Attribute, Class, Method
from procall_mobility.protocols.stun.message import (
    Signature,
    build,
    md5_key,
    parse,
    sha256_key,
    userhash,
)
from tests.protocols.stun.vectors import (
    IPV4,
    IPV4_RESPONSE,
    IPV6,
    IPV6_RESPONSE,
    LONG_TERM,
    LONG_TERM_TRANSACTION,
    MATRIX,
    REQUEST,
    TRANSACTION,
    USERHASH_SHA256,
    Vector,
)

REALM = b"example.org"
PASSWORD = b"TheMatrIX"

SAMPLES = {
    "2.1": (REQUEST, Class.REQUEST, TRANSACTION, REQUEST.key),
    "2.2": (IPV4_RESPONSE, Class.SUCCESS, TRANSACTION, REQUEST.key),
    "2.3": (IPV6_RESPONSE, Class.SUCCESS, TRANSACTION, REQUEST.key),
    "2.4": (LONG_TERM, Class.REQUEST, LONG_TERM_TRANSACTION, md5_key(MATRIX, REALM, PASSWORD)),
    "B.1": (
        USERHASH_SHA256,
        Class.REQUEST,
        LONG_TERM_TRANSACTION,
        sha256_key(MATRIX, REALM, PASSWORD),
    ),
}

every = pytest.mark.parametrize(
    ("vector", "kind", "transaction", "key"), SAMPLES.values(), ids=SAMPLES
)


@every
def test_a_sample_is_read(vector: Vector, kind: Class, transaction: bytes, key: bytes) -> None:
    message = parse(vector.octets)
    assert (message.method, message.kind) == (Method.BINDING, kind)
    assert message.transaction_id == transaction
    assert tuple(message.attributes) == vector.attributes
    assert message.has_fingerprint is vector.has_fingerprint


@every
def test_the_integrity_of_a_sample_is_that_of_its_key_alone(
    vector: Vector, kind: Class, transaction: bytes, key: bytes
) -> None:
    message = parse(vector.octets)
    assert message.has_integrity
    assert message.is_made_with(key)
    assert not message.is_made_with(key + b"x")


@every
def test_a_sample_with_one_bit_turned_is_not_believed(
    vector: Vector, kind: Class, transaction: bytes, key: bytes
) -> None:
    """The last octet of the last attribute that is protected."""
    octets = bytearray(vector.octets)
    octets[octets.index(vector.attributes[-1][1])] ^= 1
    if vector.has_fingerprint:
        octets = octets[:-8]
        octets[3] -= 8
    assert not parse(bytes(octets)).is_made_with(key)


@every
def test_a_sample_is_written_again(
    vector: Vector, kind: Class, transaction: bytes, key: bytes
) -> None:
    """To the octet where it is padded by zeros, as ours always are; else to the same meaning."""
    heard = parse(vector.octets)
    signature = Signature(key, sha256=heard.has_sha256)
    written = build(
        Method.BINDING,
        kind,
        transaction,
        vector.attributes,
        signature,
        fingerprint=vector.has_fingerprint,
    )
    if vector.is_padded_by_zeros:
        assert written == vector.octets
        return
    assert len(written) == len(vector.octets)
    assert parse(written).attributes == heard.attributes
    assert parse(written).is_made_with(key)


def test_the_fingerprint_of_a_sample_is_checked() -> None:
    assert parse(REQUEST.octets).has_fingerprint


@pytest.mark.parametrize(("vector", "address"), [(IPV4_RESPONSE, IPV4), (IPV6_RESPONSE, IPV6)])
def test_the_address_in_a_sample_is_read_and_written(vector: Vector, address: tuple) -> None:
    value = parse(vector.octets).get(Attribute.XOR_MAPPED_ADDRESS)
    assert value is not None
    assert decode_xor_address(value, TRANSACTION) == address
    assert encode_xor_address(address, TRANSACTION) == value


def test_a_name_is_hidden_as_in_the_sample() -> None:
    """RFC 8489 section 14.4."""
    assert parse(USERHASH_SHA256.octets).get(Attribute.USERHASH) == userhash(MATRIX, REALM)


def test_a_key_is_that_of_the_published_example() -> None:
    """RFC 8489 section 9.2.2."""
    key = md5_key(b"user", b"realm", b"pass")
    assert key.hex() == "8493fbc53ba582fb4c044c456bdc40eb"


def test_the_password_of_the_samples_is_the_prepared_one() -> None:
    """RFC 5769 section 2.4 prepares it by SASLprep (RFC 4013): mapped to nothing, then NFKC."""
    raw = "The\u00adM\u00aatr\u2168"
    assert unicodedata.normalize("NFKC", raw.replace("\u00ad", "")) == PASSWORD.decode()
