"""Messages are read strictly and written to the letter (RFC 8489 sections 5 and 14)."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun import message as module
from procall_mobility.protocols.stun.codes import Attribute, Class, Code, Method
from procall_mobility.protocols.stun.message import (
    MOST_ATTRIBUTES,
    Message,
    Signature,
    build,
    error_code,
    parse,
)
from tests.interop.turn import stun_codec as wire
from tests.protocols.stun.messages import anything, attributes, signatures

T = b"transaction!"
KEY = b"the key"


def bare(*parts: wire.Part) -> bytes:
    return wire.message(Method.ALLOCATE, *parts, transaction=T)


# Whatever comes ---------------------------------------------------------------------------


@given(anything())
def test_c8_c14_whatever_comes_is_a_message_or_a_peers_error(data: bytes) -> None:
    """C8, C14: never another exception, and nothing that was not sent."""
    try:
        message = parse(data)
    except PeerError as error:
        assert error.reason == "protocol-error"
        return
    assert len(message.attributes) <= MOST_ATTRIBUTES
    assert all(value in data for _, value in message.attributes)
    assert sum(len(value) + 4 for _, value in message.attributes) <= len(data)
    message.unknown()
    message.is_made_with(KEY)


@given(
    st.integers(0, 0xFFF),
    st.sampled_from(Class),
    st.binary(min_size=12, max_size=12),
    attributes,
    signatures,
    st.booleans(),
)
def test_what_is_written_is_read_again(
    method: int,
    kind: Class,
    transaction: bytes,
    parts: list,
    signature: Signature | None,
    fingerprint: bool,
) -> None:
    data = build(method, kind, transaction, parts, signature, fingerprint=fingerprint)
    heard = parse(data)
    assert (heard.method, heard.kind, heard.transaction_id) == (method, kind, transaction)
    assert heard.attributes == parts
    assert heard.has_fingerprint is fingerprint
    assert heard.has_integrity is (signature is not None)
    assert heard.has_sha256 is (signature is not None and signature.sha256)
    assert heard.is_made_with(b"" if signature is None else signature.key) is heard.has_integrity
    judged = wire.parse(data)
    assert (judged.method, judged.transaction) == (method, transaction)
    assert list(judged.attributes[: len(parts)]) == parts


@given(attributes)
def test_c1_every_octet_of_padding_is_zero(parts: list) -> None:
    """C1: nothing of our memory gets out between attributes."""
    data = build(Method.BINDING, Class.SUCCESS, T, parts)
    assert data[20:] == b"".join(wire.part(name, value, b"\0") for name, value in parts)


@given(st.binary(max_size=9), st.integers(1, 255))
def test_c1_padding_of_others_may_be_anything(value: bytes, padding: int) -> None:
    """RFC 8489 section 14: a receiver must not look at it."""
    body = wire.part(Attribute.SOFTWARE, value, bytes([padding])) + wire.part(0x8022, b"2")
    data = wire.head(Method.BINDING, wire.Kind.REQUEST, len(body), T) + body
    assert parse(data).attributes == [(Attribute.SOFTWARE, value), (0x8022, b"2")]


# What is none (C8) ------------------------------------------------------------------------

GOOD = bare((Attribute.SOFTWARE, b"four"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:19],
        GOOD[:-1],
        GOOD + b"\0\0\0\0",
        b"\x40" + GOOD[1:],
        b"\x80" + GOOD[1:],
        b"\xc0" + GOOD[1:],
        GOOD[:4] + b"\x21\x12\xa4\x43" + GOOD[8:],
        wire.lengthened(GOOD, 1) + b"x",
        wire.lengthened(GOOD, 2) + b"\0\0",
        wire.lengthened(GOOD, 4) + b"\x80\x22\x00\x01",
        wire.lengthened(GOOD, 4) + b"\x80\x22\xff\xff",
        bare((Attribute.MESSAGE_INTEGRITY, bytes(19))),
        bare((Attribute.MESSAGE_INTEGRITY, bytes(24))),
        bare((Attribute.MESSAGE_INTEGRITY_SHA256, bytes(16))),
        bare((Attribute.MESSAGE_INTEGRITY_SHA256, bytes(36))),
        bare((Attribute.FINGERPRINT, bytes(4))),
        bare((Attribute.FINGERPRINT, bytes(3))),
        wire.appended(wire.fingerprinted(GOOD), (Attribute.SOFTWARE, b"late")),
        wire.fingerprinted(GOOD)[:-1] + b"?",
    ],
)
def test_c8_what_is_malformed_is_no_message(data: bytes) -> None:
    """C8: too short, other lengths, top bits, cookie, cut attributes, integrity, fingerprint."""
    with pytest.raises(PeerError):
        parse(data)


def test_c5_c14_attributes_are_counted() -> None:
    """More than a message may have are no message, however short they are."""
    most = [(Attribute.SOFTWARE, b"")] * MOST_ATTRIBUTES
    assert len(parse(bare(*most)).attributes) == MOST_ATTRIBUTES
    with pytest.raises(PeerError):
        parse(bare(*most, (Attribute.SOFTWARE, b"")))


@pytest.mark.parametrize("size", range(12))
def test_c1_c5_attributes_of_any_size_follow_each_other(size: int) -> None:
    """C5: the next one is found wherever the padding of the last one ends."""
    value = b"x" * size
    data = bare((Attribute.SOFTWARE, value), (Attribute.LIFETIME, b"\0\0\0\1"))
    assert parse(data).attributes == [
        (Attribute.SOFTWARE, value),
        (Attribute.LIFETIME, b"\0\0\0\1"),
    ]


# What is asked of a message ---------------------------------------------------------------


def test_b8_the_first_of_two_attributes_counts() -> None:
    """B8: whatever somebody puts behind it."""
    message = parse(bare((Attribute.USERNAME, b"one"), (Attribute.USERNAME, b"two")))
    assert message.get(Attribute.USERNAME) == b"one"
    assert message.all(Attribute.USERNAME) == [b"one", b"two"]
    assert message.get(Attribute.REALM) is None


@pytest.mark.parametrize("count", [1, 2, 50])
def test_c6_unknown_attributes_are_named_once_each(count: int) -> None:
    """C6: those that have to be understood, in order; the others are nobody's business."""
    strange = [(0x7F00 + n, b"?") for n in range(count)]
    parts = [*strange, strange[0], (Attribute.LIFETIME, bytes(4)), (0xBEEF, b"optional")]
    assert parse(bare(*parts)).unknown() == [name for name, _ in strange]


LATE = [
    (name, value)
    for name, value in (
        (Attribute.LIFETIME, bytes(4)),
        (Attribute.XOR_PEER_ADDRESS, bytes(8)),
        (0x802F, b"https://example.test"),
        (Attribute.REQUESTED_TRANSPORT, bytes(4)),
        (Attribute.USERNAME, b"mallory"),
        (Attribute.MESSAGE_INTEGRITY, bytes(20)),
        (Attribute.MESSAGE_INTEGRITY, bytes(3)),
        (0x7FFF, b"unknown"),
    )
]


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("sign", [wire.signed, wire.signed_sha256])
def test_b7_what_follows_the_integrity_is_not_there(sign, late: tuple[int, bytes]) -> None:
    """B7, RFC 8489 sections 14.5 and 14.6: whoever appended it does not know the key."""
    data = wire.appended(sign(bare((Attribute.REALM, b"r")), KEY), late)
    message = parse(wire.fingerprinted(data))
    assert message.attributes == [(Attribute.REALM, b"r")]
    assert message.unknown() == []
    assert message.is_made_with(KEY)
    assert message.has_fingerprint


def test_b7_of_two_integrities_the_better_one_counts() -> None:
    """RFC 8489 section 9.2.4: SHA-256 where it is there, also behind the other."""
    both = wire.signed_sha256(wire.signed(bare(), b"another"), KEY)
    assert parse(both).has_sha256
    assert parse(both).is_made_with(KEY)
    assert not parse(both).is_made_with(b"another")


def test_b7_a_second_integrity_of_a_kind_is_not_there() -> None:
    twice = wire.signed_sha256(wire.signed_sha256(bare(), KEY), b"another")
    assert parse(twice).is_made_with(KEY)
    assert not parse(twice).is_made_with(b"another")


def test_a_message_without_integrity_is_made_with_no_key() -> None:
    """Not even one with nothing in it, whose integrity would be nothing."""
    assert not parse(bare()).has_integrity
    assert not parse(bare()).is_made_with(b"")


def test_b13_integrities_are_compared_in_constant_time() -> None:
    """B13: by the one function that is made for it, and by no operator."""
    text = inspect.getsource(Message.is_made_with)
    assert "hmac.compare_digest" in text
    assert " == " not in text and " != " not in text
    assert inspect.getsource(module).count("compare_digest") == 1


# What is written --------------------------------------------------------------------------


@pytest.mark.parametrize("code", Code)
def test_c7_an_error_is_written_without_its_padding_in_the_length(code: Code) -> None:
    """C7, RFC 8489 section 14.8."""
    data = build(Method.ALLOCATE, Class.ERROR, T, [error_code(code)])
    value = bytes((0, 0, code // 100, code % 100)) + code.phrase.encode()
    assert parse(data).attributes == [(Attribute.ERROR_CODE, value)]
    assert int.from_bytes(data[22:24]) == len(value)
    assert len(data) == 24 + len(value) + -len(value) % 4
    assert wire.parse(data).error == code


def test_an_error_can_be_told_in_four_octets() -> None:
    """Strangers get no phrase (D1)."""
    assert error_code(Code.STALE_NONCE, phrase=False) == (Attribute.ERROR_CODE, b"\0\0\x04\x26")


def test_a_signature_shows_no_key() -> None:
    assert repr(Signature(KEY, sha256=True)) == "Signature(sha256=True)"
