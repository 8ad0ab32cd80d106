"""The keyed sums of MESSAGE-INTEGRITY are those of everybody else (RFC 2104)."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.stun.integrity import keyed_sum


@given(
    key=st.binary(max_size=64),
    message=st.binary(max_size=300),
    algorithm=st.sampled_from(["sha1", "sha256"]),
)
def test_a_sum_is_the_hmac_however_often_its_key_was_used(
    key: bytes, message: bytes, algorithm: str
) -> None:
    for _ in range(2):
        assert keyed_sum(key, message, algorithm) == hmac.digest(key, message, algorithm)


def test_a_key_longer_than_a_block_is_a_mistake_of_ours() -> None:
    """No key of STUN's has more than 32 octets; hashing longer ones first is left out."""
    with pytest.raises(ValueError, match="longer than a block"):
        keyed_sum(bytes(65), b"", "sha1")
