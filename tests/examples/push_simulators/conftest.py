"""A developer whose keys are made once: RSA takes its time."""

from pathlib import Path

import pytest

from tests.examples.push_simulators.developer import Developer


@pytest.fixture(scope="session")
def credentials_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("credentials")
    Developer.of(folder)
    return folder


@pytest.fixture
def developer(credentials_folder: Path) -> Developer:
    return Developer.of(credentials_folder)
