"""Whether a store can be written, found out from outside."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from procall_mobility.storage import writability
from procall_mobility.storage.database import open_database
from procall_mobility.storage.writability import LEAST_SPACE, why_not_writable


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "customers.sqlite"
    with closing(open_database(made)):
        yield made


def test_a_store_that_can_be_written_has_no_reason(file: Path) -> None:
    before = file.read_bytes()
    assert why_not_writable(file) is None
    assert file.read_bytes() == before


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "customers.sqlite"
    assert why_not_writable(file) == "customers.sqlite: unable to open database file"
    assert not file.exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "customers.sqlite"
    file.write_text("no database, but rather long " * 100)
    assert why_not_writable(file) == "customers.sqlite: file is not a database"


def test_a_writer_that_does_not_end_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writability, "PATIENCE", 0.0)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert why_not_writable(file) == "customers.sqlite: database is locked"


def test_a_full_disk_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil._ntuple_diskusage(1, 1, LEAST_SPACE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert why_not_writable(file) == "customers.sqlite: the disk is full"


def test_a_folder_that_cannot_be_looked_at_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fails)
    assert why_not_writable(file) == "customers.sqlite: Input/output error"
