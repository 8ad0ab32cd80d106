"""Whether a store can be written now; asked by whoever watches, never by whoever writes."""

import shutil
import sqlite3
from pathlib import Path
from typing import Final

PATIENCE: Final = 1.0
"""Seconds to wait for another writer, who takes milliseconds."""

LEAST_SPACE: Final = 16 * 1024 * 1024
"""Octets left on the disk: SQLite's journal of a busy hour."""


def why_not_writable(path: Path) -> str | None:
    """Return why nothing can be written to a SQLite file; None where it can.

    It waits for the disk and for other writers, so call it in a thread.  Nothing is changed.
    """
    try:
        # A file that is gone is not made anew.
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None
        )
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
        space = shutil.disk_usage(path.parent).free
    except sqlite3.Error as error:
        return f"{path.name}: {error}"
    except OSError as error:
        return f"{path.name}: {error.strerror}"
    return None if space >= LEAST_SPACE else f"{path.name}: the disk is full"
