"""Stores in a temporary folder, with entropy and a clock that repeat themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.turn_secrets import TurnSecretStore
from tests.storage.entropy import counting_entropy
from tests.storage.push_stores import Queue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.sqlite"


@pytest.fixture
def open_store(file: Path) -> Iterator[Callable[[], CustomerStore]]:
    opened = []

    def open_one() -> CustomerStore:
        opened.append(CustomerStore(file, counting_entropy(), lambda: 1_800_000_000.0))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], CustomerStore]) -> CustomerStore:
    return open_store()


@pytest.fixture
def secrets(store: CustomerStore) -> TurnSecretStore:
    """What is kept for the relay, of one customer."""
    store.add("acme", ("acme.example",))
    return TurnSecretStore(store)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """A queue of pushes."""
    folder = tmp_path / "queue"
    folder.mkdir()
    opened = Queue(folder)
    yield opened
    opened.store.close()


@pytest.fixture
def said() -> list:
    """What was said of pushes."""
    return []
