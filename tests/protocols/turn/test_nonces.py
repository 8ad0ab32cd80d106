"""Nonces cost no memory, are guessed by nobody and are good for one client for a while."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.turn.nonces import (
    LIFETIME,
    PASSWORD_ALGORITHMS,
    SKEW,
    USERNAME_ANONYMITY,
    Nonces,
    has_feature,
)

NONCES = Nonces(b"k" * 16)
HOST = "192.0.2.1"
CLIENT = (HOST, 40_000)
BOTH = PASSWORD_ALGORITHMS | USERNAME_ANONYMITY
NOW = 1_800_000_000.0


def test_b1_thousands_of_nonces_are_as_good_as_chance() -> None:
    """B1: no two are equal, and every bit of their sums is as often set as not."""
    nonces = [NONCES.make((HOST, port), BOTH, NOW) for port in range(10_000, 14_000)]
    sums = [int.from_bytes(base64.b64decode(each[13:] + b"=")[6:]) for each in nonces]
    assert len(set(sums)) == len(set(nonces)) == 4000
    for bit in range(64):
        assert 1700 < sum(each >> bit & 1 for each in sums) < 2300


def test_b1_another_key_makes_other_nonces() -> None:
    """B1: those of one process say nothing about those of the next."""
    other = Nonces(b"K" * 16)
    nonce = other.make(CLIENT, BOTH, NOW)
    assert nonce != NONCES.make(CLIENT, BOTH, NOW)
    assert not NONCES.is_fresh(nonce, HOST, NOW)


@pytest.mark.parametrize("client", [(HOST, 40_001), ("192.0.2.2", 40_000)])
def test_no_two_clients_are_given_one_nonce(client: tuple[str, int]) -> None:
    """RFC 8489 section 9.2.4: unless they have the same source address and port."""
    assert NONCES.make(client, BOTH, NOW) != NONCES.make(CLIENT, BOTH, NOW)


def test_b2_a_nonce_is_good_for_its_host_alone() -> None:
    """B2: whatever its port, which NATs change."""
    nonce = NONCES.make(CLIENT, BOTH, NOW)
    assert NONCES.is_fresh(nonce, HOST, NOW)
    assert not NONCES.is_fresh(nonce, "192.0.2.2", NOW)
    assert not NONCES.is_fresh(nonce, "2001:db8::1", NOW)


@pytest.mark.parametrize(
    ("age", "is_fresh"),
    [(0, True), (LIFETIME, True), (LIFETIME + 1, False), (10**6, False), (2**24, False),
     (-SKEW, True), (-SKEW - 1, False)],
)  # fmt: skip
def test_b3_a_nonce_grows_old_and_comes_from_no_future(age: int, is_fresh: bool) -> None:
    """B3: 600 seconds, and five of skew."""
    assert NONCES.is_fresh(NONCES.make(CLIENT, BOTH, NOW - age), HOST, NOW) is is_fresh


@given(st.binary(max_size=40))
def test_b3_c14_any_octets_are_judged(nonce: bytes) -> None:
    assert not NONCES.is_fresh(nonce, HOST, NOW)
    has_feature(nonce, BOTH)


@given(st.integers(0, 31), st.integers(1, 255))
def test_b14_a_nonce_with_anything_changed_is_none_of_ours(at: int, change: int) -> None:
    """B14: the features are within the sum, so that nobody in between can take one away."""
    nonce = bytearray(NONCES.make(CLIENT, BOTH, NOW))
    decoded = base64.b64decode(bytes(nonce[13:]) + b"=")
    nonce[at] ^= change
    try:
        # Two of the bits of the last character say nothing.
        same = base64.b64decode(bytes(nonce[13:]) + b"=", validate=True) == decoded and at > 12
    except ValueError:
        same = False
    assert NONCES.is_fresh(bytes(nonce), HOST, NOW) is same


def test_a_nonce_needs_no_padding() -> None:
    """D1: a challenge is small, as strangers may ask for it in another's name."""
    assert len(NONCES.make(CLIENT, BOTH, NOW)) == 32


def test_features_are_announced_to_those_who_count_from_either_end() -> None:
    """RFC 8656 section 20 counts from the left, RFC 8489 appendix B.1 from the right."""
    assert NONCES.make(CLIENT, BOTH, NOW).startswith(b"obMatJos2wAAD")
    assert has_feature(b"obMatJos2gAAAadl7W7PeDU4hKE72jda", PASSWORD_ALGORITHMS)
    assert has_feature(b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA", USERNAME_ANONYMITY)
    assert not has_feature(b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA", PASSWORD_ALGORITHMS)


@pytest.mark.parametrize(
    "nonce", [b"", b"f//499k954d6OL34oL9FSTvy64sA", b"obMatJos2", b"obMatJos2!!!!"]
)
def test_a_nonce_without_the_cookie_announces_nothing(nonce: bytes) -> None:
    assert not has_feature(nonce, BOTH)
