"""Makes the commented settings file and the table of settings from the settings themselves.

Usage: python -m tools.make_settings   (writes etc/ and docs/; a test holds both to it)
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from procall_mobility.config.settings import Settings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "etc/procall-mobility/procall-mobility.toml"
TABLE = ROOT / "docs/settings.md"

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


def toml(value: Any) -> str:
    """Write a default as TOML."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case dict():
            return "{}"
        case (int(first), int(last)):
            return f'"{first}-{last}"'
        case (str(host), int(port)):
            return f'"[{host}]:{port}"' if ":" in host else f'"{host}:{port}"'
        case tuple():
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


def settings_file() -> str:
    """Return the commented file."""
    lines = [HEAD]
    for name, kind in sections(Settings):
        if name == "assumptions":
            lines.append(ASSUMPTIONS)
        lines.append(f"\n# {kind.__doc__}\n[{name}]")
        lines += [f"\n# {purpose}\n#{key} = {default}" for key, default, purpose in rows(kind)]
        for field in attrs.fields(kind):
            if "tables" in field.metadata:
                inner = field.metadata["tables"]
                lines.append(f"\n# {field.metadata['purpose']}\n#[[{name}.{field.name}]]")
                lines += [f"#{key} = {d}  # {purpose}" for key, d, purpose in rows(inner)]
    return "\n".join(lines) + "\n"


def settings_table() -> str:
    """Return the page with the table."""
    lines = [
        "# Settings",
        "",
        "One TOML file, `/etc/procall-mobility/procall-mobility.toml`; another one by",
        "`procall-mobility --config FILE` or `PROCALL_MOBILITY_CONFIG`. Unknown names are errors.",
        "Times are seconds, sizes octets. This page is made by `python -m tools.make_settings`.",
    ]
    for name, kind in sections(Settings):
        table = [
            ("`" + key + "`", "`" + default + "`", purpose) for key, default, purpose in rows(kind)
        ]
        lines += ["", f"## `[{name}]`", "", str(kind.__doc__), ""]
        lines += ["| setting | default | purpose |", "|---|---|---|"] if table else []
        lines += ["| " + " | ".join(row) + " |" for row in table]
        for field in attrs.fields(kind):
            if "tables" in field.metadata:
                inner = field.metadata["tables"]
                lines += ["", f"### `[[{name}.{field.name}]]`", "", str(inner.__doc__), ""]
                lines += ["| setting | default | purpose |", "|---|---|---|"]
                lines += [f"| `{key}` | `{d}` | {purpose} |" for key, d, purpose in rows(inner)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both files."""
    for file, content in ((FILE, settings_file()), (TABLE, settings_table())):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")


if __name__ == "__main__":
    main()
