"""Judgements look at nothing: what they decide is decided by facts alone."""

import ast
from pathlib import Path

import procall_mobility.diagnosis
from procall_mobility.diagnosis.findings import Finding, State, is_well

FOLDER = Path(procall_mobility.diagnosis.__file__).parent / "judgements"
LOOKING = {"os", "socket", "ssl", "time", "subprocess", "psutil", "pathlib", "sqlite3", "shutil"}


def imported(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    names = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    for each in ast.walk(tree):
        if isinstance(each, ast.Import):
            names += [alias.name for alias in each.names]
    return set(names)


def test_judgements_import_nothing_that_looks() -> None:
    for file in FOLDER.glob("*.py"):
        names = imported(file)
        assert not {name.partition(".")[0] for name in names} & LOOKING, file
        assert not any(name.startswith("procall_mobility.diagnosis.facts") for name in names)


def test_only_what_is_wrong_is_not_well() -> None:
    for state in State:
        found = [Finding("check", state, "reason", "what")]
        assert is_well(found) is (state is not State.WRONG)
