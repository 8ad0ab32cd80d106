"""Opening the database: private, migrated from every older version, refused when newer."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from procall_mobility.storage import database
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.database import migrations, open_database
from procall_mobility.storage.errors import StoreError

LATEST = migrations()[-1][0]


def made_by_version(file: Path, version: int) -> None:
    connection = sqlite3.connect(file)
    for number, script in migrations()[:version]:
        connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {number}")
    if version:
        connection.execute(
            "INSERT INTO customers (ucsid, password, created) VALUES ('old', 'scrypt$', 5)"
        )
    connection.commit()
    connection.close()


def version_of(file: Path) -> int:
    connection = sqlite3.connect(file)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert isinstance(version, int)
    return version


def test_migrations_are_numbered_without_gaps() -> None:
    assert [number for number, _ in migrations()] == list(range(1, LATEST + 1))


@pytest.mark.parametrize("version", range(LATEST + 1))
def test_every_older_version_becomes_this_one_and_keeps_its_customers(
    file: Path, version: int
) -> None:
    made_by_version(file, version)
    store = CustomerStore(file, bytes, lambda: 0.0)
    assert [customer.ucsid for customer in store.all()] == (["old"] if version else [])
    store.add("new")
    store.close()
    assert version_of(file) == LATEST


def test_only_what_is_new_is_applied_and_all_of_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (1, "CREATE TABLE a (x);\nINSERT INTO a VALUES (';');\n")
    second = (2, "-- a remark; with a semicolon\nCREATE TABLE b (x)")
    monkeypatch.setattr(database, "migrations", lambda: [first])
    open_database(file).close()
    monkeypatch.setattr(database, "migrations", lambda: [first, second])
    connection = open_database(file)
    assert connection.execute("SELECT * FROM a").fetchall() == [(";",)]
    assert connection.execute("SELECT * FROM b").fetchall() == []
    connection.close()
    assert version_of(file) == 2


def test_a_migration_that_fails_leaves_all_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "migrations", lambda: [(1, "CREATE TABLE a (x);\nNONSENSE;\n")])
    with pytest.raises(StoreError, match="syntax error"):
        open_database(file)
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == []
    connection.close()
    assert version_of(file) == 0


def test_a_newer_database_is_refused_with_the_cure(file: Path) -> None:
    open_database(file).close()
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    connection.close()
    with pytest.raises(StoreError, match=f"schema {LATEST + 1}.*update procall-mobility"):
        open_database(file)
    assert version_of(file) == LATEST + 1


def test_what_is_no_database_is_told(tmp_path: Path, file: Path) -> None:
    file.write_text("no database " * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_database(file)
    with pytest.raises(StoreError, match="No such file or directory"):
        open_database(tmp_path / "nowhere" / "customers.sqlite")
    with pytest.raises(StoreError, match="unable to open"):
        open_database(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes links for others")
def test_no_link_of_another_account_is_followed(file: Path) -> None:
    """Whoever owns the folder could have root write anywhere."""
    victim = file.with_name("victim")
    victim.touch(0o644)
    file.symlink_to(victim)
    os.chown(file, 12345, 12346, follow_symlinks=False)
    with pytest.raises(StoreError, match="a link that another account has made"):
        open_database(file)
    assert victim.stat().st_size == 0
    assert stat.S_IMODE(victim.stat().st_mode) == 0o644
    os.chown(file, 0, 0, follow_symlinks=False)
    open_database(file).close()
    assert victim.stat().st_size > 0


def test_the_database_is_its_owners_alone(file: Path) -> None:
    connection = open_database(file)
    for each in file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    connection.close()
    file.chmod(0o644)
    open_database(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_new_database_belongs_to_whom_the_folder_belongs(file: Path) -> None:
    """An operator adds the first customer by sudo before the daemon has ever run."""
    if os.geteuid() == 0:  # Nobody else can give files away, or has to.
        os.chown(file.parent, 12345, 12346)
    open_database(file).close()
    folder = file.parent.stat()
    assert (file.stat().st_uid, file.stat().st_gid) == (folder.st_uid, folder.st_gid)


def test_it_is_written_ahead(file: Path) -> None:
    connection = open_database(file)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    connection.close()
