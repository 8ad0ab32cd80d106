"""Opening the file of pushes: with the key it was sealed with, or not at all and as it was."""

import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.push_file import PushFile, open_file
from tests.gateway.push.fakes import push
from tests.storage.entropy import counting_entropy
from tests.storage.push_stores import Queue

Open = Callable[..., PushFile]


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Open]:
    opened = []

    def open_one(*, makes_key: bool = True, octets: int = 2**30) -> PushFile:
        path, key = tmp_path / "push.sqlite", tmp_path / "push.key"
        file = open_file(path, key, counting_entropy(), makes_key=makes_key, octets=octets)
        opened.append(file)
        return file

    yield open_one
    for file in opened:
        file.close()


def test_the_key_and_the_file_are_made_for_their_owner_alone(opening: Open) -> None:
    file = opening()
    for each in file.path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    assert (file.path.parent / "push.key").exists()


def test_a_key_the_operator_provides_is_not_made(opening: Open) -> None:
    with pytest.raises(StoreError, match=r"push\.key: the key of the pushes cannot be read"):
        opening(makes_key=False)


def test_a_write_waits_for_the_disk(opening: Open) -> None:
    """2 is FULL: the log is on the disk when a transaction is said to be."""
    file = opening()
    assert file.writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert file.writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_nothing_of_a_push_is_copied_into_another_file(opening: Open) -> None:
    """Nor are the pages that a statement changes written twice."""
    file = opening()
    assert file.writer.execute("PRAGMA temp_store").fetchone() == (2,)
    file.close()


def test_who_looks_up_does_not_wait_for_who_writes(opening: Open) -> None:
    file = opening()
    file.writer.execute("BEGIN IMMEDIATE")
    file.writer.execute("INSERT INTO tombstones (at, token) VALUES (1.0, x'00')")
    assert file.reader.execute("SELECT count(*) FROM tombstones").fetchone() == (0,)
    file.writer.execute("COMMIT")
    assert file.reader.execute("SELECT count(*) FROM tombstones").fetchone() == (1,)


def test_the_file_does_not_grow_beyond_its_bound(opening: Open) -> None:
    file = opening(octets=200 * 1024)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        file.writer.execute(
            "INSERT INTO answers (at, key, sealed) VALUES (1.0, x'00', zeroblob(200 * 1024))"
        )


@pytest.mark.parametrize("makes_key", [True, False])
def test_a_missing_key_is_told_with_the_cure_and_nothing_is_lost(
    queue: Queue, *, makes_key: bool
) -> None:
    queue.add(push(1), push(2))
    queue.store.close()
    kept = queue.key.rename(queue.folder / "elsewhere")
    queue.makes_key = makes_key
    with pytest.raises(StoreError) as told:
        queue.again()
    assert str(told.value) == (
        f"{queue.key}: the key of {queue.path} is missing; put the right one back, or move"
        f" {queue.path} away to give up 2 waiting pushes"
    )
    assert not queue.key.exists()
    kept.rename(queue.key)
    again = queue.again()
    assert len(again.loaded()) == 2
    again.store.close()


def test_another_key_is_told_with_the_cure_and_nothing_is_lost(queue: Queue) -> None:
    queue.add(push(1))
    queue.store.close()
    right = queue.key.read_bytes()
    queue.key.write_text("A" * 43 + "=\n")
    with pytest.raises(StoreError) as told:
        queue.again()
    assert str(told.value) == (
        f"{queue.key}: not the key that {queue.path} was sealed with; put the right one back, or"
        f" move {queue.path} away to give up 1 waiting pushes"
    )
    queue.key.write_bytes(right)
    again = queue.again()
    assert len(again.loaded()) == 1
    again.store.close()


def test_the_key_stays_when_the_file_is_moved_away(queue: Queue) -> None:
    """As the cure says."""
    queue.store.close()
    key = queue.key.read_bytes()
    queue.path.rename(queue.folder / "old.sqlite")
    again = queue.again()
    assert again.loaded() == []
    assert again.key.read_bytes() == key
    again.store.close()


def test_two_who_open_it_at_the_same_time_use_one_key(opening: Open) -> None:
    assert opening().key == opening().key


def test_a_file_that_cannot_be_opened_is_told(opening: Open, tmp_path: Path) -> None:
    (tmp_path / "push.sqlite").write_text("no database " * 100)
    with pytest.raises(StoreError, match=r"push\.sqlite: .*not a database"):
        opening()


def test_a_file_that_somebody_else_holds_is_told(
    opening: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening()
    holder = sqlite3.connect(tmp_path / "push.sqlite", isolation_level=None)
    holder.execute("DELETE FROM seal")
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("procall_mobility.storage.push_file.BUSY_TIMEOUT", 0.01)
    monkeypatch.setattr("procall_mobility.storage.database.BUSY_TIMEOUT", 0.01)
    with pytest.raises(StoreError, match="locked"):
        opening()
    holder.close()


def test_a_file_whose_tables_are_gone_is_told(opening: Open, tmp_path: Path) -> None:
    opening().close()
    connection = sqlite3.connect(tmp_path / "push.sqlite")
    connection.execute("DROP TABLE seal")
    connection.close()
    with pytest.raises(StoreError, match=r"push\.sqlite: no such table"):
        opening()


def test_a_file_whose_key_cannot_be_noted_is_told(opening: Open, tmp_path: Path) -> None:
    opening().close()
    connection = sqlite3.connect(tmp_path / "push.sqlite")
    connection.execute("DROP TABLE seal")
    connection.execute("CREATE VIEW seal AS SELECT x'' AS \"check\" WHERE false")
    connection.close()
    with pytest.raises(StoreError, match="cannot modify seal"):
        opening()
