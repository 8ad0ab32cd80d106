"""Secrets, fixed passwords, peer rules and what was taken back (turn.md section 2)."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from procall_mobility.gateway.turn_keys import TurnKeys
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.storage import turn_secrets
from procall_mobility.storage.customers import Change, CustomerStore
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.turn_secrets import TurnSecretStore

NOW = 1_800_000_000
OpenStore = Callable[[], CustomerStore]


def values(keys: TurnKeys) -> list[bytes]:
    return [each.value for each in keys.secrets]


# Secrets --------------------------------------------------------------------------------


def test_a_secret_is_made_when_there_is_none_and_kept(secrets: TurnSecretStore) -> None:
    assert secrets.stored("acme").secrets == ()
    (made,) = secrets.keys("acme").secrets
    assert len(made.value) >= 32
    assert made.since == NOW
    assert secrets.keys("acme").secrets == (made,)


def test_of_two_processes_that_make_one_at_once_the_first_wins(open_store: OpenStore) -> None:
    daemon, command = open_store(), open_store()
    command.add("acme")
    late, early = TurnSecretStore(daemon), TurnSecretStore(command)
    looks = iter([True])
    look = late._secrets

    def looked_too_early(ucsid: str) -> object:
        if next(looks, False):
            early.keys("acme")
            return ()
        return look(ucsid)

    late._secrets = looked_too_early  # type: ignore[method-assign,assignment]
    assert late.keys("acme") == early.keys("acme")
    assert len(early.keys("acme").secrets) == 1


def test_where_none_can_be_made_there_is_none(
    file: Path, monkeypatch: pytest.MonkeyPatch, open_store: OpenStore
) -> None:
    """A daemon whose disk is full goes on with the users that need no secret."""
    monkeypatch.setattr("procall_mobility.storage.database.BUSY_TIMEOUT", 0.0)
    store = open_store()
    store.add("acme")
    TurnSecretStore(store).set_user("acme", "alice", "a password")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    keys = TurnSecretStore(store).keys("acme")
    other.execute("ROLLBACK")
    other.close()
    assert (keys.secrets, list(keys.users)) == ((), ["alice"])


def test_nobody_that_is_no_customer_has_anything(secrets: TurnSecretStore) -> None:
    assert secrets.keys("nobody") == TurnKeys()


def test_two_secrets_are_good_the_newest_first(secrets: TurnSecretStore) -> None:
    secrets.set_secret("ACME", b"first secret")
    secrets.set_secret("acme", b"second secret")
    assert values(secrets.keys("acme")) == [b"second secret", b"first secret"]
    third = secrets.rotate_secret("acme")
    assert values(secrets.keys("acme")) == [third.encode(), b"second secret"]
    assert len({each.since for each in secrets.keys("acme").secrets}) == 2


def test_the_same_secret_again_changes_nothing(secrets: TurnSecretStore) -> None:
    """Whoever sets up a machine runs the same commands twice."""
    secrets.set_secret("acme", b"first secret")
    secrets.set_secret("acme", b"first secret")
    assert values(secrets.keys("acme")) == [b"first secret"]
    secrets.set_secret("acme", b"second secret")
    with pytest.raises(StoreError, match="older one already"):
        secrets.set_secret("acme", b"first secret")
    assert values(secrets.keys("acme")) == [b"second secret", b"first secret"]


def test_the_older_secret_is_dropped(secrets: TurnSecretStore) -> None:
    with pytest.raises(StoreError, match="no older secret"):
        secrets.drop_secret("acme")
    secrets.set_secret("acme", b"first secret")
    with pytest.raises(StoreError, match="no older secret"):
        secrets.drop_secret("acme")
    secrets.set_secret("acme", b"second secret")
    secrets.drop_secret("acme")
    assert values(secrets.keys("acme")) == [b"second secret"]


# Users ----------------------------------------------------------------------------------


def test_a_fixed_password_is_kept_as_it_is(secrets: TurnSecretStore) -> None:
    """RFC 8489 section 9.2: the key is made of it, so no hash would do."""
    assert secrets.set_user("acme", "alice", "a password of hers") == "a password of hers"
    assert secrets.keys("acme").users["alice"].value == b"a password of hers"
    made = secrets.set_user("acme", "alice")
    assert secrets.keys("acme").users["alice"].value == made.encode()
    secrets.remove_user("acme", "alice")
    assert secrets.keys("acme").users == {}
    with pytest.raises(StoreError, match="no user alice"):
        secrets.remove_user("acme", "alice")


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "\ud800", "x" * 129])
def test_nobody_can_be_called_what_a_username_cannot_say(
    secrets: TurnSecretStore, name: str
) -> None:
    with pytest.raises(StoreError, match="is no user's name"):
        secrets.set_user("acme", name, "a password")


def test_a_customer_that_is_called_a_number_has_no_fixed_users(store: CustomerStore) -> None:
    """`123:alice` reads like a name with an expiry."""
    store.add("123")
    with pytest.raises(StoreError, match="UCSID is a number"):
        TurnSecretStore(store).set_user("123", "alice", "a password")


def test_users_and_rules_are_bounded(
    secrets: TurnSecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_secrets, "MOST_USERS", 2)
    monkeypatch.setattr(turn_secrets, "MOST_RULES", 2)
    for number in range(2):
        secrets.set_user("acme", f"user{number}", "a password")
        secrets.set_rule("acme", PeerRule.parse(f"10.0.0.{number}"))
    secrets.set_user("acme", "user0", "another password")
    secrets.set_rule("acme", PeerRule.parse("10.0.0.0", allow=False))
    with pytest.raises(StoreError, match="2 users"):
        secrets.set_user("acme", "one too many", "a password")
    with pytest.raises(StoreError, match="2 rules"):
        secrets.set_rule("acme", PeerRule.parse("10.0.0.9"))
    kept = secrets.keys("acme")
    assert (set(kept.users), len(kept.rules)) == ({"user0", "user1"}, 2)


# Rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["192.0.2.0/24", "192.0.2.7/32:5000-6000", "[2001:db8::/32]:443"])
def test_a_rule_is_kept_as_it_was_written(secrets: TurnSecretStore, text: str) -> None:
    rule = PeerRule.parse(text)
    secrets.set_rule("acme", rule)
    assert secrets.keys("acme").rules == (rule,)
    denied = PeerRule.parse(text, allow=False)
    secrets.set_rule("acme", denied)
    assert secrets.keys("acme").rules == (denied,), "one rule about the same peers"
    secrets.forget_rule("acme", rule)
    assert secrets.keys("acme").rules == ()
    with pytest.raises(StoreError, match="no rule about"):
        secrets.forget_rule("acme", rule)


# Together -------------------------------------------------------------------------------


def test_the_customers_are_those_of_the_store(
    store: CustomerStore, secrets: TurnSecretStore
) -> None:
    store.add("other")
    assert sorted(secrets.customers()) == ["acme", "other"]


def test_every_change_is_noted_for_a_running_daemon(open_store: OpenStore) -> None:
    daemon, command = open_store(), open_store()
    command.add("acme")
    daemon.changes()
    secrets, rule = TurnSecretStore(command), PeerRule.parse("10.0.0.0/8")
    for change in (
        lambda: secrets.set_secret("acme", b"a secret"),
        lambda: secrets.rotate_secret("acme"),
        lambda: secrets.drop_secret("acme"),
        lambda: secrets.set_user("acme", "alice"),
        lambda: secrets.remove_user("acme", "alice"),
        lambda: secrets.set_rule("acme", rule),
        lambda: secrets.forget_rule("acme", rule),
        lambda: secrets.revoke("acme", None),
    ):
        change()
        assert daemon.changes() == [Change("acme", credentials=False)]
    secrets.stored("acme")
    secrets.keys("acme")
    assert daemon.changes() == []


@pytest.mark.parametrize("key", ["nobody", "acme.example"])
def test_changing_nobody_says_so(secrets: TurnSecretStore, key: str) -> None:
    rule = PeerRule.parse("10.0.0.0/8")
    for change in (
        lambda: secrets.set_secret(key, b"a secret"),
        lambda: secrets.drop_secret(key),
        lambda: secrets.set_user(key, "alice"),
        lambda: secrets.remove_user(key, "alice"),
        lambda: secrets.set_rule(key, rule),
        lambda: secrets.forget_rule(key, rule),
        lambda: secrets.revoke(key, "alice"),
        lambda: secrets.stored_of(key),
    ):
        with pytest.raises(StoreError, match=f"there is no customer {key}"):
            change()


def test_a_customer_that_is_removed_takes_all_of_it_along(
    store: CustomerStore, secrets: TurnSecretStore, file: Path
) -> None:
    secrets.set_secret("acme", b"a secret")
    secrets.set_user("acme", "alice")
    secrets.set_rule("acme", PeerRule.parse("10.0.0.0/8"))
    secrets.revoke("acme", "bob")
    store.remove("acme")
    connection = sqlite3.connect(file)
    for table in ("turn_secrets", "turn_users", "turn_peers", "turn_taken_back"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    connection.close()
    store.add("acme")
    assert secrets.stored("acme") == TurnKeys()
