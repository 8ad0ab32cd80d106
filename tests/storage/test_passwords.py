"""Passwords are hashed by scrypt (RFC 7914) and compared off the reactor, some at a time."""

import hashlib
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.password_checks import MOST_WAITING, CheckedCustomers
from procall_mobility.storage.passwords import NOBODY, PasswordHash, new_password


def test_a_hash_is_scrypt_with_its_parameters_beside_it() -> None:
    """RFC 7914 section 2."""
    hashed = PasswordHash.of("secret", lambda size: bytes(range(size)))
    salt = bytes(range(16))
    assert hashed.digest == hashlib.scrypt(
        b"secret", salt=salt, n=2**14, r=8, p=1, maxmem=2**26, dklen=32
    )
    assert str(hashed).startswith("scrypt$16384$8$1$AAECAwQFBgcICQoLDA0ODw==$")


def test_a_written_hash_is_read_again() -> None:
    hashed = PasswordHash.of("secret", bytes)
    assert PasswordHash.parse(str(hashed)) == hashed
    assert PasswordHash.parse(str(hashed)).matches("secret")


def test_an_older_hash_with_other_parameters_still_matches() -> None:
    digest = hashlib.scrypt(b"secret", salt=b"salt", n=2**4, r=2, p=1, dklen=32)
    assert PasswordHash(2**4, 2, 1, b"salt", digest).matches("secret")


@settings(max_examples=5, deadline=None)
@given(st.text(st.characters(), max_size=20))
def test_nothing_matches_nobody(password: str) -> None:
    """And any text can be compared: JSON lets lone surrogates through."""
    assert not NOBODY.matches(password)


def test_a_hash_shows_nothing_of_itself() -> None:
    assert repr(PasswordHash.of("secret", bytes)) == "PasswordHash(...)"


def test_a_new_password_carries_160_bits_that_can_be_read_aloud() -> None:
    password = new_password(lambda size: bytes(range(size)))
    assert password == "aaaqeaye-audaocaj-bifqydio-b4ibceqt"


class Threads:
    """Keeps what is to be run elsewhere until told to run it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], bool], Callable[[bool], None]]] = []

    def __call__(self, function: Callable[[], bool], done: Callable[[bool], None]) -> None:
        self.waiting.append((function, done))

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for function, done in waiting:
            done(function())


def test_a_password_is_compared_elsewhere_and_answered_later(store: CustomerStore) -> None:
    password = store.add("acme")
    threads, answers = Threads(), list[bool]()
    customers = CheckedCustomers(store, threads)
    customers.check_password("acme", password, answers.append)
    customers.check_password("acme", "another one", answers.append)
    customers.check_password("nobody", password, answers.append)
    assert answers == []
    threads.run()
    assert answers == [True, False, False]


def test_an_unknown_customer_costs_the_same(store: CustomerStore) -> None:
    """Otherwise the time of an answer tells who is a customer."""
    store.add("acme")
    known, unknown = store.password_hash("acme"), store.password_hash("nobody")
    assert (known.cost, known.block, known.parallel) == (
        unknown.cost,
        unknown.block,
        unknown.parallel,
    )
    assert len(known.salt) == len(unknown.salt)
    assert len(known.digest) == len(unknown.digest)


def test_the_number_of_waiting_comparisons_is_bounded(store: CustomerStore) -> None:
    threads, answers = Threads(), list[bool | None]()
    customers = CheckedCustomers(store, threads)
    for _ in range(MOST_WAITING):
        customers.check_password("acme", "x", answers.append)
    customers.check_password("acme", "x", answers.append)
    assert answers == [None], "one too many is answered at once, by neither yes nor no"
    waiting, threads.waiting = threads.waiting, []
    for _, done in waiting:
        done(False)
    customers.check_password("acme", "x", answers.append)
    assert len(threads.waiting) == 1, "there is room again"


def test_customers_are_found_as_in_the_store(store: CustomerStore) -> None:
    store.add("acme")
    found = CheckedCustomers(store, Threads()).find("ACME")
    assert found is not None
    assert found.ucsid == "acme"
