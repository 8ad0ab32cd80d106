"""A process that has taken over from one we started, and is nobody's child of ours."""

import os
import select
import signal
import socket
import struct
import subprocess
from pathlib import Path

_PEER = struct.Struct("3i")
"""`struct ucred` of unix(7)."""


class Heir:
    """Another's process, as `subprocess` has one's own; how it has ended nobody tells us."""

    returncode = 0

    def __init__(self, pid: int) -> None:
        """Hold on to a process; OSError where there is none."""
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return 0 when it has ended."""
        return self.returncode if self._has_ended(0.0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; TimeoutExpired where that takes longer."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return self.returncode

    def terminate(self) -> None:
        """Tell it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _has_ended(self, within: float | None) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(None if within is None else within * 1000))

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, number)


def who_listens(path: Path) -> Heir | None:
    """Return the process that listens on a Unix socket; None where nobody does."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(path))
            told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        return Heir(_PEER.unpack(told)[0])
    except OSError:
        return None
