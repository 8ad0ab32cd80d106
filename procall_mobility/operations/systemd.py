"""Tells systemd how far we are (sd_notify(3))."""

import contextlib
import socket
from collections.abc import Mapping, Sequence

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"

PATIENCE = 1.0
"""Seconds; the kernel keeps ten messages that are not read."""


def notify(address: str | None, state: str, descriptors: Sequence[int] = ()) -> None:
    """Send `state` to the socket `address` ($NOTIFY_SOCKET); without one do nothing.

    Descriptors go with it, for systemd to keep (FDSTORE=1).
    Whoever does not read there holds us up for a second at most, and for no sign of life.
    """
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection,
    ):
        connection.settimeout(0.0 if state == ALIVE else PATIENCE)
        connection.connect(name)
        socket.send_fds(connection, [state.encode()], list(descriptors))


class Voice:
    """What systemd hears of us: nothing as long as another process is the service."""

    def __init__(self, address: str | None, *, speaks: bool = True) -> None:
        """Prepare to tell the socket `address` ($NOTIFY_SOCKET), if there is one."""
        self._address = address
        self.speaks = speaks

    def say(self, state: str, descriptors: Sequence[int] = ()) -> None:
        """Tell `state`, as `notify` does."""
        if self.speaks:
            notify(self._address, state, descriptors)


def ready(status: str) -> str:
    """Return what tells that we are ready, and how it went (which `systemctl status` shows)."""
    return f"{READY}\nSTATUS={status}"


def reloading(monotonic: float) -> str:
    """Return what tells that files are read again, and since when (Type=notify-reload)."""
    return f"RELOADING=1\nMONOTONIC_USEC={int(monotonic * 1e6)}"


def main_process(pid: int) -> str:
    """Return what tells that another process is the service from now on."""
    return f"MAINPID={pid}"


def more_time(seconds: float) -> str:
    """Return what tells that ending takes so long, whatever TimeoutStopSec says."""
    return f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}"


def watchdog_period(environment: Mapping[str, str], pid: int) -> float | None:
    """Return how often to tell that we are alive, in seconds; None when nobody waits for it.

    It is half of what systemd waits before it ends us (sd_watchdog_enabled(3)).
    """
    patience = environment.get("WATCHDOG_USEC", "")
    whose = environment.get("WATCHDOG_PID", str(pid))
    if whose != str(pid) or not patience.isdecimal() or int(patience) == 0:
        return None
    return int(patience) / 2e6
