"""The house keeps its shape: who may import whom, and what pure rooms must not touch."""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "procall_mobility"

MOST_LINES = 300

PURE = {"protocols", "gateway", "config"}
IMPURE = {"transports", "datapath", "storage", "operations", "cluster"}
BELOW = PURE | IMPURE

OURS = {
    "protocols": set(),
    "gateway": {"protocols"},
    "config": set(),
    "transports": {"gateway", "protocols"},
    "datapath": {"gateway", "protocols"},
    "storage": {"gateway", "protocols"},
    "operations": {"gateway", "protocols"},
    "cluster": {"gateway", "protocols"},
    "connector": {"protocols", "transports", "config"},
    # Above them: what is put together of several, how it runs, and how it becomes another.
    "reload": {"config"},
    "composition.terms": PURE,
    "composition.push": BELOW,
    "composition.turn": BELOW | {"composition.terms", "reload"},
    "composition": BELOW | {"composition.push", "composition.terms", "composition.turn", "reload"},
    "lifecycle": BELOW | {"composition.push", "composition.turn", "reload"},
    "admin": BELOW
    | {"composition", "composition.push", "composition.turn", "lifecycle", "reload"},
    "reload.parts": BELOW | {"composition", "composition.terms", "lifecycle", "reload"},
    "hand_over": BELOW | {"lifecycle"},
    # Above all: the daemon, and who opens its door.
    "service": BELOW
    | {"admin", "composition", "composition.push", "composition.terms", "composition.turn"}
    | {"lifecycle", "reload", "reload.parts"},
    "process": {"hand_over", "lifecycle", "operations"},
    "tap": BELOW | {"hand_over", "process", "service"},
    # Beside the daemon: the command line.
    "diagnosis": BELOW | {"composition.terms"},
    "commands": BELOW - {"datapath", "cluster"} | {"composition.terms", "connector", "diagnosis"},
    "cli": {"commands"},
}
"""Room to the rooms it may import; a room may always import itself and the package's version.

Where a room inside another has a line of its own, that of the other is not about it.
"""

HALL = {"__init__", "service", "process", "tap", "cli"}

PURE_OTHERS = {"attrs", "attr", "cryptography", "cbor2"}
PURE_FORBIDDEN_STDLIB = {
    "socket", "asyncio", "threading", "time", "random", "secrets", "sqlite3", "subprocess",
    "select", "selectors", "ssl", "signal", "os", "multiprocessing", "tempfile", "uuid",
}  # fmt: skip
CONFIG_MAY = {"os", "pathlib", "tomllib"}
DICE_AND_CLOCKS = {
    "time.time", "time.monotonic", "datetime.now", "datetime.utcnow", "datetime.today",
    "date.today", "os.urandom", "random.random", "secrets.token_bytes",
}  # fmt: skip
LAST_WORDS = {each.rpartition(".")[2] for each in DICE_AND_CLOCKS}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "handler", "base", "misc", "util"}


def sources(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*.py")) if "node_modules" not in path.parts)


def room_of(parts: Sequence[str]) -> str:
    """Return the narrowest room the law knows that a module, or a name in it, is in."""
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in names if name in OURS), parts[0] if parts else "")


def room_of_file(path: Path, package: Path) -> str:
    return room_of(path.relative_to(package).with_suffix("").parts)


def violations(package: Path) -> list[str]:
    """Check one package tree; each violation is `file:line: text`."""
    found = []
    for path in sources(package):
        where = path.relative_to(package.parent)
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        room = room_of_file(path, package)
        found += [f"{where}:{line}: {text}" for line, text in _shape(path, source)]
        found += [f"{where}:{line}: {text}" for line, text in _imports(room, tree)]
        if room in PURE:
            found += [f"{where}:{line}: {text}" for line, text in _dice(tree)]
    return found


def _shape(path: Path, source: str) -> Iterator[tuple[int, str]]:
    # Most begin with it; to parse them all takes a second.
    if not source.startswith(('"""', 'r"""')) and not ast.get_docstring(ast.parse(source)):
        yield 1, "a module has no docstring"
    lines = source.count("\n")
    if lines > MOST_LINES:
        yield lines, f"a module has {lines} lines, more than {MOST_LINES}"
    if path.stem in FORBIDDEN_NAMES:
        yield 1, f"a module is called {path.stem}"


def _imports(room: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name == "TYPE_CHECKING":
                yield node.lineno, "TYPE_CHECKING hides an import"
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if id(node) not in top:
            yield node.lineno, "an import is not at the top of its module"
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "an import is relative"
            continue
        for name in _names(node):
            problem = _problem(room, name)
            if problem:
                yield node.lineno, problem


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names]


def _problem(room: str, name: str) -> str | None:
    first, *rest = name.split(".")
    if first in ("examples", "tests", "bench", "tools"):
        return f"the package imports {first}"
    if name.startswith("twisted.internet.reactor") and room != "tap":
        return "only tap may import the reactor"
    if first == "procall_mobility":
        target = room_of(rest)
        allowed = OURS.get(room, set()) | {room, "__version__", ""}
        return None if target in allowed else f"{room} imports {target}"
    if room not in PURE:
        return None
    if first in PURE_FORBIDDEN_STDLIB and not (room == "config" and first in CONFIG_MAY):
        return f"the pure room {room} imports {first}"
    if first not in sys.stdlib_module_names and first not in PURE_OTHERS:
        return f"the pure room {room} imports {first}"
    return None


def _dice(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in LAST_WORDS:
            dotted = ast.unparse(node)
            for forbidden in DICE_AND_CLOCKS:
                if dotted == forbidden or dotted.endswith(f".{forbidden}"):
                    yield node.lineno, f"a pure room uses {forbidden}"


def test_the_package_keeps_the_law() -> None:
    assert violations(PACKAGE) == []


def test_every_room_is_known() -> None:
    rooms = {room_of_file(path, PACKAGE) for path in sources(PACKAGE)}
    assert rooms - {"__init__"} <= OURS.keys()


def test_the_front_hall_is_not_a_lumber_room() -> None:
    """Whatever is more than a door to the house has a room, which its question leads to."""
    assert {path.stem for path in PACKAGE.glob("*.py")} == HALL


def test_no_room_leans_on_one_that_leans_on_it() -> None:
    """Not by way of others either: there is an order in which to read the house."""
    TopologicalSorter(OURS).prepare()


def test_the_plugin_imports_nothing_of_ours() -> None:
    tree = ast.parse((ROOT / "twisted/plugins/procall_mobility_plugin.py").read_text("utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _names(node)
    }
    assert imported == {"twisted.application.service.ServiceMaker"}


def test_nothing_beside_the_package_is_too_long_or_lacks_its_docstring() -> None:
    folders = ("examples", "bench", "tools", "tests")
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for folder in folders
        for path in sources(ROOT / folder)
        for line, text in _shape(path, path.read_text("utf-8"))
    ]
    assert found == []


def test_planted_violations_are_found(tmp_path: Path) -> None:
    """The checks above check something."""
    package = tmp_path / "procall_mobility"
    planted = {
        "protocols/a.py": '"""."""\nimport time\n',
        "protocols/b.py": '"""."""\nfrom procall_mobility.gateway import x\n',
        "protocols/c.py": '"""."""\nimport twisted\n',
        "gateway/d.py": '"""."""\nimport datetime\nx = datetime.datetime.now()\n',
        "gateway/e.py": "x = 1\n",
        "storage/f.py": '"""."""\nfrom procall_mobility.transports import door\n',
        "storage/g.py": '"""."""\ndef f():\n    import json\n',
        "storage/utils.py": '"""."""\n',
        "transports/h.py": '"""."""\nfrom twisted.internet import reactor\n',
        "transports/i.py": '"""."""\nfrom . import door\n',
        "transports/j.py": '"""."""\nfrom typing import TYPE_CHECKING\nx = TYPE_CHECKING\n',
        "transports/k.py": '"""."""\n' + "\n" * MOST_LINES,
        "reload/l.py": '"""."""\nfrom procall_mobility.reload import parts\n',
        "reload/m.py": '"""."""\nfrom procall_mobility.reload.parts import x\n',
        "cli.py": '"""."""\nfrom examples import uc_demo\n',
    }
    for name, text in planted.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = violations(package)
    assert {line.split(":")[0].removeprefix("procall_mobility/") for line in found} == set(planted)


def test_no_test_against_others_is_left_out_of_make_interop() -> None:
    """Without its mark, or that of a long run, a module there is run by nobody."""
    modules = [
        each
        for each in (Path(__file__).parent / "interop").rglob("test_*.py")
        if "node_modules" not in each.parts
    ]
    marks = re.compile(r"pytest\.mark\.(interop|soak)")
    assert modules
    assert [each.name for each in modules if not marks.search(each.read_text("utf-8"))] == []
