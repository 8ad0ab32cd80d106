"""Makes the commented settings file and the table of settings from the settings themselves.

Usage: python -m tools.make_settings   (writes etc/ and docs/; a test holds both to it)
"""

from pathlib import Path

import attrs

from procall_mobility.config.commented_file import commented_file, rows, sections
from procall_mobility.config.settings import Settings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "etc/procall-mobility/procall-mobility.toml"
TABLE = ROOT / "docs/settings.md"


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
