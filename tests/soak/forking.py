"""Starts of the daemon that cost a fifth: forks of a process that has imported everything.

Run as a program with the settings' file, it forks a daemon for each line of its input, and tells
the number of its process.  So the moments at which a daemon that starts is killed fall into what
it does itself; most of them would fall into what Python does before.  Nothing that is imported
ahead has a reactor: every daemon makes its own.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from twisted.scripts import twistd

from procall_mobility import service
from tests.daemon import PATIENCE, ROOT

IMPORTED = (service,)


@define
class Forked:
    """A daemon, in the words of `subprocess.Popen`."""

    pid: int
    _end: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._end = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        return 0 if self._ends(0.0) else None

    def wait(self, timeout: float) -> None:
        assert self._ends(timeout), "it does not end"

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self._end, number)

    def _ends(self, within: float) -> bool:
        return bool(select.select([self._end], [], [], within)[0])


@define
class Forge:
    """The process that forks; one daemon at a time."""

    program: "subprocess.Popen[str]"
    latest: Forked | None = None

    def start(self) -> Forked:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write("start\n")
        self.program.stdin.flush()
        self.latest = Forked(int(self.program.stdout.readline()))
        return self.latest

    def end(self) -> None:
        """End the daemon, if there is one, and let nobody follow."""
        if self.latest is not None and self.latest.poll() is None:
            self.latest.send_signal(signal.SIGTERM)
            self.latest.wait(PATIENCE)
        assert self.program.stdin is not None
        self.program.stdin.close()
        self.program.wait(PATIENCE)


@contextmanager
def forging(settings: Path) -> Iterator[Forge]:
    """Have daemons forked; the last one is ended."""
    command = [sys.executable, "-m", "tests.soak.forking", str(settings)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as program:
        forge = Forge(program)
        try:
            yield forge
        finally:
            forge.end()


def main(settings: str) -> None:
    assert "twisted.internet.reactor" not in sys.modules
    for _ in sys.stdin:
        daemon = os.fork()
        if not daemon:
            become_daemon(settings)
        print(daemon, flush=True)
        os.waitpid(daemon, 0)


def become_daemon(settings: str) -> None:
    """Do what `procall-mobility run` does."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.argv = ["twistd", "--nodaemon", "--pidfile=", "--reactor=epoll"]
    sys.argv += ["--logger=procall_mobility.tap.early_log", "procall-mobility"]
    sys.argv += ["--config", settings]
    twistd.run()
    sys.exit()


if __name__ == "__main__":
    main(sys.argv[1])
