"""Capabilities: sealed into URLs, and nothing that was not sealed is one."""

import json

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.capabilities import (
    KEY,
    LONGEST,
    LONGEST_TOKEN,
    Capability,
    CapabilitySeal,
)
from procall_mobility.protocols.push.json_web_tokens import base64url

SECRET = bytes(range(KEY))
SEAL = CapabilitySeal(SECRET)
RINGS = Capability(
    customer="acme", channel="ios.example", token="c0ffee" * 10, is_voip=True, sender="BP0"
)
ASCII = st.characters(codec="ascii")
CAPABILITIES = st.builds(
    Capability,
    customer=st.text(ASCII, max_size=30),
    channel=st.text(ASCII, max_size=60),
    token=st.text(ASCII, max_size=200),
    is_voip=st.booleans(),
    sender=st.none() | st.just("BP0"),
)


@given(CAPABILITIES)
def test_what_was_sealed_comes_out_again(capability: Capability) -> None:
    assert SEAL.open(SEAL.seal(capability)) == capability


def test_a_capability_has_one_url_however_often_it_is_made() -> None:
    assert SEAL.seal(RINGS) == CapabilitySeal(SECRET).seal(RINGS)
    assert SEAL.seal(RINGS) != SEAL.seal(evolve(RINGS, is_voip=False))


def test_nothing_of_it_can_be_read() -> None:
    sealed = SEAL.seal(RINGS)
    assert len(sealed) < 200
    assert RINGS.token not in repr(RINGS)
    assert CapabilitySeal(SECRET[::-1]).open(sealed) is None


@given(st.integers(0, 2**20), st.integers(1, 255))
def test_whoever_changes_an_octet_has_nothing(place: int, change: int) -> None:
    octets = bytearray(AESSIV(SECRET).encrypt(b"[]", None) + bytes(60))
    octets[place % len(octets)] ^= change
    assert SEAL.open(base64url(bytes(octets))) is None


@given(st.text(max_size=80) | st.text("Aa0-_", min_size=24, max_size=60))
def test_no_other_text_is_a_capability(text: str) -> None:
    assert SEAL.open(text) is None


def test_the_same_octets_written_another_way_are_none() -> None:
    """Bits that base64 leaves over: a URL that was blocked is not to have a twin."""
    text = SEAL.seal(next(each for each in _shapes() if len(SEAL.seal(each)) % 4 == 2))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = text[:-1] + alphabet[alphabet.index(text[-1]) | 1]
    assert twin != text
    assert SEAL.open(twin) is None


def _shapes() -> list[Capability]:
    return [evolve(RINGS, token="x" * length) for length in range(1, 7)]


def test_a_form_of_later_times_is_not_guessed_at() -> None:
    told = json.dumps([2, "acme", "ios.example", "token", 0, None]).encode()
    assert SEAL.open(base64url(AESSIV(SECRET).encrypt(told, None))) is None


@pytest.mark.parametrize(
    "capability",
    [evolve(RINGS, token="x" * (LONGEST_TOKEN + 1)), evolve(RINGS, channel="x" * LONGEST)],
)
def test_what_would_not_fit_into_a_url_is_not_sealed(capability: Capability) -> None:
    with pytest.raises(ValueError, match="to fit into a URL"):
        SEAL.seal(capability)
