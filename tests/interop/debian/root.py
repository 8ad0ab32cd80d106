"""A root of Debian in a folder: commands in it, and what files there are."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}

ELSEWHERE = ("dev", "proc", "sys", "tmp", "run", "work", "root")
"""What belongs to no package."""

BOOKKEEPING = (
    "var/cache/",
    "var/lib/apt/",
    "var/lib/dpkg/",
    "var/log/apt/",
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    # Made when a user is.
    "etc/.pwd.lock",
    "etc/passwd-",
    "etc/group-",
    "etc/shadow-",
    "etc/gshadow-",
)
"""What tools of Debian keep for themselves."""


@frozen
class Root:
    """A root; the caller may do everything in it."""

    folder: Path

    def enter(self) -> list[str]:
        """Return what runs the command behind it in the root."""
        return ["chroot", str(self.folder)]

    def run(self, *command: str, fine: tuple[int, ...] = (0,)) -> str:
        """Run a command and return what it prints."""
        done = subprocess.run(
            [*self.enter(), *command],
            env=ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = f"{done.stdout}\n{done.stderr}"
        assert done.returncode in fine, f"{command}: status {done.returncode}\n{said}"
        return done.stdout

    def is_there(self, path: str) -> bool:
        return os.path.lexists(self.folder / path)

    def files(self) -> set[str]:
        """Return the names of all files and folders that packages make."""
        return {each for each in self._walk() if not each.startswith(BOOKKEEPING)}

    def _walk(self) -> Iterator[str]:
        for above, folders, files in os.walk(self.folder):
            here = os.path.relpath(above, self.folder)
            if here == ".":
                folders[:] = [each for each in folders if each not in ELSEWHERE]
            yield from (os.path.normpath(f"{here}/{each}") for each in (*folders, *files))
