"""Makes the commented settings file and the table of settings from the settings themselves.

Usage: python -m tools.make_settings   (writes etc/ and docs/; a test holds both to it)
"""

from pathlib import Path

import attrs

from procall_mobility.config.commented_file import Row, commented_file, rows, sections
from procall_mobility.config.settings import Settings
from procall_mobility.reload.table import whom, why_not

ROOT = Path(__file__).parents[1]
FILE = ROOT / "etc/procall-mobility/procall-mobility.toml"
TABLE = ROOT / "docs/settings.md"

HEADINGS = ("| setting | default | purpose | a reload reaches |", "|---|---|---|---|")


def settings_file() -> str:
    """Return the commented file."""
    return commented_file({})


def settings_table() -> str:
    """Return the page with the table."""
    lines = [
        "# Settings",
        "",
        "One TOML file, `/etc/procall-mobility/procall-mobility.toml`; another one by",
        "`procall-mobility --config FILE` or `PROCALL_MOBILITY_CONFIG`. Unknown names are errors.",
        "Times are seconds, sizes octets. This page is made by `python -m tools.make_settings`.",
        "",
        "The last column says whom a change reaches when the daemon [reloads](reload.md) the",
        "file: everybody at once, or only what is new; or why it waits for a restart.",
    ]
    for name, kind in sections(Settings):
        lines += ["", f"## `[{name}]`", "", str(kind.__doc__), ""]
        table = [_row(row, f"{name}.{row[0]}") for row in rows(kind)]
        lines += [*HEADINGS, *table] if table else []
        for field in attrs.fields(kind):
            if "tables" in field.metadata:
                path = f"{name}.{field.name}"
                inner = field.metadata["tables"]
                lines += ["", f"### `[[{path}]]`", "", str(inner.__doc__), "", *HEADINGS]
                lines += [_row(row, path) for row in rows(inner)]
    return "\n".join(lines) + "\n"


def _row(row: Row, path: str) -> str:
    key, default, purpose = row
    reach = whom(path) or f"restart: {why_not(path)}"
    return f"| `{key}` | `{default}` | {purpose} | {reach} |"


def main() -> None:
    """Write both files."""
    for file, content in ((FILE, settings_file()), (TABLE, settings_table())):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")


if __name__ == "__main__":
    main()
