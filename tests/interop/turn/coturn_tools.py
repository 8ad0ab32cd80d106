"""coturn's client programs: how they are run, and what they print as facts."""

import os
import re
import subprocess
from collections import Counter
from pathlib import Path

from attrs import frozen

from tests.interop.turn.namespaces import Namespace


@frozen
class Outcome:
    """What a run of turnutils_uclient came to."""

    status: int | None
    """None: it was ended after the time it was given."""
    said: str

    @property
    def sent(self) -> int:
        return self._last(r"tot_send_msgs=(\d+), tot_recv_msgs=\d+$")

    @property
    def received(self) -> int:
        return self._last(r"tot_send_msgs=\d+, tot_recv_msgs=(\d+)$")

    @property
    def lost(self) -> int:
        return self._last(r"Total lost packets (-?\d+)")

    @property
    def dropped(self) -> int:
        return self._last(r"total send dropped (-?\d+)")

    @property
    def complaints(self) -> Counter[str]:
        """Its lines about what went wrong, without numbers that differ from run to run."""
        wrong = re.compile(r"error|wrong|cannot|fail|timeout", re.IGNORECASE)
        lines = (line.split(": : ", 1)[-1] for line in self.said.splitlines())
        return Counter(line for line in lines if wrong.search(line))

    def _last(self, pattern: str) -> int:
        found = re.findall(pattern, self.said, re.MULTILINE)
        assert found, self.said[-3000:]
        return int(found[-1])

    def assert_nothing_is_lost(self, at_least: int) -> None:
        assert self.status == 0, self.said[-3000:]
        assert self.received == self.sent >= at_least, self.said[-3000:]
        assert (self.lost, self.dropped) == (0, 0)


def run(
    program: str, *arguments: object, inside: Namespace | None = None, seconds: float = 240,
    folder: Path | None = None, preloaded: Path | None = None,
) -> Outcome:  # fmt: skip
    """Run one of the programs to its end, or to the end of the time it is given."""
    added = {"LD_PRELOAD": str(preloaded)} if preloaded else {}
    prefix = inside.prefix() if inside else []
    try:
        done = subprocess.run(
            [*prefix, program, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            timeout=seconds, check=False, cwd=folder, env=os.environ | added,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return Outcome(None, (late.stdout or b"").decode(errors="replace"))
    return Outcome(done.returncode, done.stdout.decode(errors="replace"))
