"""Every line of the relay's security checklist is shown by tests, or says why it is not."""

from functools import cache

import pytest

from tools.make_checklist import FILE, KINDS, SECTIONS, TABLES, checklist, lines_of, page

NUMBERS = [number for section in SECTIONS for number in TABLES[section] if number != "title"]
lines = cache(checklist)


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text("utf-8") == page()


def test_all_lines_are_there() -> None:
    counts = {"A": 16, "B": 20, "C": 14, "D": 20}
    expected = [f"{letter}{n}" for letter, most in counts.items() for n in range(1, most + 1)]
    assert list(lines()) == NUMBERS == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_line_has_tests_or_a_reason(number: str, kind: str) -> None:
    line = lines()[number]
    assert line.shown(kind) or line.reason(kind)
    assert not (line.shown(kind) and line.reason(kind)), "the reason is outdated"


@pytest.mark.parametrize(
    ("docstring", "name", "expected"),
    [
        ("A3: why", "test_x", ["A3"]),
        ("A1, A2 and A4-A6: why", "test_x", ["A1", "A2", "A4", "A5", "A6"]),
        ("B2, RFC 8489 section 9.2: why", "test_x", ["B2"]),
        (None, "test_d7_a_token", ["D7"]),
        ("D7: why", "test_d7_a_token", ["D7"]),
        ("What A3 says.", "test_x", []),
    ],
)
def test_tests_name_their_lines(docstring: str | None, name: str, expected: list[str]) -> None:
    assert lines_of(docstring, name) == expected
