"""libnghttp2 is found, or missed with the name of what brings it."""

import pytest

from procall_mobility.transports.http2.library import LibraryMissing, load


def test_the_library_is_new_enough() -> None:
    """Debian 12 has 1.52."""
    assert tuple(map(int, load().version.split("."))) >= (1, 52)
    assert load() is load()


def test_a_missing_library_is_named_with_its_package() -> None:
    with pytest.raises(LibraryMissing, match="Debian package libnghttp2-14"):
        load("libnghttp2-of-another-machine.so.14")
