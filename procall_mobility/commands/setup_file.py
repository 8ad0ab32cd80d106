"""The settings file of a first start: what is there, what it is to be, and how it gets there."""

import os
import stat
import sys
from pathlib import Path
from typing import NoReturn

import click
from attrs import frozen

from procall_mobility.commands.settings import BAD_SETTINGS, Place, failed
from procall_mobility.commands.setup_choices import Choices, changes, checked, said_in
from procall_mobility.commands.whole_files import WholeFile, keep_backup, make_folder, put, put_new
from procall_mobility.config import Settings, SettingsError, load
from procall_mobility.config.commented_file import Chosen, commented_file
from procall_mobility.config.small_files import read_small


@frozen
class Found:
    """The settings file as it is."""

    place: Place
    text: str | None
    """None: there is none."""

    @classmethod
    def at(cls, place: Place) -> "Found":
        """Look for it; ends the program when it cannot be read."""
        try:
            return cls(place, read_small(place.file).decode("utf-8-sig"))
        except FileNotFoundError:
            return cls(place, None)
        except OSError as error:
            failed(f"{place.file}: {error.strerror}")
        except UnicodeDecodeError:
            failed(f"{place.file}: not UTF-8")

    @property
    def says_nothing(self) -> bool:
        """Whether there is none, or the one that is shipped, in which nothing was changed yet."""
        return self.text in (None, commented_file({}))


@frozen
class Plan:
    """What becomes of it."""

    place: Place
    before: str | None
    text: str
    settings: Settings
    """What it says then."""

    @property
    def state(self) -> str:
        """In a word: written, replaced or kept."""
        if self.text == self.before:
            return "kept"
        return "written" if self.before in (None, commented_file({})) else "replaced"

    def carry_out(self) -> Path | None:
        """Write the file; returns the name that what it said before has now.

        Raises:
            OSError: it cannot be written; it is as it was.
        """
        if self.text == self.before:
            return None
        file = self.place.file.resolve()
        content = self.text.encode()
        if self.before is None:
            make_folder(file.parent)
            put_new(WholeFile(file, content, 0o644))
            return None
        backup = keep_backup(file) if self.state == "replaced" else None
        status = file.stat()
        # Who may not give a file away writes one of their own.
        owner = (status.st_gid, status.st_uid) if os.geteuid() == 0 else (None, None)
        put(WholeFile(file, content, stat.S_IMODE(status.st_mode), *owner))
        return backup


def plan(found: Found, choices: Choices, *, force: bool) -> Plan:
    """Decide what becomes of the file; ends the program when that cannot be."""
    try:
        if found.says_nothing:
            return _anew(found, choices, {})
        if force:
            return _anew(found, choices, _before(found))
        return _as_it_is(found, choices)
    except SettingsError as error:
        refuse(found.place.file, error)


def refuse(file: Path, error: SettingsError) -> NoReturn:
    """Tell all that is wrong with the settings that were to be in `file`, and end the program."""
    for each in error.errors:
        click.echo(f"{file}: {each}", err=True)
    sys.exit(BAD_SETTINGS)


def _anew(found: Found, choices: Choices, before: Chosen) -> Plan:
    chosen = choices.settings(found.place.file.absolute(), before)
    if "service.origin" not in chosen and not chosen.get("demo.origin_from_request"):
        raise click.UsageError("--host is needed: the name of this machine that clients call")
    settings = checked(chosen)
    return Plan(found.place, found.text, commented_file(chosen), settings)


def _before(found: Found) -> Chosen:
    """Return what a file says that is to be replaced; nothing if the daemon would not take it."""
    try:
        load(found.place.file)
    except SettingsError:
        note = "what it said could not be used and is left out; the backup has it"
        click.echo(f"note: {found.place.file}: {note}", err=True)
        return {}
    return said_in(found.text or "")


def _as_it_is(found: Found, choices: Choices) -> Plan:
    settings = found.place.settings()
    others = changes(said_in(found.text or ""), choices.said())
    if others:
        failed(
            f"{found.place.file} is there and says otherwise: {', '.join(others)}; edit it, or "
            "have it written anew by --force, which keeps a backup"
        )
    return Plan(found.place, found.text, found.text or "", settings)
