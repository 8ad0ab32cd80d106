"""Programs the demo starts, starts again when they die, and ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attrs import define, field

from examples.uc_demo.heirs import Heir

ROOT = Path(__file__).parents[2]

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
STEADY = 60.0
"""Seconds a program has to run until its next death counts as the first one."""
STOPPED_WITHIN = 10.0


@define(eq=False)
class Child:
    """One program, by its arguments to Python; its process id stands in `<data>/<name>.pid`."""

    name: str
    data: Path
    arguments: tuple[str, ...]
    is_quiet: bool = False
    """Whether what it prints is for programs, and people are spared."""
    heir: Callable[[], Heir | None] = field(default=lambda: None, kw_only=True)
    """Finds who has taken over from it when it has ended well."""
    _process: "subprocess.Popen[bytes] | Heir | None" = None
    _wait: float = FIRST_WAIT
    _started: float = 0.0
    _due: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it."""
        self._due = None
        self._started = time.monotonic()
        # A session of its own: Ctrl+C reaches only us, and we end things in order.
        self._process = subprocess.Popen(
            [sys.executable, *self.arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.is_quiet else None,
            start_new_session=True,
        )
        self._pid_file.write_text(str(self._process.pid))

    def has_ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def look_after(self, now: float) -> str | None:
        """Start it again when it is time; a sentence for people when it has died."""
        if self._due is not None:
            if now >= self._due:
                self.start()
            return None
        if not self.has_ended():
            return None
        heir = self._heir()
        if heir is not None:
            self._process, self._started = heir, now
            self._pid_file.write_text(str(heir.pid))
            return f"the {self.name} has handed over to process {heir.pid}"
        if now - self._started > STEADY:
            self._wait = FIRST_WAIT
        wait, self._wait = self._wait, min(LONGEST_WAIT, self._wait * 2)
        self._due = now + wait
        return f"the {self.name} has ended ({self._how()}); again in {wait:g} s"

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._due = None
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    def _heir(self) -> Heir | None:
        is_well = self._process is not None and self._process.returncode == 0
        return self.heir() if is_well else None

    @property
    def _pid_file(self) -> Path:
        return self.data / f"{self.name.replace(' ', '-')}.pid"

    def _how(self) -> str:
        status = self._process.returncode if self._process is not None else 0
        return f"status {status}" if status >= 0 else signal.Signals(-status).name
