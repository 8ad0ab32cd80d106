"""Opens a SQLite database and brings it to the version of this program."""

import re
import sqlite3
from importlib import resources
from pathlib import Path

from procall_mobility.storage.errors import StoreError

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that is writing; it writes for milliseconds."""

_NAME = re.compile(r"(\d{4})_\w+\.sql")


def migrations() -> list[tuple[int, str]]:
    """Return number and text of all migrations, in order."""
    folder = resources.files("procall_mobility.storage").joinpath("migrations")
    found = [
        (int(match[1]), entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    return sorted(found)


def open_database(path: Path) -> sqlite3.Connection:
    """Open or create the database at `path`, readable by its owner only.

    Raises:
        StoreError: it cannot be opened, is none, or was made by a later version.
    """
    try:
        path.touch(mode=0o600, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {error}") from error
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    known = migrations()
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > known[-1][0]:
            raise StoreError(
                f"{path}: made by a later version of this program (schema {version}, this one "
                f"knows {known[-1][0]}); update procall-mobility"
            )
        for number, script in known:
            if number > version:
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _statements(script: str) -> list[str]:
    """Split a script: executescript would commit behind our back."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
