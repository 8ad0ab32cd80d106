"""Public keys of customers' servers, as they are kept."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from procall_mobility.protocols.token_checks import verifier
from procall_mobility.storage.customer_keys import MOST_KEYS, CustomerKeyStore
from procall_mobility.storage.customers import Change, CustomerStore
from procall_mobility.storage.errors import StoreError
from tests.protocols.push.pushes import ec_key, rsa_key


def public(key: object) -> bytes:
    octets: bytes = key.public_key().public_bytes(  # type: ignore[attr-defined]
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return octets


@pytest.fixture
def keys(store: CustomerStore) -> CustomerKeyStore:
    store.add("acme", ("acme.example",))
    store.changes()
    return CustomerKeyStore(store)


def test_a_key_verifies_from_then_on(keys: CustomerKeyStore, store: CustomerStore) -> None:
    added = keys.add("acme", public(ec_key()))
    assert keys.verifiers("acme") == [verifier(public(ec_key()))]
    assert keys.all("acme") == [added]
    assert (added.algorithm, added.added) == ("ES256", 1_800_000_000.0)
    assert store.changes() == [Change("acme", credentials=False)]


def test_a_key_that_was_removed_does_not(keys: CustomerKeyStore, store: CustomerStore) -> None:
    added = keys.add("acme", public(ec_key()))
    keys.remove("acme", added.id)
    assert keys.verifiers("acme") == []
    assert len(store.changes()) == 2
    with pytest.raises(StoreError, match="has no key"):
        keys.remove("acme", added.id)


def test_two_keys_stand_side_by_side_and_the_same_only_once(keys: CustomerKeyStore) -> None:
    keys.add("acme", public(ec_key()))
    keys.add("acme", public(rsa_key()))
    assert {each.algorithm for each in keys.verifiers("acme")} == {"ES256", "RS256"}
    with pytest.raises(StoreError, match="has this key already"):
        keys.add("acme", public(ec_key()))


def test_there_is_an_end_to_them(keys: CustomerKeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procall_mobility.storage.customer_keys.MOST_KEYS", 1)
    keys.add("acme", public(ec_key()))
    with pytest.raises(StoreError, match="remove one first"):
        keys.add("acme", public(rsa_key()))
    assert MOST_KEYS == 4


def test_strangers_have_none(keys: CustomerKeyStore) -> None:
    assert keys.verifiers("nobody") == []
    assert keys.verifiers("no ucsid\ud800") == []
    for ask in (keys.all, lambda name: keys.add(name, public(ec_key()))):
        with pytest.raises(StoreError, match="no customer"):
            ask("nobody")


def test_what_is_no_key_is_named(keys: CustomerKeyStore) -> None:
    with pytest.raises(StoreError, match="public key in PEM"):
        keys.add("acme", b"x")


def test_they_go_with_their_customer(keys: CustomerKeyStore, store: CustomerStore) -> None:
    keys.add("acme", public(ec_key()))
    store.remove("acme")
    assert keys.verifiers("acme") == []
