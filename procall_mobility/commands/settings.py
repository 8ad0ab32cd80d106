"""Finds the settings file, and opens what it names."""

import contextlib
import errno
import io
import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
from attrs import frozen

from procall_mobility.commands.accounts import AccountError, acting_for_owner
from procall_mobility.config import Settings, SettingsError, load
from procall_mobility.config.errors import in_file, in_words
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

SYSTEM_FILE = Path("/etc/procall-mobility/procall-mobility.toml")
PROGRAM = "procall-mobility"
BAD_SETTINGS = 78
"""Exit status of sysexits(3), EX_CONFIG."""


@frozen
class Place:
    """The settings file in use."""

    file: Path

    @property
    def program(self) -> str:
        """Return how this program is called for these settings, to be typed in."""
        is_usual = self.file == SYSTEM_FILE
        return PROGRAM if is_usual else f"{PROGRAM} --config {shlex.quote(str(self.file))}"

    def settings(self) -> Settings:
        """Read it; ends the program with all errors when it cannot be used."""
        try:
            return load(self.file)
        except SettingsError as error:
            for each in error.errors:
                click.echo(in_file(self.file, str(each)), err=True)
            if isinstance(error.__cause__, FileNotFoundError):
                click.echo("`procall-mobility setup` writes one; --config names another", err=True)
            sys.exit(BAD_SETTINGS)

    @contextlib.contextmanager
    def store(self) -> Iterator[CustomerStore]:
        """Open the store, as whom its folder belongs to; ends the program where that cannot be."""
        path = Path(self.settings().store.path)
        with contextlib.ExitStack() as opened:
            try:
                opened.enter_context(acting_for_owner(path.parent))
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                store = CustomerStore(path, os.urandom, time.time)
            except (AccountError, StoreError, OSError) as error:
                is_closed = isinstance(error.__cause__ or error, PermissionError)
                whose = "; only the daemon's own account and root may use it" if is_closed else ""
                failed(f"{in_words(error)}{whose}")
            opened.callback(store.close)
            yield store


class Failed(SystemExit):
    """The end of the program, for a reason that people have been told."""

    def __init__(self, text: str) -> None:
        """Take the reason."""
        super().__init__(1)
        self.text = text


def failed(text: str) -> NoReturn:
    """End the program with a readable reason."""
    click.echo(f"procall-mobility: {text}", err=True)
    raise Failed(text)


def show(facts: Any, text: Callable[[], str], *, as_json: bool) -> None:
    """Print facts for machines, or for people; ends the program where that cannot be done."""
    said = json.dumps(facts, indent=2, ensure_ascii=False) if as_json else text()
    try:
        click.echo(said)
    except UnicodeEncodeError:  # A terminal of before UTF-8, or a name that never was any.
        plain = said.encode("ascii", "backslashreplace").decode()
        click.echo(json.dumps(facts, indent=2) if as_json else plain)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # Whoever reads has read enough: click ends us without a word.
        sys.stdout = io.StringIO()  # What is left in it would be tried again at the end.
        failed(f"standard output: {error.strerror}")


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
