"""What these tests need of the machine."""

import pytest


@pytest.fixture(autouse=True)
def _library(nghttp2: None) -> None:
    """libnghttp2."""
