"""Every conformance check has its tests, and they are there."""

import re
from pathlib import Path

from tests.conformance import CHECKS, page

ROOT = Path(__file__).parents[1]


def test_all_thirteen_checks_are_listed() -> None:
    assert [check.split()[0] for check in CHECKS] == [f"C{number}" for number in range(1, 14)]


def test_every_test_that_is_named_exists() -> None:
    for tests in CHECKS.values():
        for test in tests:
            file, _, name = test.partition("::")
            source = (ROOT / file).read_text("utf-8")
            assert re.search(rf"def {name}\b", source), test


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs/conformance.md").read_text("utf-8") == page()
