"""Every conformance check has its tests, and they are there."""

import ast
from pathlib import Path

from tests.conformance import CHECKS, page

ROOT = Path(__file__).parents[1]


def test_all_thirteen_checks_are_listed() -> None:
    assert [check.split()[0] for check in CHECKS] == [f"C{number}" for number in range(1, 14)]


def test_every_test_that_is_named_exists() -> None:
    """By a name that pytest takes."""
    for tests in CHECKS.values():
        for test in tests:
            file, *path = test.split("::")
            body = ast.parse((ROOT / file).read_text("utf-8")).body
            for name in path:
                named = [node for node in body if getattr(node, "name", "") == name]
                assert named, test
                body = named[0].body


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs/conformance.md").read_text("utf-8") == page()
