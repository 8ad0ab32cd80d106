"""Sealed envelopes: they open as they were sealed, or not at all."""

import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.storage.push_keys import PushKey
from procall_mobility.storage.push_seal import (
    HEAD,
    MOST_RUNS,
    Seal,
    Unreadable,
    packed,
    unpacked,
)
from tests.storage.entropy import counting_entropy

KEY = PushKey(Path("push.key"), bytes(range(32)))

texts = st.lists(st.text(st.characters()))
"""Lone surrogates too: JSON lets them through."""


def a_seal(key: PushKey = KEY) -> Seal:
    return Seal(key, os.urandom)


@given(st.binary(), st.binary())
def test_what_was_sealed_is_opened_by_this_run_and_the_next(text: bytes, about: bytes) -> None:
    seal = a_seal()
    envelope = seal.seal(text, about)
    assert seal.opened(envelope, about) == text
    assert a_seal().opened(envelope, about) == text


@given(st.binary(max_size=40), st.data())
def test_any_bit_that_was_changed_is_noticed(text: bytes, data: st.DataObject) -> None:
    envelope = bytearray(a_seal().seal(text, b"about"))
    bit = data.draw(st.integers(0, len(envelope) * 8 - 1))
    envelope[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        a_seal().opened(bytes(envelope), b"about")


@given(st.binary(max_size=80) | st.none() | st.text() | st.integers())
def test_whatever_stands_there_is_a_text_or_unreadable(envelope: object) -> None:
    """A database that lost a bit may hand out anything."""
    with pytest.raises(Unreadable):
        a_seal().opened(envelope, b"about")


def test_an_envelope_opens_only_with_what_it_is_about() -> None:
    envelope = a_seal().seal(b"text", b"about")
    with pytest.raises(Unreadable, match="changed since it was sealed, or sealed with another"):
        a_seal().opened(envelope, b"something else")


def test_another_key_opens_nothing() -> None:
    envelope = a_seal().seal(b"text", b"about")
    with pytest.raises(Unreadable):
        a_seal(PushKey(Path("other"), bytes(32))).opened(envelope, b"about")


def test_a_version_that_is_not_known_is_told() -> None:
    envelope = a_seal().seal(b"text", b"about")
    with pytest.raises(Unreadable, match="version 2"):
        a_seal().opened(b"\x02" + envelope[1:], b"about")


def test_the_envelope_is_as_it_is_described() -> None:
    """A later version of this program, or another one, can be written by the description."""
    envelope = Seal(KEY, counting_entropy()).seal(b"text", b"about")
    salt = bytes(range(1, 17))
    assert envelope[:25] == b"\x01" + salt + bytes(8)
    key = hashlib.blake2b(salt, key=KEY.secret, person=b"push sealing", digest_size=32).digest()
    assert AESGCM(key).decrypt(bytes(12), envelope[25:], b"\x01about") == b"text"


def test_no_nonce_is_used_twice_under_a_key() -> None:
    """NIST SP 800-38D section 8: all is lost otherwise."""
    seals = [Seal(KEY, os.urandom) for _ in range(3)]
    heads = {seal.seal(b"", b"")[: HEAD.size] for seal in seals for _ in range(100)}
    assert len(heads) == 300


def test_keys_of_many_runs_are_not_all_kept() -> None:
    """A made-up database must not fill the memory."""
    seal = a_seal()
    for _ in range(MOST_RUNS + 10):
        assert seal.opened(a_seal().seal(b"text", b""), b"") == b"text"
    assert len(seal._runs) <= MOST_RUNS


def test_a_hash_is_the_same_in_every_run_and_tells_texts_apart() -> None:
    assert a_seal().hash("acme", "phone", "token") == a_seal().hash("acme", "phone", "token")
    others = [("acme", "phone", "tokem"), ("acme", "phon", "etoken"), ("acm", "ephone", "token")]
    found = {a_seal().hash(*each) for each in others} | {a_seal().hash("acme", "phone", "token")}
    assert len(found) == 4
    assert {len(each) for each in found} == {16}


def test_a_hash_says_nothing_without_the_key() -> None:
    """Tokens of phones are long, user names are not: they could be tried."""
    other = a_seal(PushKey(Path("other"), bytes(32)))
    assert other.hash("acme", "phone", "token") != a_seal().hash("acme", "phone", "token")


@given(texts)
def test_packed_texts_are_unpacked_again(each: list[str]) -> None:
    # What UTF-16 would join to one character are two here, and stay two.
    assert unpacked(packed(each)) == each


@given(texts, texts)
def test_no_other_texts_look_the_same(each: list[str], other: list[str]) -> None:
    assert (packed(each) == packed(other)) == (each == other)
