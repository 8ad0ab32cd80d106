"""The page about the doctor has every reason that it gives."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import procall_mobility.diagnosis
from procall_mobility.diagnosis.judgements.providers import Obstacle

PAGE = (Path(__file__).parents[2] / "docs/doctor.md").read_text("utf-8")
FOLDER = Path(procall_mobility.diagnosis.__file__).parent
TELLING = {"wrong", "warning", "unknown", "judge"}
COMPUTED = ["link-…", "stranger-…", "relay-…", *(each.value for each in Obstacle)]


def told() -> Iterator[str]:
    """Yield the reasons that stand in the source."""
    for file in FOLDER.rglob("*.py"):
        for each in ast.walk(ast.parse(file.read_text("utf-8"))):
            match each:
                case ast.Call(func=ast.Name(id=name), args=[_, given, *_]) if name in TELLING:
                    yield from words(given)
                case ast.Assign(targets=[ast.Name(id="reason")], value=ast.IfExp() as given):
                    yield from words(given)


def words(given: ast.expr) -> list[str]:
    return [
        each.value
        for each in ast.walk(given)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and not each.value.endswith("-")
    ]


REASONS = sorted({*told(), *COMPUTED})


def test_there_are_many() -> None:
    assert len(REASONS) > 60


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_explained(reason: str) -> None:
    assert f"| `{reason}` |" in PAGE


def test_no_reason_is_explained_that_is_not_given() -> None:
    table = PAGE.partition("## What it looks at")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    explained = {row[1].strip(" |`") for row in rows[1:] if len(row) > 2}
    assert explained - {"---", "reason"} == set(REASONS)
