"""Which Python runs the daemon that is measured.

The distribution's own where there is one of the same version, as that is what the package runs
on: how a Python was built makes a third of every figure.  BENCH_PYTHON names another one;
`BENCH_PYTHON=venv` is that of the tree.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]


def interpreter() -> str:
    """Return the path of the Python to measure with."""
    chosen = os.environ.get("BENCH_PYTHON")
    if chosen:
        return sys.executable if chosen == "venv" else chosen
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    theirs = Path(f"/usr/bin/python{version}")
    return str(theirs) if theirs.exists() else sys.executable


def environment() -> dict[str, str]:
    """Return an environment in which it finds our packages and the tree."""
    packages = sysconfig.get_path("purelib")
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), packages))}


def description() -> str:
    """Return its version and its path."""
    python = interpreter()
    asked = [python, "-c", "import platform; print(platform.python_version())"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return f"{said} ({'venv' if python == sys.executable else python})"
