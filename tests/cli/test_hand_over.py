"""`hand-over` says who serves now, or why all is as it was."""

from pathlib import Path

from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

SOCKET = "admin.sock"


def test_whoever_serves_now_is_told(command: Command, tmp_path: Path) -> None:
    verbs = {"hand-over": lambda _: {"pid": 4711, "version": "1.1"}}
    with listening(tmp_path / SOCKET, verbs):
        said = command("hand-over")
        assert (said.status, said.text) == (0, "version 1.1 has taken over as process 4711\n")
        assert command("hand-over", "--json").facts == {"pid": 4711, "version": "1.1"}


def test_why_it_was_not_handed_over_is_told(command: Command, tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise ValueError("/x.toml: turn.bad: unknown")

    with listening(tmp_path / SOCKET, {"hand-over": refuse}):
        said = command("hand-over")
    assert said.status == 1
    assert "turn.bad: unknown" in said.text


def test_without_a_daemon_there_is_nothing_to_hand_over(command: Command) -> None:
    said = command("hand-over")
    assert said.status == 1
    assert "not running" in said.text
