"""The key of stand-ins is made once, and stays."""

import stat
from pathlib import Path

import pytest

from procall_mobility.operations.stand_in_key import SIZE, stand_in_key


def test_it_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "pseudonyms.key"
    key = stand_in_key(file)
    assert len(key) == SIZE
    assert stand_in_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_no_key_is_told_with_its_cure(tmp_path: Path) -> None:
    file = tmp_path / "pseudonyms.key"
    file.write_bytes(b"short")
    with pytest.raises(OSError, match="remove it") as caught:
        stand_in_key(file)
    assert caught.value.filename == str(file)
