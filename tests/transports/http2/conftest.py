"""Without libnghttp2 there is nothing to test here; `.ci/run` installs it."""

import pytest

from procall_mobility.transports.http2.library import LibraryMissing, load


@pytest.fixture(autouse=True)
def library() -> None:
    try:
        load()
    except LibraryMissing as error:
        pytest.skip(str(error))
