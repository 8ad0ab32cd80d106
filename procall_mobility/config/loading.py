"""Reads a settings file."""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

import attrs

from procall_mobility.config.errors import SettingError, SettingsError
from procall_mobility.config.kinds import ItemErrors
from procall_mobility.config.settings import Settings


def load(file: Path) -> Settings:
    """Read `file`.

    Raises:
        SettingsError: it cannot be read, or something in it is wrong; with all errors.
    """
    try:
        return parse(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError((SettingError("", f"{file}: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        raise SettingsError((SettingError("", f"{file}: not UTF-8"),)) from error


def parse(source: str) -> Settings:
    """Read the text of a settings file.

    Raises:
        SettingsError: something in it is wrong; with all errors.
    """
    try:
        table = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError((SettingError("", f"not TOML: {error}"),)) from error
    errors: list[SettingError] = []
    settings: Settings = _section(Settings, table, "", errors, source)
    if not errors:
        errors += _contradictions(settings)
    if errors:
        raise SettingsError(tuple(errors))
    return settings


def _contradictions(settings: Settings) -> list[SettingError]:
    """Find what is wrong only together."""
    found = []
    if not settings.service.origin and not settings.demo.origin_from_request:
        text = 'needed: what clients are told, as in "https://mobility.example.net"'
        found.append(SettingError("service.origin", text))
    for index, server in enumerate(settings.ice.servers):
        where = f"ice.servers[{index}]"
        if not server.urls:
            found.append(SettingError(f"{where}.urls", "needed: at least one address"))
        if bool(server.username) != bool(server.credential_file):
            text = "username and credential_file belong together"
            found.append(SettingError(where, text))
        if server.username and server.secret_file:
            found.append(SettingError(where, "either secret_file or username, not both"))
    if settings.ucserver.silence <= settings.ucserver.keep_alive:
        found.append(SettingError("ucserver.silence", "must be longer than ucserver.keep_alive"))
    return found


def _section(kind: type, table: Any, where: str, errors: list[SettingError], source: str) -> Any:
    if not isinstance(table, dict):
        errors.append(SettingError(where, "expected a section", _line(source, where)))
        return kind()
    fields = {field.name: field for field in attrs.fields(kind)}
    values = {}
    for name, value in table.items():
        path = f"{where}.{name}" if where else name
        field = fields.get(name)
        if field is None:
            text = _unknown(name, list(fields))
            errors.append(SettingError(path, text, _line(source, path)))
        elif "section" in field.metadata:
            values[name] = _section(field.metadata["section"], value, path, errors, source)
        elif "tables" in field.metadata:
            values[name] = _tables(field.metadata["tables"], value, path, errors, source)
        else:
            try:
                values[name] = field.metadata["read"](value)
            except ItemErrors as wrong:
                line = _line(source, path)
                errors += [SettingError(path + item, text, line) for item, text in wrong.problems]
            except ValueError as wrong:
                errors.append(SettingError(path, str(wrong), _line(source, path)))
    return kind(**values)


def _tables(
    kind: type, value: Any, where: str, errors: list[SettingError], source: str
) -> tuple[Any, ...]:
    if not isinstance(value, list):
        text = f"expected tables, each headed [[{where}]]"
        errors.append(SettingError(where, text, _line(source, where)))
        return ()
    return tuple(
        _section(kind, table, f"{where}[{index}]", errors, source)
        for index, table in enumerate(value)
    )


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f'no such setting; did you mean "{close[0]}"?' if close else "no such setting"


def _line(source: str, path: str) -> int | None:
    """Find the line of a setting: the key, behind the header of its section."""
    *sections, key = re.sub(r"\[\d+\]", "", path).split(".")
    wanted = ".".join(sections)
    header = ""
    for number, line in enumerate(source.splitlines(), 1):
        if match := re.match(r"\s*\[+([^\]]+)\]", line):
            header = match[1].strip()
            if header == path:
                return number
        elif header == wanted and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
            return number
    return None
