"""Simulators for all tests of this folder, as new for each of them; and some of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.push.running import Running, running_simulators

pytest.register_assert_rewrite("tests.interop.push.reactions")


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    # Every client signs a token of its own, and they all have the same key.
    folder = tmp_path_factory.mktemp("simulators")
    with running_simulators(folder, "--token-updates", "1000") as running:
        yield running


@pytest.fixture
def simulators(started: Running) -> Running:
    started.ask("forget", {})
    return started


@pytest.fixture
def strict_simulators(tmp_path: Path) -> Iterator[Running]:
    with running_simulators(tmp_path) as running:
        yield running
