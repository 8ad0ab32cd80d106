"""The token of the admin listener: made, read, compared, replaced."""

import stat
from pathlib import Path

import pytest

from procall_mobility.operations.bearer import Bearer

TOKEN = "a-token-of-our-own-0815"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "token"
    made.write_text(f"{TOKEN}\n")
    return made


@pytest.mark.parametrize(
    ("shown", "admitted"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        (f"Bearer {TOKEN}x", False),
        (f"Bearer {TOKEN[:-1]}", False),
        (f"Basic {TOKEN}", False),
        (TOKEN, False),
        ("Bearer", False),
        ("Bearer ", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_token_itself_is_admitted(file: Path, shown: str | None, admitted: bool) -> None:
    """RFC 6750 section 2.1; names of schemes have no case (RFC 9110 section 11.1)."""
    bearer = Bearer(file, makes=False)
    assert bearer.admits(None if shown is None else shown.encode()) is admitted


def test_what_is_no_text_is_refused_like_anything_else(file: Path) -> None:
    assert not Bearer(file, makes=False).admits(b"Bearer \xff\x00")


def test_a_token_is_made_where_there_is_none_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "admin.token"
    bearer = Bearer(file, makes=True)
    token = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert bearer.admits(f"Bearer {token}".encode())
    assert Bearer(file, makes=True).admits(f"Bearer {token}".encode()), "it stays"


def test_a_file_that_is_named_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Bearer(tmp_path / "token", makes=False)


@pytest.mark.parametrize("text", ["", "short", "two words of sixteen letters", "ü" * 20])
def test_what_is_no_token_is_refused(file: Path, text: str) -> None:
    """An empty one would be shown by anybody."""
    file.write_text(text)
    with pytest.raises(OSError, match="no token") as caught:
        Bearer(file, makes=False)
    assert caught.value.filename == str(file)


def test_another_token_is_taken_over_and_a_bad_one_is_not(file: Path) -> None:
    bearer = Bearer(file, makes=False)
    file.write_text("another-token-4711-abc")
    bearer.reload()
    assert not bearer.admits(f"Bearer {TOKEN}".encode())
    file.write_text("")
    with pytest.raises(OSError, match="no token"):
        bearer.reload()
    assert bearer.admits(b"Bearer another-token-4711-abc")


def test_a_token_in_another_file_is_read_first_and_taken_over_later(
    file: Path, tmp_path: Path
) -> None:
    """A reload that fails elsewhere leaves the token that was."""
    other = tmp_path / "other"
    other.write_text("another-token-of-our-own")
    bearer = Bearer(file, makes=False)
    commit = bearer.prepare(other, makes=False)
    assert bearer.admits(f"Bearer {TOKEN}".encode())
    assert commit()
    assert bearer.admits(b"Bearer another-token-of-our-own")
    other.write_text("a-third-token-of-our-own")
    assert bearer.reload(), "it is looked for where it is now"
    assert not bearer.prepare(other, makes=False)()


def test_a_file_without_a_token_is_not_taken_over(file: Path, tmp_path: Path) -> None:
    bearer = Bearer(file, makes=False)
    with pytest.raises(OSError, match="other"):
        bearer.prepare(tmp_path / "other", makes=False)
    assert bearer.admits(f"Bearer {TOKEN}".encode())
