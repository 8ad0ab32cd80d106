"""The page about the command line names every command, option, switch and default."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from procall_mobility.cli import main
from procall_mobility.commands.switches import DEFAULTS, word

PAGE = (Path(__file__).parents[2] / "docs/command-line.md").read_text("utf-8")
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
