"""The key that pushes are sealed with: made once, its owner's alone, clear about what is wrong."""

import os
import stat
from pathlib import Path

import pytest

from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.push_keys import PushKey, make_key, read_key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "push.key"


def test_a_key_is_32_octets_in_base64_for_its_owner_alone(file: Path) -> None:
    make_key(file, lambda size: bytes(range(size)))
    assert file.read_text() == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(file) == PushKey(file, bytes(range(32)))


def test_every_purpose_has_a_key_of_its_own(file: Path) -> None:
    key = PushKey(file, bytes(32))
    urls = key.for_capabilities()
    made = [key.for_sealing(b"x"), key.for_hashes(), key.check(), urls[:32], urls[32:]]
    assert len({*made}) == 5
    assert {len(each) for each in made} == {32}
    assert urls == PushKey(file, bytes(32)).for_capabilities()


def test_nothing_but_the_key_is_left_in_the_folder(file: Path) -> None:
    make_key(file, bytes)
    assert list(file.parent.iterdir()) == [file]


def test_a_key_that_is_there_stays(file: Path) -> None:
    """Two who start at the same time use one key."""
    make_key(file, lambda size: b"1" * size)
    make_key(file, lambda size: b"2" * size)
    assert read_key(file).secret == b"1" * 32
    assert list(file.parent.iterdir()) == [file]


def test_what_another_start_left_half_done_is_no_hindrance(file: Path) -> None:
    file.with_name(f".push.key.{os.getpid()}").write_text("half")
    make_key(file, bytes)
    assert read_key(file).secret == bytes(32)


def test_a_new_key_belongs_to_whom_the_folder_belongs(file: Path) -> None:
    """The daemon reads what an operator's command made by sudo."""
    if os.geteuid() == 0:  # Nobody else can give files away, or has to.
        os.chown(file.parent, 12345, 12346)
    make_key(file, bytes)
    folder = file.parent.stat()
    assert (file.stat().st_uid, file.stat().st_gid) == (folder.st_uid, folder.st_gid)


def test_a_key_that_cannot_be_made_is_told_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "push.key"
    with pytest.raises(StoreError, match=f"{file}: the key .* cannot be made: No such file"):
        make_key(file, bytes)


def test_a_missing_key_is_told_with_its_file(file: Path) -> None:
    with pytest.raises(StoreError, match=f"{file}: the key .* cannot be read: No such file"):
        read_key(file)


def test_a_key_that_everybody_can_read_is_refused(file: Path) -> None:
    make_key(file, bytes)
    file.chmod(0o644)
    with pytest.raises(StoreError, match=r"everybody .* chmod 600 helps"):
        read_key(file)


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600])
def test_a_credential_of_systemd_is_taken(file: Path, mode: int) -> None:
    """It hands them out as 0400 or 0440."""
    make_key(file, bytes)
    file.chmod(mode)
    assert read_key(file).secret == bytes(32)


@pytest.mark.parametrize(
    "text", [b"", b"AAAA", b"not base64!", b"\xff" * 44, b"A" * 88, b"A" * 100_000]
)
def test_what_is_no_key_is_told_with_what_is_expected(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    file.chmod(0o600)
    with pytest.raises(StoreError, match=f"{file}: .*32 octets in base64"):
        read_key(file)


def test_a_key_shows_nothing_of_itself(file: Path) -> None:
    assert "secret" not in repr(PushKey(file, b"secret" * 6)).replace("PushKey", "")


def test_each_purpose_and_each_run_has_a_key_of_its_own(file: Path) -> None:
    key, other = PushKey(file, b"1" * 32), PushKey(file, b"2" * 32)
    keys = {
        made
        for each in (key, other)
        for made in (
            each.secret,
            each.for_hashes(),
            each.check(),
            each.for_sealing(b"salt"),
            each.for_sealing(b"another"),
        )
    }
    assert len(keys) == 10
    assert {len(made) for made in keys} == {32}
