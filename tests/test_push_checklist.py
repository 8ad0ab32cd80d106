"""The page that says what is shown of the push gateway names tests and files that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/protocols/push-checklist.md").read_text("utf-8")

NAMED = re.findall(r"`([a-z_0-9/]+\.py)(?:::(test_\w+))?`", PAGE)
COMMANDS = re.findall(r"tests/[a-z_0-9/]+(?:\.py)?", PAGE)
TARGETS = re.findall(r"make ([a-z-]+)", PAGE)
COMMAND = re.compile(r"^    (PUSH_KILLS=20 )?(\.venv/bin/python|make) ", re.MULTILINE)
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not test or test in found


@pytest.mark.parametrize("path", COMMANDS)
def test_what_a_command_runs_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_there(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_promise_has_a_command() -> None:
    for section in SECTIONS:
        title = section.partition("\n")[0]
        assert COMMAND.search(section), title


def test_every_table_of_a_provider_is_on_the_page() -> None:
    place = "interop/push"
    tables = {f"{place}/{each.name}" for each in (ROOT / "tests" / place).glob("test_*_table.py")}
    assert tables == {file for file, _ in NAMED if re.fullmatch(f"{place}/.*_table.py", file)}
