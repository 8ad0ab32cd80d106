"""Linux network namespaces: networks of a run's own, of which nothing leaves the machine."""

import ctypes
import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from attrs import define

CLONE_NEWNET = 0x40000000
NUMBERS = itertools.count(1)
LIBC = ctypes.CDLL(None, use_errno=True)


class NoNamespaces(Exception):
    """We may not make network namespaces here."""


def ip(*arguments: str) -> None:
    """Run iproute2's command.

    Raises:
        NoNamespaces: it refuses, or is not there.
    """
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NoNamespaces("iproute2 is needed") from None
    if done.returncode:
        raise NoNamespaces(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


@define
class Namespace:
    """A network namespace that has a name."""

    name: str

    @classmethod
    def make(cls, purpose: str = "turn-test") -> Self:
        """Make one, with a loopback."""
        made = cls(f"{purpose}-{os.getpid()}-{next(NUMBERS)}")
        ip("netns", "add", made.name)
        made.ip("link", "set", "lo", "up")
        return made

    def ip(self, *arguments: str) -> None:
        """Run iproute2's command in here."""
        ip("-n", self.name, *arguments)

    def prefix(self) -> list[str]:
        """What a command is preceded by to run in here; it becomes the command, with its pid."""
        return ["ip", "netns", "exec", self.name]

    def remove(self) -> None:
        """Let go of it; it ends with the last process in it."""
        ip("netns", "del", self.name)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let this thread's new sockets be born in here; they stay when it has left."""
        with (
            Path("/proc/thread-self/ns/net").open() as home,
            self.path.open() as there,
        ):
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(home.fileno())

    @property
    def path(self) -> Path:
        """Where a process finds it that wants to enter."""
        return Path("/run/netns", self.name)

    def switch(self, name: str, value: str) -> None:
        """Set what `/proc/sys/net` has for this namespace."""
        with self.entered():
            Path("/proc/sys/net", name).write_text(value)


def _enter(descriptor: int) -> None:
    if LIBC.setns(descriptor, CLONE_NEWNET):
        raise NoNamespaces(f"setns: {os.strerror(ctypes.get_errno())}")
