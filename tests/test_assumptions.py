"""The page of assumptions knows every number the code uses, and every setting there is."""

import re
from pathlib import Path

import attrs

import procall_mobility
from procall_mobility.config.assumption_settings import Assumptions

PAGE = (Path(__file__).parents[1] / "docs/assumptions.md").read_text("utf-8")
ROWS = re.findall(r"^\| (A-\d\d) \|", PAGE, re.MULTILINE)


def test_all_are_listed_once() -> None:
    assert [f"A-{number:02}" for number in range(1, 42)] == ROWS


def test_the_code_uses_no_other() -> None:
    used: set[str] = set()
    for path in Path(procall_mobility.__file__).parent.rglob("*.py"):
        used |= set(re.findall(r"\bA-(?:[1-9]\d|0\d)\b", path.read_text("utf-8")))
    assert used <= set(ROWS)


def test_every_setting_stands_beside_its_assumption() -> None:
    for field in attrs.fields(Assumptions):
        number = f"A-{field.name[1:3]}"
        (row,) = re.findall(rf"^\| {number} .*$", PAGE, re.MULTILINE)
        assert f"`{field.name}`" in row
