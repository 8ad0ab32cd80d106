"""A company for every test."""

import pytest

from tests.examples.uc_demo.server.company import Company


@pytest.fixture
def company() -> Company:
    return Company()
