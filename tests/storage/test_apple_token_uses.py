"""Which token Apple was given last outlives the daemon; without that, all goes on."""

import sqlite3
from collections.abc import Callable

from procall_mobility.protocols.push.apple_tokens import TokenUse
from procall_mobility.storage.apple_token_uses import MOST_KEYS, AppleTokenUses
from procall_mobility.storage.customers import CustomerStore

FIRST, SECOND = TokenUse(1_800_000_000, 1_800_000_001.5), TokenUse(1_800_001_800, 1_800_001_801.0)


def test_the_last_use_of_each_key_is_found_by_the_next_daemon(
    open_store: Callable[[], CustomerStore],
) -> None:
    uses = AppleTokenUses(open_store())
    assert uses.recall("TEAM123456", "KEY1234567") is None
    uses.note("TEAM123456", "KEY1234567", FIRST)
    uses.note("TEAM123456", "KEY1234567", SECOND)
    uses.note("TEAM123456", "KEY7654321", FIRST)
    after = AppleTokenUses(open_store())
    assert after.recall("TEAM123456", "KEY1234567") == SECOND
    assert after.recall("TEAM123456", "KEY7654321") == FIRST
    assert after.recall("TEAM654321", "KEY1234567") is None


def test_keys_that_were_used_long_ago_are_forgotten(store: CustomerStore) -> None:
    uses = AppleTokenUses(store)
    with store.transaction():
        store.connection.executemany(
            "INSERT INTO apple_tokens VALUES ('TEAM123456', ?, 1, ?)",
            [(f"KEY{number:07}", float(number)) for number in range(MOST_KEYS)],
        )
    uses.note("TEAM123456", "KEYNEWEST1", FIRST)
    (count,) = store.connection.execute("SELECT count(*) FROM apple_tokens").fetchone()
    assert count == MOST_KEYS
    assert uses.recall("TEAM123456", "KEY0000000") is None
    assert uses.recall("TEAM123456", "KEY0000001") is not None
    assert uses.recall("TEAM123456", "KEYNEWEST1") == FIRST


def test_a_store_that_cannot_be_written_or_read_stops_no_push(store: CustomerStore) -> None:
    uses = AppleTokenUses(store)
    store.connection.execute("PRAGMA query_only = ON")
    uses.note("TEAM123456", "KEY1234567", FIRST)
    assert uses.recall("TEAM123456", "KEY1234567") is None
    store.connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
    assert uses.recall("TEAM123456", "KEY1234567") is None
    store.connection.set_authorizer(None)
