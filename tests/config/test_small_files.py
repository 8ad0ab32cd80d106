"""A wrong path may be that of a disk: nobody's memory is filled with it."""

import errno
import io
from pathlib import Path

import pytest

from procall_mobility.config import SettingsError, load
from procall_mobility.config.small_files import MOST_OCTETS, read_little, read_small


def test_what_people_write_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * MOST_OCTETS)
    assert len(read_small(file)) == MOST_OCTETS


def test_what_is_larger_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File too large") as told:
        read_small(Path("/dev/zero"))
    assert told.value.errno == errno.EFBIG
    with pytest.raises(OSError, match="File too large"):
        read_little(io.BytesIO(b"x" * (MOST_OCTETS + 1)))


def test_settings_are_no_disk() -> None:
    with pytest.raises(SettingsError, match="/dev/zero: File too large"):
        load(Path("/dev/zero"))
