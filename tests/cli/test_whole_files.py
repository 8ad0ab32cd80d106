"""Files that are put in their place whole, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from procall_mobility.commands.whole_files import (
    WholeFile,
    keep_backup,
    make_folder,
    put,
    put_new,
)


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_file_is_replaced_with_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("old")
    before = os.umask(0o077)
    try:
        put(WholeFile(file, b"new", 0o640))
    finally:
        os.umask(before)
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == {"key.pem"}


def test_nothing_is_replaced_where_one_of_several_cannot_be_written(tmp_path: Path) -> None:
    """A new key beside the old certificate would be worse than none."""
    key, certificate = tmp_path / "key.pem", tmp_path / "nowhere/certificate.pem"
    key.write_text("old")
    with pytest.raises(OSError, match="No such file"):
        put(WholeFile(key, b"new", 0o600), WholeFile(certificate, b"new", 0o644))
    assert key.read_text() == "old"
    assert names(tmp_path) == {"key.pem"}


def test_a_new_file_takes_nobody_elses_place(tmp_path: Path) -> None:
    file = WholeFile(tmp_path / "settings.toml", b"ours", 0o644, os.getegid(), os.geteuid())
    put_new(file)
    with pytest.raises(FileExistsError):
        put_new(WholeFile(file.path, b"another", 0o644))
    assert file.path.read_bytes() == b"ours"
    assert names(tmp_path) == {"settings.toml"}


def test_each_backup_has_a_name_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for text in ("first", "second", "third"):
        file.unlink(missing_ok=True)
        file.write_text(text)
        assert keep_backup(file).read_text() == text
    assert names(tmp_path) == {
        "settings.toml", "settings.toml.bak", "settings.toml.bak1", "settings.toml.bak2"
    }  # fmt: skip


def test_backups_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procall_mobility.commands.whole_files.MOST_BACKUPS", 1)
    file = tmp_path / "settings.toml"
    file.write_text("text")
    keep_backup(file)
    with pytest.raises(FileExistsError, match="1 backups are beside it"):
        keep_backup(file)


def test_folders_have_their_modes_whatever_the_umask(tmp_path: Path) -> None:
    """The daemon, which may be somebody else, looks through those above its own."""
    before = os.umask(0o077)
    try:
        assert make_folder(tmp_path / "srv/mobility/data", 0o700)
    finally:
        os.umask(before)
    modes = [(tmp_path / each).stat().st_mode & 0o777 for each in ("srv", "srv/mobility")]
    assert modes == [0o755, 0o755]
    assert (tmp_path / "srv/mobility/data").stat().st_mode & 0o777 == 0o700
    assert not make_folder(tmp_path / "srv/mobility/data")


def test_errors_name_the_file_and_not_the_one_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk names none by itself."""
    file = tmp_path / "settings.toml"
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as raised:
        put(WholeFile(tmp_path / "folder", b"text", 0o644))
    assert raised.value.filename == str(tmp_path / "folder")
    with pytest.raises(FileNotFoundError) as missing:
        put(WholeFile(tmp_path / "not/there", b"text", 0o644))
    assert missing.value.filename == str(tmp_path / "not/there")

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left") as full:
        put_new(WholeFile(file, b"text", 0o644))
    assert full.value.filename == str(file)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
