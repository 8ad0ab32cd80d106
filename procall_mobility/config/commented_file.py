"""Writes the commented settings file: every setting with its purpose, and what was chosen."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from procall_mobility.config.settings import Settings

HEAD = """\
# Settings of ProCall Mobility.
#
# Every setting is shown with its default behind a "#"; remove the "#" to change one.
# `procall-mobility check-config FILE` tells everything that is wrong with a file.
# Passwords and secrets never stand here, only the paths of files that hold them.
"""

ASSUMPTIONS = """
# ----------------------------------------------------------------------------------------
# From here on an ordinary operator changes nothing. What follows is not published by the
# makers of servers and apps; a first meeting with a real one may show that it is otherwise.
# ----------------------------------------------------------------------------------------
"""

Row = tuple[str, str, str]
"""Name, default and purpose of a setting."""

Chosen = Mapping[str, Any]
"""Paths of settings (`service.origin`) and what TOML is to say of them."""


def commented_file(chosen: Chosen) -> str:
    """Return the whole file; what was chosen stands in it without a `#`, the rest with one.

    Paths that are no settings are left out; `brief_file` keeps them.
    """
    lines = [HEAD]
    for name, kind in sections(Settings):
        if name == "assumptions":
            lines.append(ASSUMPTIONS)
        lines.append(f"\n# {kind.__doc__}\n[{name}]")
        for key, default, purpose in rows(kind):
            path = f"{name}.{key}"
            said = f"{key} = {toml(chosen[path])}" if path in chosen else f"#{key} = {default}"
            lines.append(f"\n# {purpose}\n{said}")
        for field in attrs.fields(kind):
            if "tables" in field.metadata:
                lines += _tables(f"{name}.{field.name}", field.metadata, chosen)
    return "\n".join(lines) + "\n"


def brief_file(chosen: Chosen) -> str:
    """Return what was chosen alone, a line for each; it means the same."""
    return "".join(f"{path} = {toml(value)}\n" for path, value in chosen.items())


def toml(value: Any) -> str:
    """Write a value as TOML: a default of ours, or what TOML itself has read."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            # The escapes of JSON are those of TOML, which forbids one more character.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case dict():
            items = ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items())
            return f"{{ {items} }}" if items else "{}"
        case (int(first), int(last)) if isinstance(value, tuple):
            return f'"{first}-{last}"'
        case (str(host), int(port)) if isinstance(value, tuple):
            return f'"[{host}]:{port}"' if ":" in host else f'"{host}:{port}"'
        case tuple() | list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def sections(kind: type, name: str = "") -> Iterator[tuple[str, type]]:
    """Walk all sections, in order, each before what is inside it."""
    if name:
        yield name, kind
    for field in attrs.fields(kind):
        inner = field.metadata.get("section")
        if inner is not None:
            yield from sections(inner, f"{name}.{field.name}" if name else field.name)


def rows(kind: type) -> list[Row]:
    """Return name, default and purpose of a section's own settings."""
    return [
        (field.name, toml(default_of(field)), field.metadata["purpose"])
        for field in attrs.fields(kind)
        if "read" in field.metadata
    ]


def default_of(field: Any) -> Any:
    """Return the default of a field."""
    factory = getattr(field.default, "factory", None)
    return factory() if factory is not None else field.default


def _tables(path: str, told: Mapping[str, Any], chosen: Chosen) -> Iterator[str]:
    yield f"\n# {told['purpose']}\n#[[{path}]]"
    for key, default, purpose in rows(told["tables"]):
        yield f"#{key} = {default}  # {purpose}"
    for table in chosen.get(path, ()):
        yield f"\n[[{path}]]"
        for key, value in table.items():
            yield f"{key} = {toml(value)}"
