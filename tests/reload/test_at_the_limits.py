"""Reloads that come when little is left: while the daemon ends, or of what the kernel gives."""

from pathlib import Path

from tests.reload.test_parts import house_in


def test_a_daemon_that_drains_goes_on_in_fresh_books(tmp_path: Path) -> None:
    """It may drain for hours, and its books are rotated meanwhile."""
    with house_in(tmp_path) as house:
        book, opened = tmp_path / "access.log", []
        house.daemon.reopen = lambda: opened.append("service log")
        book.rename(tmp_path / "access.log.1")
        house.daemon.is_stopping = True
        assert [each.text for each in house.reload().errors] == ["the daemon is told to end"]
        house.daemon.is_stopping = False
        assert (book.is_file(), opened) == (True, ["service log"])
