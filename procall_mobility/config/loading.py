"""Reads a settings file."""

import difflib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import attrs

from procall_mobility.config.contradictions import contradictions
from procall_mobility.config.errors import SettingError, SettingsError
from procall_mobility.config.kinds import ItemErrors
from procall_mobility.config.lines import line_of
from procall_mobility.config.secret_files import exposed_secrets
from procall_mobility.config.settings import Settings
from procall_mobility.config.small_files import read_small

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML lets stand without quotes."""


def load(file: Path) -> Settings:
    """Read `file`.

    Raises:
        SettingsError: it cannot be read, something in it is wrong, or others may read a file of
            secrets it names; with all errors.
    """
    try:
        # Some editors begin a file with a byte order mark, which TOML does not know.
        settings = parse(read_small(file).decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError((SettingError("", f"{file}: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        raise SettingsError((SettingError("", f"{file}: not UTF-8"),)) from error
    exposed = exposed_secrets(settings)
    if exposed:
        raise SettingsError(exposed)
    return settings


def parse(source: str) -> Settings:
    """Read the text of a settings file.

    Raises:
        SettingsError: something in it is wrong; with all errors.
    """
    try:
        table = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        wrong = SettingError("", f"not TOML: {_why(error)}", int(line[1]) if line else None)
        raise SettingsError((wrong,)) from error
    errors: list[SettingError] = []
    settings: Settings = _section(Settings, table, "", errors, source)
    reported = {error.path for error in errors}
    for found, drawn_from in contradictions(settings):
        # What could not be read has its default here, which contradicts nothing.
        if not any(_is_about(path, name) for path in reported for name in drawn_from):
            # An item of a list stands where the list does.
            where = line_of(source, found.path) or line_of(source, found.path.rpartition("[")[0])
            errors.append(attrs.evolve(found, line=where))
    if errors:
        raise SettingsError(tuple(errors))
    return settings


def _why(error: Exception) -> str:
    """Return what is wrong with TOML; Python's own bounds speak to programmers."""
    if isinstance(error, tomllib.TOMLDecodeError):
        return str(error)
    too_deep = isinstance(error, RecursionError)
    return "lists in lists, hundreds deep" if too_deep else "a number of thousands of digits"


def _is_about(path: str, name: str) -> bool:
    """Whether an error at `path` is about the setting or section `name`, or what it is in."""
    return f"{path}.".startswith((f"{name}.", f"{name}[")) or name.startswith(f"{path}.")


def _section(kind: type, table: Any, where: str, errors: list[SettingError], source: str) -> Any:
    if not isinstance(table, dict):
        errors.append(SettingError(where, "expected a section", line_of(source, where)))
        return kind()
    fields = {field.name: field for field in attrs.fields(kind)}
    values = {}
    for name, value in table.items():
        shown = name if BARE.fullmatch(name) else json.dumps(name)
        path = f"{where}.{shown}" if where else shown
        field = fields.get(name)
        if field is None:
            text = _unknown(name, list(fields))
            errors.append(SettingError(path, text, line_of(source, path)))
        elif "section" in field.metadata:
            values[name] = _section(field.metadata["section"], value, path, errors, source)
        elif "tables" in field.metadata:
            values[name] = _tables(field.metadata["tables"], value, path, errors, source)
        else:
            try:
                values[name] = field.metadata["read"](value)
            except ItemErrors as wrong:
                line = line_of(source, path)
                errors += [SettingError(path + item, text, line) for item, text in wrong.problems]
            except ValueError as wrong:
                errors.append(SettingError(path, str(wrong), line_of(source, path)))
    return kind(**values)


def _tables(
    kind: type, value: Any, where: str, errors: list[SettingError], source: str
) -> tuple[Any, ...]:
    if not isinstance(value, list):
        text = f"expected tables, each headed [[{where}]]"
        errors.append(SettingError(where, text, line_of(source, where)))
        return ()
    return tuple(
        _section(kind, table, f"{where}[{index}]", errors, source)
        for index, table in enumerate(value)
    )


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f'no such setting; did you mean "{close[0]}"?' if close else "no such setting"
