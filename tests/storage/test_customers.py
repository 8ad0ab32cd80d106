"""The operator's changes to customers, and what a running daemon sees of them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procall_mobility.gateway.customers import LogonStyle, Switches
from procall_mobility.storage import customers, remembered
from procall_mobility.storage.customers import Change, CustomerStore, Entry
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.passwords import NOBODY

OpenStore = Callable[[], CustomerStore]


def aliases_of(store: CustomerStore, key: str) -> set[str]:
    found = store.find(key)
    assert found is not None
    return set(found.aliases)


def test_a_customer_is_found_by_ucsid_and_alias_whatever_case_and_blanks(
    store: CustomerStore,
) -> None:
    """Wire A-02."""
    store.add("acme", ("acme.example", "acme.test"))
    for key in ("acme", " ACME ", "acme.example", "Acme.Test"):
        found = store.find(key)
        assert found is not None
        assert found.ucsid == "acme"
        assert found.aliases == {"acme.example", "acme.test"}
        assert found.enabled
        assert found.switches == Switches()
    assert store.find("other") is None


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(), max_size=300))
def test_any_key_is_found_or_not(store: CustomerStore, key: str) -> None:
    """Keys come from the network: lone surrogates are text that SQLite does not take."""
    assert store.find(key) is None
    assert store.password_hash(key) is NOBODY


def test_the_password_of_a_new_customer_is_long_random_and_stored_as_a_hash(
    store: CustomerStore, file: Path
) -> None:
    password = store.add("acme")
    assert len(password) >= 24
    assert password.isascii()
    assert password.isprintable()
    assert store.password_hash("acme").matches(password)
    assert not store.password_hash("acme").matches(password + "x")
    assert store.add("other") != password
    store.close()
    assert password.encode() not in file.read_bytes()


def test_a_password_can_be_given(store: CustomerStore) -> None:
    assert store.add("acme", password="a password of some length") == "a password of some length"
    assert store.password_hash("acme").matches("a password of some length")


def test_a_new_password_replaces_the_old_one(store: CustomerStore) -> None:
    old = store.add("acme")
    new = store.rotate_password("ACME")
    assert not store.password_hash("acme").matches(old)
    assert store.password_hash("acme").matches(new)


@pytest.mark.parametrize("ucsid", ["", "a b", "-a", "a.b", "a" * 64, "ä", "a\nb"])
def test_a_ucsid_is_a_short_word(store: CustomerStore, ucsid: str) -> None:
    with pytest.raises(StoreError, match="is no UCSID"):
        store.add(ucsid)


def test_a_name_belongs_to_one_customer_only(store: CustomerStore) -> None:
    """UCSIDs and aliases share one space of names: a look-up asks for either."""
    store.add("acme", ("acme.example",))
    store.add("other")
    for taken in ("acme", "acme.example", " ACME.example"):
        with pytest.raises(StoreError, match="is taken by acme"):
            store.change_aliases("other", add=(taken,))
    with pytest.raises(StoreError, match="acme is taken by acme"):
        store.add("acme")
    with pytest.raises(StoreError, match="third is taken by third"):
        store.add("third", ("third",))
    assert store.find("third") is None


def test_a_change_is_done_as_a_whole_or_not_at_all(store: CustomerStore) -> None:
    store.add("acme", ("acme.example",))
    with pytest.raises(StoreError, match="is no alias: a domain or a word"):
        store.change_aliases("acme", add=("fine.example", "not fine"), remove=("acme.example",))
    with pytest.raises(StoreError, match="strange is no alias of acme"):
        store.change_aliases("acme", add=("fine.example",), remove=("strange",))
    assert aliases_of(store, "acme") == {"acme.example"}
    store.change_aliases("acme", add=("fine.example",), remove=("ACME.example",))
    assert aliases_of(store, "acme") == {"fine.example"}


def test_switches_are_set_and_set_back(store: CustomerStore) -> None:
    store.add("acme")
    store.set_switches("acme", logon_style="v2", cors_origins=["https://a.example"], sessions=7)
    store.set_switches("acme", push_without=["fcm"])
    found = store.find("acme")
    assert found is not None
    assert found.switches == Switches(
        logon_style=LogonStyle.V2,
        cors_origins=("https://a.example",),
        sessions=7,
        push_without=("fcm",),
    )
    store.set_switches("acme", logon_style=None, cors_origins=None, turn=False)
    store.set_switches("acme", push_without=None)
    found = store.find("acme")
    assert found is not None
    assert found.switches == Switches(sessions=7, turn=False)


def test_switches_of_another_version_are_left_alone(store: CustomerStore) -> None:
    store.add("acme")
    store.set_switches("acme", logon_style="v9", unheard_of=1, jsonp=True)
    found = store.find("acme")
    assert found is not None
    assert found.switches == Switches(jsonp=True)


def test_a_customer_is_switched_off_and_on(store: CustomerStore) -> None:
    store.add("acme")
    for enabled in (False, True):
        store.enable("acme", enabled=enabled)
        found = store.find("acme")
        assert found is not None
        assert found.enabled is enabled


def test_the_operator_keeps_a_note(store: CustomerStore) -> None:
    store.add("acme")
    assert store.entry("acme") == Entry(created=1_800_000_000.0, note="")
    store.set_note("acme", "pays in March")
    assert store.entry("acme").note == "pays in March"


def test_a_customer_is_forgotten_with_all_its_names(store: CustomerStore) -> None:
    store.add("acme", ("acme.example",))
    store.remove("acme")
    assert store.find("acme") is None
    assert store.find("acme.example") is None
    store.add("other", ("acme.example",))


def test_all_customers_are_listed_in_order(store: CustomerStore) -> None:
    for ucsid in ("b", "c", "a"):
        store.add(ucsid)
    assert [customer.ucsid for customer in store.all()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "change",
    [
        lambda store, key: store.rotate_password(key),
        lambda store, key: store.enable(key, enabled=False),
        lambda store, key: store.set_switches(key, turn=False),
        lambda store, key: store.set_note(key, "x"),
        lambda store, key: store.change_aliases(key),
        lambda store, key: store.remove(key),
        lambda store, key: store.entry(key),
    ],
)
def test_changing_nobody_says_so(
    store: CustomerStore, change: Callable[[CustomerStore, str], object]
) -> None:
    store.add("acme", ("acme.example",))
    with pytest.raises(StoreError, match=r"there is no customer nobody; `customer list`"):
        change(store, "nobody")
    with pytest.raises(StoreError, match=r"acme\.example is an alias of acme"):
        change(store, "acme.example")


# Two processes on one file --------------------------------------------------------------


def test_another_process_sees_a_change_at_once(open_store: OpenStore) -> None:
    daemon, command = open_store(), open_store()
    command.add("acme")
    assert daemon.find("acme") is not None
    command.enable("acme", enabled=False)
    command.rotate_password("acme")
    command.remove("acme")
    assert daemon.changes() == [
        Change("acme", credentials=False),
        Change("acme", credentials=False),
        Change("acme", credentials=True),
        Change("acme", credentials=True),
    ]
    assert daemon.changes() == []
    assert daemon.find("acme") is None


def test_whoever_is_told_of_a_change_finds_the_customer_changed(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks once: what was remembered a moment ago would stay for good."""
    monkeypatch.setattr(remembered, "SEEN_WITHIN", 3600.0)
    daemon, command = open_store(), open_store()
    command.add("acme")
    assert daemon.changes() == [Change("acme", credentials=False)]
    assert daemon.find("acme").enabled  # type: ignore[union-attr]
    command.enable("acme", enabled=False)
    assert daemon.changes() == [Change("acme", credentials=False)]
    assert not daemon.find("acme").enabled  # type: ignore[union-attr]
    command.remove("acme")
    assert daemon.changes() == [Change("acme", credentials=True)]
    assert daemon.find("acme") is None


def test_what_was_changed_before_the_start_is_no_change(open_store: OpenStore) -> None:
    open_store().add("acme")
    assert open_store().changes() == []


def test_notes_of_changes_do_not_pile_up(
    open_store: OpenStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "MOST_CHANGES", 3)
    daemon, command = open_store(), open_store()
    command.add("acme")
    assert daemon.changes() == [Change("acme", credentials=False)]
    for _ in range(5):
        command.rotate_password("acme")
        assert daemon.changes() == [Change("acme", credentials=True)]
    connection = sqlite3.connect(file)
    (count,) = connection.execute("SELECT count(*) FROM changes").fetchone()
    connection.close()
    assert count == 3


def test_a_store_somebody_else_is_changing_says_so(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procall_mobility.storage.database.BUSY_TIMEOUT", 0.0)
    store = CustomerStore(file, bytes, lambda: 0.0)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="the store cannot be changed: database is locked"):
        store.add("acme")
    assert store.find("acme") is None, "reading goes on meanwhile"
    other.execute("ROLLBACK")
    other.close()
    store.add("acme")
    store.close()
