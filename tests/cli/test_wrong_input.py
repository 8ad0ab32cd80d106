"""What an operator may get wrong is told in a line: what it is about, and what helps."""

import io
import os
import sys
from pathlib import Path

import pytest

from procall_mobility.commands.settings import Failed, show
from tests.cli.conftest import Command

ENDLESS = "/dev/zero"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check-config", ENDLESS),
        ("customer", "add", "acme", "--password-file", ENDLESS),
        ("customer", "key", "add", "acme", "--file", ENDLESS),
        ("turn", "secret", "set", "acme", "--file", ENDLESS),
        ("push", "app", "add", "x", "--provider", "fcm", "--credential-file", ENDLESS),
        ("push", "app", "key", ENDLESS),
        ("push", "app", "test", "x", "--token-file", ENDLESS),
        ("doctor", "--ca", ENDLESS),
    ],
    ids=" ".join,
)
def test_a_file_without_an_end_is_too_large(command: Command, arguments: tuple[str, ...]) -> None:
    """It had taken all the memory of the machine."""
    said = command(*arguments)
    assert said.status in (1, 2, 78)
    assert "/dev/zero: File too large" in said.text


@pytest.mark.parametrize("what", ["password", "secret"])
def test_a_secret_is_no_whole_file(command: Command, tmp_path: Path, what: str) -> None:
    file = tmp_path / "secret"
    file.write_text("x" * 1025)
    option = ("--password-file",) if what == "password" else ("--file",)
    verb = ("customer", "add") if what == "password" else ("turn", "secret", "set")
    said = command(*verb, "acme", *option, str(file))
    assert (said.status, said.text) == (
        1,
        f"procall-mobility: {file}: a {what} has at most 1024 characters\n",
    )


@pytest.mark.parametrize("note", ["two\nlines", "\x1b[2J", "\udcff", "x" * 1001])
def test_a_note_is_a_line_that_a_terminal_can_show(command: Command, note: str) -> None:
    assert command("customer", "add", "acme", "--note", note).status == 2
    assert "no customers yet" in command("customer", "list").text, "nothing was begun"
    command("customer", "add", "acme")
    said = command("customer", "set", "acme", "--note", note)
    assert said.status == 2
    assert "expected one line of 1000 characters at most" in said.text


@pytest.mark.parametrize(
    "origin",
    ["app.example", "https://app.example/", "https://a b.example", "https://", "https://a/b", ""],
)
def test_an_origin_that_no_browser_would_tell_is_refused(command: Command, origin: str) -> None:
    """It would match nobody, and browsers say no more than that."""
    command("customer", "add", "acme")
    said = command("customer", "set", "acme", f"cors_origins=https://a.example,{origin}")
    assert said.status == 2
    assert "as in https://a.example,https://b.example" in said.text


@pytest.mark.parametrize("origin", ["*", "https://a.example:8443", "capacitor://localhost"])
def test_origins_of_browsers_and_applications_are_taken(command: Command, origin: str) -> None:
    command("customer", "add", "acme")
    said = command("customer", "set", "acme", f"cors_origins={origin}", "--json")
    assert said.facts["switches"]["cors_origins"] == [origin]


def test_a_switch_is_said_once(command: Command) -> None:
    command("customer", "add", "acme")
    said = command("customer", "set", "acme", "turn=no", "turn=yes")
    assert said.status == 2
    assert "turn: said twice" in said.text


def test_a_key_that_is_none_is_named(command: Command, config: Path) -> None:
    command("customer", "add", "acme")
    said = command("customer", "key", "add", "acme", "--file", str(config))
    assert said.status == 1
    assert said.text.startswith(f"procall-mobility: {config}: it is no public key in PEM")


def test_settings_that_are_not_there_are_named_once_with_what_helps(
    command: Command, config: Path
) -> None:
    config.unlink()
    said = command("status")
    assert (said.status, said.text) == (
        78,
        f"{config}: No such file or directory\n"
        "`procall-mobility setup` writes one; --config names another\n",
    )
    assert command("check-config").text == f"{config}: No such file or directory\n"
    assert command("reload").text.startswith(f"{config}: No such file or directory\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = " + "9" * 5000, "not TOML: a number of thousands of digits"),
        ("x = " + "[" * 5000, "not TOML: lists in lists, hundreds deep"),
    ],
    ids=["number", "lists"],
)
def test_pythons_own_bounds_are_told_in_plain_words(
    command: Command, config: Path, text: str, told: str
) -> None:
    config.write_text(text)
    assert command("check-config").text == f"{config}: {told}\n"


def test_numbers_that_no_database_counts_are_refused(command: Command) -> None:
    assert command("push", "feedback", "--after", str(2**63)).status == 2


def test_a_bundle_does_not_go_to_a_file_called_dash(command: Command) -> None:
    said = command("support-bundle", "--output", "-")
    assert said.status == 2
    assert "a bundle is a file" in said.text
    assert not Path("-").exists()


# Where it is said ---------------------------------------------------------------------------


def test_a_full_disk_is_told_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(Failed, match="1"):
            show([], lambda: "text", as_json=True)
        assert sys.stdout is not full, "else Python would try again, and fail, at its end"
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space left"):
            full.close()
    said = "procall-mobility: standard output: No space left on device\n"
    assert capsys.readouterr().err == said


def test_whoever_has_read_enough_hears_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `| head -1`: click ends the program without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", buffering=1, encoding="utf-8") as closed:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", closed)
        with pytest.raises(BrokenPipeError):
            show([], lambda: "text", as_json=True)
        monkeypatch.undo()
        with pytest.raises(BrokenPipeError):
            closed.close()


def test_letters_that_a_terminal_does_not_have_are_spelled_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for as_json, expected in ((False, "\\u0141\\xf3d\\u017a"), (True, '"\\u0141\\u00f3d\\u017a"')):
        octets = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, "iso-8859-1"))
        show("Łódź", lambda: "Łódź", as_json=as_json)
        assert octets.getvalue().decode("ascii") == f"{expected}\n"
        monkeypatch.undo()
