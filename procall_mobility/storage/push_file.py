"""The file that pushes are kept in: beside the customers' database, not inside it.

A database has one writer at a time.  Here each group of pushes waits for the disk; a change to a
customer must not wait behind it on the reactor, nor a full queue keep an operator from changing
anything.  The queue is also no part of a backup, whereas the customers are.
"""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from attrs import frozen

from procall_mobility.storage.database import BUSY_TIMEOUT, migrations, open_database
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.passwords import Entropy
from procall_mobility.storage.push_keys import PushKey, make_key, read_key, sync_folder

FOLDER = "push_migrations"

CHECKPOINT = 4000
"""Pages of the log (16 MB) after which they are written to their place.  A push lives shorter than
that: most of its pages are never written twice."""

CACHE_KIB = 16 * 1024
"""Of the writer: the ends of the indexes stay at hand."""


@frozen
class PushFile:
    """An open file: whoever looks something up never waits for the one who writes."""

    path: Path
    reader: sqlite3.Connection
    writer: sqlite3.Connection
    key: PushKey

    def close(self) -> None:
        """Close it; the last to close writes the log to its place."""
        self.reader.close()
        self.writer.close()


def open_file(
    path: Path, key: Path, entropy: Entropy, *, makes_key: bool, octets: int
) -> PushFile:
    """Open or create the file at `path`, which may grow up to `octets`.

    A key is made on first use when `makes_key`: it is not where the operator provides one.

    Raises:
        StoreError: it cannot be opened, or the key is not the one it was sealed with.
    """
    try:
        with ExitStack() as opened:
            reader = opened.enter_context(closing(open_database(path, migrations(FOLDER))))
            found = _key_of(reader, path, key, entropy, makes_key=makes_key)
            writer = opened.enter_context(closing(_writer(path, octets)))
            _note_key(writer, found)
            sync_folder(path.parent)
            opened.pop_all()
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: {error}") from error
    return PushFile(path, reader, writer, found)


def _writer(path: Path, octets: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    # Whoever was told that a push is accepted can rely on it when the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    # What is copied to take back a single statement, some hundred pages, is no matter for a file:
    # that would cost as much as to write them, and lie where others look for rubbish.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute(f"PRAGMA max_page_count = {octets // page}")
    return connection


def _key_of(
    reader: sqlite3.Connection, path: Path, file: Path, entropy: Entropy, *, makes_key: bool
) -> PushKey:
    known = reader.execute('SELECT "check" FROM seal').fetchone()
    if known is None and makes_key and not file.exists():
        make_key(file, entropy)
    if known is not None and not file.exists():
        raise StoreError(f"{file}: the key of {path} is missing; {_cure(reader, path)}")
    key = read_key(file)
    if known is not None and known != (key.check(),):
        raise StoreError(f"{file}: not the key that {path} was sealed with; {_cure(reader, path)}")
    return key


def _cure(reader: sqlite3.Connection, path: Path) -> str:
    (waiting,) = reader.execute("SELECT count(*) FROM queue").fetchone()
    return f"put the right one back, or move {path} away to give up {waiting} waiting pushes"


def _note_key(writer: sqlite3.Connection, key: PushKey) -> None:
    writer.execute(
        'INSERT INTO seal ("check") SELECT ? WHERE NOT EXISTS (SELECT 1 FROM seal)',
        (key.check(),),
    )
