"""A quick no: never for what is there, seldom a maybe for what is not."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.storage.push_sieve import Sieve

hashes = st.binary(min_size=16, max_size=16)


@given(st.lists(hashes), hashes)
def test_what_is_there_is_never_said_not_to_be(given_hashes: list[bytes], late: bytes) -> None:
    sieve = Sieve(given_hashes)
    sieve.update([late])
    assert all(each in sieve for each in (*given_hashes, late))


def test_most_of_what_is_not_there_is_said_not_to_be() -> None:
    def hashed(number: int) -> bytes:
        return hashlib.blake2b(b"%d" % number, digest_size=16).digest()

    sieve = Sieve(map(hashed, range(20_000)))
    mistaken = sum(hashed(number) in sieve for number in range(20_000, 40_000))
    assert mistaken < 100


def test_nothing_is_in_an_empty_one() -> None:
    assert bytes(16) not in Sieve([])
