"""What was taken back of users stays so, until they have something younger (turn.md section 2)."""

from collections.abc import Callable

import pytest

from procall_mobility.gateway.turn_keys import EVERYBODY, TurnKeys
from procall_mobility.protocols.turn.rest_names import parse
from procall_mobility.storage import turn_secrets
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.turn_secrets import TurnSecretStore

OpenStore = Callable[[], CustomerStore]


def lets_in(keys: TurnKeys, username: str) -> bool:
    name = parse(username.encode())
    assert name is not None
    return bool(keys.passwords(name, username))


def test_what_a_user_had_is_good_for_nothing_and_what_comes_later_is(
    secrets: TurnSecretStore,
) -> None:
    """All of it within one second: what comes later is later all the same."""
    secrets.set_secret("acme", b"first secret")
    secrets.set_user("acme", "alice", "a password")
    secrets.revoke("acme", "alice")
    keys = secrets.keys("acme")
    assert not lets_in(keys, "acme:alice")
    assert not lets_in(keys, "9999999999:acme:alice")
    assert lets_in(keys, "9999999999:acme:bob")
    assert lets_in(keys, keys.mint("acme", "alice", 9_999_999_999)[0])
    secrets.set_user("acme", "alice", "a password")
    secrets.set_secret("acme", b"second secret")
    keys = secrets.keys("acme")
    assert lets_in(keys, "acme:alice")
    assert lets_in(keys, "9999999999:acme:alice")


def test_taking_back_twice_takes_back_what_was_issued_in_between(
    secrets: TurnSecretStore,
) -> None:
    secrets.revoke("acme", "alice")
    between, _ = secrets.keys("acme").mint("acme", "alice", 9_999_999_999)
    assert lets_in(secrets.keys("acme"), between)
    secrets.revoke("acme", None)
    keys = secrets.keys("acme")
    assert not lets_in(keys, between)
    assert list(keys.taken_back) == [EVERYBODY], "which is all users, those before included"


def test_it_outlasts_a_restart(open_store: OpenStore) -> None:
    first = open_store()
    first.add("acme")
    TurnSecretStore(first).keys("acme")
    TurnSecretStore(first).revoke("acme", "alice")
    again = TurnSecretStore(open_store()).keys("acme")
    assert not lets_in(again, "9999999999:acme:alice")


def test_it_is_forgotten_when_nothing_is_left_that_it_was_about(secrets: TurnSecretStore) -> None:
    secrets.set_secret("acme", b"first secret")
    secrets.set_user("acme", "alice", "a password")
    for user in ("alice", "bob"):
        secrets.revoke("acme", user)
    secrets.set_secret("acme", b"second secret")
    assert set(secrets.keys("acme").taken_back) == {"alice", "bob"}, "the first is good still"
    secrets.drop_secret("acme")
    assert set(secrets.keys("acme").taken_back) == {"alice"}, "for her fixed password"
    assert not lets_in(secrets.keys("acme"), "acme:alice")


def test_too_many_users_taken_back_are_everybody(
    secrets: TurnSecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_secrets, "MOST_TAKEN_BACK", 3)
    secrets.keys("acme")
    for number in range(4):
        secrets.revoke("acme", f"user{number}")
    keys = secrets.keys("acme")
    assert list(keys.taken_back) == [EVERYBODY]
    assert not lets_in(keys, "9999999999:acme:user0")
