"""What was found in a database holds until somebody changes it."""

import sqlite3
from pathlib import Path

import pytest
from attrs import define, field

from procall_mobility.storage.remembered import SEEN_WITHIN, Remembered


@define
class Shelf:
    """A table with words, and who looks into it how often."""

    file: Path
    connection: sqlite3.Connection = field(init=False)
    remembered: Remembered[str] = field(init=False)
    looked: int = 0
    now: float = 100.0

    def __attrs_post_init__(self) -> None:
        self.connection = sqlite3.connect(self.file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("CREATE TABLE IF NOT EXISTS words (key TEXT PRIMARY KEY, word)")
        self.remembered = Remembered(self.connection, lambda: self.now)

    def puts(self, word: str) -> None:
        self.connection.execute("REPLACE INTO words VALUES ('a', ?)", (word,))

    def says(self) -> str | None:
        return self.remembered.get("a", self._find)

    def _find(self, key: str) -> str | None:
        self.looked += 1
        row = self.connection.execute("SELECT word FROM words WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "words.sqlite")


def test_what_was_found_is_not_looked_for_again(shelf: Shelf) -> None:
    shelf.puts("one")
    assert [shelf.says(), shelf.says()] == ["one", "one"]
    assert shelf.looked == 1


def test_what_was_not_found_is_not_remembered(shelf: Shelf) -> None:
    """Anybody can ask for any number of names."""
    assert [shelf.says(), shelf.says()] == [None, None]
    assert shelf.looked == 2


def test_a_change_of_ones_own_is_seen(shelf: Shelf) -> None:
    shelf.puts("one")
    shelf.says()
    shelf.puts("two")
    assert shelf.says() == "two"


def test_a_change_by_somebody_else_is_seen(shelf: Shelf) -> None:
    shelf.puts("one")
    shelf.says()
    Shelf(shelf.file).puts("two")
    shelf.now += SEEN_WITHIN
    assert shelf.says() == "two"
    Shelf(shelf.file).connection.execute("DELETE FROM words")
    shelf.now += SEEN_WITHIN
    assert shelf.says() is None


def test_a_change_by_somebody_else_is_seen_however_often_it_is_asked(shelf: Shelf) -> None:
    """Also where there is no quiet moment."""
    shelf.puts("one")
    shelf.says()
    Shelf(shelf.file).puts("two")
    for _ in range(4):
        shelf.now += SEEN_WITHIN / 4
        said = shelf.says()
    assert said == "two"


def test_no_command_that_changes_something_ends_before_the_change_is_seen() -> None:
    """It has a Python to be ended, which takes longer than this."""
    assert SEEN_WITHIN <= 0.005


def test_what_is_taken_back_was_never_remembered(shelf: Shelf) -> None:
    shelf.puts("one")
    shelf.connection.execute("BEGIN")
    shelf.puts("two")
    assert shelf.says() == "two"
    shelf.connection.execute("ROLLBACK")
    assert shelf.says() == "one"
