"""`procall-mobility run` typed by root leaves files that the service cannot open afterwards."""

import os
from pathlib import Path

import pytest

from procall_mobility.operations.whose_folder import root_abroad


def test_ones_own_folder_is_fine(tmp_path: Path) -> None:
    assert root_abroad(tmp_path) is None
    assert root_abroad(tmp_path / "not yet") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights in others' folders")
@pytest.mark.parametrize(("uid", "name"), [(65_534, "nobody"), (54_321, "uid 54321")])
def test_root_in_anothers_folder_is_told_whose_it_is(tmp_path: Path, uid: int, name: str) -> None:
    os.chown(tmp_path, uid, uid)
    told = root_abroad(tmp_path)
    assert told is not None
    assert f"the folder is {name}'s: start it as that account" in told
    os.seteuid(65_534)
    try:
        assert root_abroad(tmp_path) is None, "that is for files to say"
    finally:
        os.seteuid(0)
