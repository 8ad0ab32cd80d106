"""`push app test`: asks the running daemon, and never shows a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

FACTS = {"channel": "ios", "customer": None, "lane": "apns:TEAM.KEY", "is_good": True,
         "text": "the provider takes the credential", "reason": "BadDeviceToken",
         "http_status": 400}  # fmt: skip
TOKEN = "c0ffee" * 8


@contextmanager
def daemon(config: Path, facts: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    asked: list[dict[str, Any]] = []

    def answer(question: dict[str, Any]) -> Any:
        asked.append({name: value for name, value in question.items() if name != "verb"})
        return facts

    with listening(config.parent / "admin.sock", {"push-app-test": answer}):
        yield asked


def test_a_credential_that_is_taken_is_good(command: Command, config: Path) -> None:
    with daemon(config, FACTS) as asked:
        said = command("push", "app", "test", "ios")
        assert (said.status, said.text) == (
            0,
            "ios: good: the provider takes the credential (HTTP 400 BadDeviceToken)\n"
            "lane: apns:TEAM.KEY\n",
        )
        assert command("push", "app", "test", "ios", "--json").facts == FACTS
    assert asked == [{"name": "ios", "sandbox": False, "voip": False}] * 2


@pytest.mark.parametrize(("is_good", "word"), [(False, "not good"), (None, "cannot tell")])
def test_the_exit_status_is_1_for_others(
    command: Command, config: Path, is_good: bool | None, word: str
) -> None:
    with daemon(config, FACTS | {"is_good": is_good, "reason": None, "http_status": None}):
        said = command("push", "app", "test", "ios")
    assert said.status == 1
    assert said.text.startswith(f"ios: {word}: the provider takes the credential\n")


def test_a_token_comes_from_a_file_or_from_standard_input(
    command: Command, config: Path, tmp_path: Path
) -> None:
    """Other users of a machine see arguments."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    test = ("push", "app", "test", "ios", "--customer", "ACME", "--sandbox", "--voip")
    with daemon(config, FACTS) as asked:
        said = [
            command(*test, "--token-file", str(file)),
            command(*test, "--token-file", "-", answer=f"{TOKEN}\n"),
        ]
    expected = {"name": "ios", "sandbox": True, "voip": True, "customer": "acme", "token": TOKEN}
    assert asked == [expected] * 2
    assert not any(TOKEN in each.text for each in said)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"\xff", "not UTF-8"), (b" \n", "1 to 4096 characters"),
     (b"x" * 4097, "1 to 4096 characters")],
)  # fmt: skip
def test_a_file_without_token_is_told(
    command: Command, tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    said = command("push", "app", "test", "ios", "--token-file", str(file))
    assert (said.status, why in said.text) == (1, True)


def test_without_a_daemon_nothing_can_be_tried(command: Command) -> None:
    said = command("push", "app", "test", "ios")
    assert (said.status, "not running" in said.text) == (1, True)
