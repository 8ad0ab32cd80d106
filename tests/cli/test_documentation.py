"""Pages name every command, option, switch and default, and no command that there is not."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from procall_mobility.cli import main
from procall_mobility.commands.status import status_text
from procall_mobility.commands.switches import DEFAULTS, word

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/command-line.md").read_text("utf-8")
EVERYWHERE = {"--json", "--help", "--version"}


def commands(group: click.Group, where: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{where}{name} ")
        else:
            yield where + name, command


@pytest.mark.parametrize(("name", "command"), list(commands(main)))
def test_every_command_is_named_with_its_options(name: str, command: click.Command) -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}")]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.opts[0] not in EVERYWHERE:
            assert parameter.opts[0] in line


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_switch_is_named_with_its_default(name: str) -> None:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    assert f"| `{word(DEFAULTS[name])}` |" in line


def test_every_command_explains_itself() -> None:
    for _, command in commands(main):
        assert command.help


# What is to be typed in -------------------------------------------------------------------

SAID = re.compile(r"(?<![\w./-])procall-mobility ((?:--config [^\s`]+ )?[a-z][a-z-]+\b[^`\n]*)")
"""A command in a page, an alert or a finding; placeholders begin otherwise."""

WHERE = {
    "README.md": (ROOT / "README.md",),
    "docs": tuple(sorted((ROOT / "docs").rglob("*.md"))),
    "alerts": (ROOT / "examples/prometheus/alerts.yml",),
    "doctor": tuple(sorted((ROOT / "procall_mobility/diagnosis").rglob("*.py"))),
}


def words_of(said: str) -> list[str]:
    """Return the words of a command, without what a shell or a sentence has behind it."""
    line = re.split(r'  | #| [<>|&]|["\']?\\|\\?"$', said)[0]
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    return words[2:] if words[:1] == ["--config"] else words


def unknown(said: str) -> str | None:
    """Return the first word that the program would not take; what stands for others is passed."""
    words = words_of(said)
    command: click.Command = main
    while isinstance(command, click.Group) and words:
        name = words.pop(0).rstrip(".,;:)")
        if name not in command.commands:
            return name
        command = command.commands[name]
    known = {"--help", "--version"}
    for each in command.params:
        known |= {*each.opts, *each.secondary_opts}
    options = (word.strip("[]().,;:").partition("=")[0] for word in words)
    return next((each for each in options if each.startswith("--") and each not in known), None)


@pytest.mark.parametrize("where", WHERE)
def test_no_command_is_advised_that_there_is_not(where: str) -> None:
    found = 0
    for file in WHERE[where]:
        for said in SAID.findall(file.read_text("utf-8")):
            assert unknown(said) is None, f"{file}: {said}"
            found += 1
    assert found > 1, "the pattern finds commands"


def test_a_drain_is_shown_as_its_page_says() -> None:
    facts = {"draining": {"relays": 12, "sessions": 0, "until": 1_795_900_205.0}}
    (line,) = [each for each in status_text(facts).splitlines() if each.startswith("draining")]
    page = (ROOT / "docs/drain.md").read_text("utf-8")
    (told,) = re.findall(r"says `(draining[^`]*)`", page)
    assert re.sub(r"\d{4}-\S+ \S+$", "", told) == re.sub(r"\d{4}-\S+ \S+$", "", line)
