"""Opens a SQLite database and brings it to the version of this program."""

import os
import re
import sqlite3
import stat
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from procall_mobility.storage.errors import StoreError

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that is writing; it writes for milliseconds."""

_NAME = re.compile(r"(\d{4})_\w+\.sql")


Migrations = Sequence[tuple[int, str]]
"""Numbers and texts, in order."""


def migrations(name: str = "migrations") -> Migrations:
    """Return the migrations in a folder of this package; the customers' unless named."""
    folder = resources.files("procall_mobility.storage").joinpath(name)
    found = [
        (int(match[1]), entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    return sorted(found)


def open_database(path: Path, known: Migrations | None = None) -> sqlite3.Connection:
    """Open or create the database at `path`, readable by its owner only.

    It is the customers' unless other migrations are given.

    Raises:
        StoreError: it cannot be opened, is none, or was made by a later version.
    """
    try:
        _keep_private(path)
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection, path, migrations() if known is None else known)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"{path}: {error}") from error
    except StoreError:
        connection.close()
        raise
    return connection


def _keep_private(path: Path) -> None:
    """Make the file, or see to it that an old one is its owner's alone."""
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        _refuse_foreign_link(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
        return
    try:
        # What root makes is to be the daemon's, as the folder is.
        # SQLite does the same for the files beside it.
        folder = path.parent.stat()
        if os.geteuid() == 0 and folder.st_uid != 0:
            os.fchown(made, folder.st_uid, folder.st_gid)
    finally:
        os.close(made)


def _refuse_foreign_link(path: Path) -> None:
    """Follow no link that another account has made: it may lead to what only we can write."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode) and status.st_uid not in (0, os.geteuid()):
        raise StoreError(f"{path}: a link that another account has made; name the file itself")


def _migrate(connection: sqlite3.Connection, path: Path, known: Migrations) -> None:
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
    return [*statements, current]  # A last one without its semicolon, or nothing.
