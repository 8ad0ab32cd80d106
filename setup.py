"""Compiles the kernel's datapath before its files are collected; setup.cfg has the rest."""

import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
COMPILE = ROOT / "tools/compile_datapath"
SOURCE = ROOT / "procall_mobility/datapath/turn_relay.c"
OBJECT = SOURCE.with_suffix(".o")


class Build(build_py):
    """Builds the package; where nothing can compile for the kernel, the package goes without."""

    def run(self) -> None:
        """Compile first, unless that has been done."""
        headers = SOURCE.with_suffix(".h"), *SOURCE.parent.glob("program/*.h")
        sources = (SOURCE, *headers, COMPILE)
        newest = max(path.stat().st_mtime for path in sources)
        if not OBJECT.exists() or OBJECT.stat().st_mtime < newest:
            command = [COMPILE, SOURCE.relative_to(ROOT), OBJECT.relative_to(ROOT)]
            subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603  # It is ours.
        super().run()


setup(cmdclass={"build_py": Build})
