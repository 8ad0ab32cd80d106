"""The commented file and the table show every setting as it is."""

import re
import tomllib
from typing import Any

import attrs

from procall_mobility.config import Settings, parse
from procall_mobility.config.commented_file import rows, sections
from tools import make_settings


def names(kind: type, where: str = "") -> set[str]:
    found = set()
    for field in attrs.fields(kind):
        path = f"{where}.{field.name}" if where else field.name
        inner = field.metadata.get("section") or field.metadata.get("tables")
        found |= names(inner, path) if inner else {path}
    return found


def test_the_file_is_the_one_the_settings_make() -> None:
    """Otherwise: python -m tools.make_settings."""
    assert make_settings.FILE.read_text("utf-8") == make_settings.settings_file()


def test_the_table_is_the_one_the_settings_make() -> None:
    assert make_settings.TABLE.read_text("utf-8") == make_settings.settings_table()


def test_the_commented_file_names_every_setting_and_its_real_default() -> None:
    """Read as an operator would: remove each `#` before a key, and nothing changes."""
    commented = make_settings.FILE.read_text("utf-8")
    uncommented = re.sub(r"(?m)^#(?=[a-z0-9_]+ = |\[\[)", "", commented)
    table: dict[str, Any] = tomllib.loads(uncommented)
    shown = set()

    def walk(inner: dict[str, Any], where: str) -> None:
        for name, value in inner.items():
            path = f"{where}.{name}" if where else name
            if isinstance(value, dict) and value:
                walk(value, path)
            elif path == "ice.servers":
                walk(value[0], path)
            else:
                shown.add(path)

    walk(table, "")
    assert shown == names(Settings)
    told = re.sub(
        r"(?ms)^\[\[ice.servers\]\].*?\n\n", "", uncommented
    )  # There is none by default.
    origin = 'origin = "https://mobility.example.net"'
    assert parse(told.replace('origin = ""', origin)) == parse(f"[service]\n{origin}")


def test_the_commented_file_says_what_is_needed_when_nothing_is_changed() -> None:
    source = make_settings.FILE.read_text("utf-8")
    assert parse(source.replace('#origin = ""', 'origin = "https://x.example"'))


def test_the_assumptions_come_last_behind_a_word_of_warning() -> None:
    source = make_settings.FILE.read_text("utf-8")
    assert source.index("an ordinary operator changes nothing") < source.index("[assumptions]")
    assert "\n[" not in source[source.index("[assumptions]") + 1 :]


def test_every_section_and_setting_says_what_it_is_for() -> None:
    for _, kind in sections(Settings):
        assert kind.__doc__
        assert all(purpose for _, _, purpose in rows(kind))
