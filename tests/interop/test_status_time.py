"""The status page when clocks are set and daemons begin anew: its own modules, in node."""

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from procall_mobility.operations import status_page

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
]

STATIC = Path(str(files(status_page))) / "static"
PROGRAM = Path(__file__).parent / "browser/status-time.mjs"


def test_times_and_speeds_are_right_whatever_clocks_do(tmp_path: Path) -> None:
    for name in ("past", "speeds"):
        # By this name every node takes it for a module.
        shutil.copy(STATIC / f"{name}.js", tmp_path / f"{name}.mjs")
    done = subprocess.run(
        ["node", PROGRAM, tmp_path], capture_output=True, text=True, timeout=60, check=False
    )
    assert "not ok" not in done.stdout
    assert (done.returncode, done.stdout.count("ok ")) == (0, 6), done.stderr
