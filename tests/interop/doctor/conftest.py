"""A whole set-up for each test, in a folder that other accounts may look into."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.doctor.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    # pytest's own folders are closed to others, whoever opens them.
    folder = Path(tempfile.mkdtemp(prefix="procall-mobility-doctor-"))
    folder.chmod(0o755)
    try:
        yield Stage(folder).build()
    finally:
        shutil.rmtree(folder)
