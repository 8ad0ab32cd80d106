"""Makes the page that says which tests show which line of the relay's security checklist.

A test names its lines at the beginning of its docstring, as in `A1, A6: ...`, or of its name, as
in `test_b14_...`.

Usage: python -m tools.make_checklist   (writes docs/turn-checklist.md; a test holds it to it)
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field

ROOT: Final = Path(__file__).parents[1]
FILE: Final = ROOT / "docs/turn-checklist.md"
TABLES: Final = tomllib.loads((ROOT / "tools/turn_checklist.toml").read_text("utf-8"))

SECTIONS: Final = ("peers", "identity", "parsing", "resources")
KINDS: Final = ("machine", "socket")

_IN_DOCSTRING = re.compile(r"([A-D]\d+(?:-[A-D]?\d+)?(?:(?:,| and) [A-D]\d+(?:-[A-D]?\d+)?)*)[,:]")
_IN_NAME = re.compile(r"test_([a-d]\d+)_")
_ONE = re.compile(r"([A-D])(\d+)(?:-[A-D]?(\d+))?")

HEAD: Final = """\
# The relay's security checklist

Made by `python -m tools.make_checklist`.

Which tests show which line. Tests of the machine run on a clock of their own (`make test`); tests
over sockets run against the daemon, by UDP, TCP, TLS on a port of its own, and TLS on the port
everything shares, known by ALPN and by its first octets, wherever that makes a difference
(`make interop`; the environment's `TURN_VOLUME` multiplies what floods and loops send).
"""


@define
class Line:
    """A line of the checklist, and what shows it."""

    number: str
    text: str
    machine: list[str] = field(factory=list)
    socket: list[str] = field(factory=list)

    def shown(self, kind: str) -> list[str]:
        """Return the tests of a kind."""
        found: list[str] = getattr(self, kind)
        return found

    def reason(self, kind: str) -> str | None:
        """Return why there is no test of a kind."""
        reason: str | None = TABLES[kind].get(self.number)
        return reason


def lines_of(docstring: str | None, name: str) -> list[str]:
    """Return the lines of the checklist that a test says it shows."""
    found = [each.upper() for each in _IN_NAME.findall(name)]
    named = _IN_DOCSTRING.match(docstring or "")
    for letter, first, last in _ONE.findall(named[1]) if named else ():
        found += [f"{letter}{each}" for each in range(int(first), int(last or first) + 1)]
    return list(dict.fromkeys(found))


def tests_in(source: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every test of a module, with the lines it shows."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, lines_of(ast.get_docstring(node), node.name)


def kind_of(file: Path) -> str | None:
    """Return what kind of tests a file has; None for those of other parts of the house."""
    parts = file.relative_to(ROOT).parts
    words = ("turn", "stun", "relay_", "datapath")
    if not any(word in part for part in parts for word in words):
        return None
    return "socket" if parts[1] == "interop" else "machine"


def checklist() -> Mapping[str, Line]:
    """Return all lines by their number."""
    found = {
        number: Line(number, text)
        for section in SECTIONS
        for number, text in TABLES[section].items()
        if number != "title"
    }
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        kind = kind_of(file)
        if kind is None:
            continue
        where = file.relative_to(ROOT / "tests").as_posix()
        for test, numbers in tests_in(file.read_text("utf-8")):
            for number in numbers:
                found[number].shown(kind).append(f"`{where}::{test}`")
    return found


def page() -> str:
    """Return the page."""
    lines, parts = checklist(), [HEAD]
    for section in SECTIONS:
        table = dict(TABLES[section])
        parts.append(f"## {table.pop('title')}\n")
        parts += [_paragraph(lines[number]) for number in table]
    return "\n".join(parts)


def _paragraph(line: Line) -> str:
    rows = [f"### {line.number}: {line.text}\n"]
    for kind in KINDS:
        shown, reason = line.shown(kind), line.reason(kind)
        rows += [f"* {kind}: {test}" for test in shown]
        if reason is not None:
            rows.append(f"* {kind}: {reason}")
    if note := TABLES["note"].get(line.number):
        rows.append(f"* {note}")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the page."""
    FILE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
