"""Reads the store of the customers, where that changes nothing."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from procall_mobility.config import Settings
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.database import migrations
from procall_mobility.storage.errors import StoreError

ResultT = TypeVar("ResultT")


def read(settings: Settings, ask: Callable[[CustomerStore], ResultT]) -> ResultT | None:
    """Ask the store; None where there is none yet, or none that this program could just open.

    One of another version is brought to ours when the daemon starts, not by whoever looks at it.
    """
    path = Path(settings.store.path)
    try:
        if _version(path) != migrations()[-1][0]:
            return None
        store = CustomerStore(path, os.urandom, time.time)
    except (StoreError, OSError, sqlite3.Error):
        return None
    try:
        return ask(store)
    except (StoreError, sqlite3.Error):
        return None
    finally:
        store.close()


def _version(path: Path) -> int:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()
    return int(version)
