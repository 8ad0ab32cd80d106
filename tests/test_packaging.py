"""The built wheel is whole: plugin, schema, migrations; and it works without the tree."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy, so that the tree stays clean."""
    work = tmp_path_factory.mktemp("build")
    source = work / "source"
    files = ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE")
    for name in (*files, "tools/compile_datapath"):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for folder in ("procall_mobility", "twisted"):
        for path in (ROOT / folder).rglob("*"):
            if (
                path.is_file()
                and "__pycache__" not in path.parts
                and path.suffix not in (".cache", ".o")
            ):
                target = source / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(work)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (built,) = work.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel as an installer does it, into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PROCALL_MOBILITY_CONFIG", None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=installed,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_carries_the_plugin_and_all_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "twisted/plugins/procall_mobility_plugin.py" in names
    assert "twisted/plugins/__init__.py" not in names
    for path in (ROOT / "procall_mobility").rglob("*"):
        is_static = "static" in path.parts and path.is_file()
        if is_static or path.suffix in {".py", ".json", ".sql", ".typed", ".c", ".h"}:
            assert str(path.relative_to(ROOT)) in names


@pytest.mark.skipif(not shutil.which("clang"), reason="clang is missing: apt install clang")
def test_the_wheel_carries_the_program_for_the_kernel(wheel: Path) -> None:
    """It is compiled while the wheel is built; who installs the wheel needs no compiler."""
    program = zipfile.ZipFile(wheel).read("procall_mobility/datapath/turn_relay.o")
    assert program.startswith(b"\x7fELF")


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"procall_mobility", "twisted"}


def test_twistd_lists_the_plugin(installed: Path) -> None:
    listed = run(installed, "-c", "from twisted.scripts.twistd import run; run()", "--help")
    assert "procall-mobility" in listed.stdout


def test_the_command_works_without_the_tree(installed: Path) -> None:
    version = run(installed, "-m", "procall_mobility.cli", "--version")
    assert version.stdout.startswith("procall-mobility, version ")
    missing = run(installed, "-m", "procall_mobility.cli", "check-config", "/nonexistent.toml")
    assert missing.returncode == 78
    assert "/nonexistent.toml" in missing.stdout


def test_the_wheel_declares_the_command(installed: Path) -> None:
    (entry_points,) = installed.glob("*.dist-info/entry_points.txt")
    assert "procall-mobility = procall_mobility.cli:main" in entry_points.read_text()
