"""Plays systemd for one service: opens its sockets, starts it, hears what it says, sees it end.

As systemd does for `Type=notify` with `NotifyAccess=main`: what any process but the service's main
one says is not heard, and MAINPID= makes another process that.  What it is given to keep
(FDSTORE=) it passes to the next start.
"""

import contextlib
import ctypes
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field, frozen

from procall_mobility.operations.starter import place

PR_SET_CHILD_SUBREAPER = 36
CREDENTIALS = struct.Struct("3i")
PATIENCE = 180.0
"""Seconds we wait for what must come."""


@frozen
class Word:
    """What was said when, by whom."""

    at: float
    pid: int
    text: str
    is_heard: bool


@define(eq=False)
class ServiceManager:
    """The service and its sockets."""

    folder: Path
    sockets: dict[str, socket.socket] = field(factory=dict)
    """By the names of LISTEN_FDNAMES; what follows a # tells those of one name apart."""
    kept: dict[str, socket.socket] = field(factory=dict)
    """The same, of what the service has given it to keep."""
    words: list[Word] = field(factory=list)
    main: int = 0
    """The main process."""
    ended: dict[int, int] = field(factory=dict)
    """Exit codes by process; a signal is less than 0."""
    started: list[int] = field(factory=list)
    _notify: socket.socket = field(init=False)
    _heard: threading.Condition = field(factory=threading.Condition)

    def __attrs_post_init__(self) -> None:
        # Whoever is left behind by its parents becomes a child of ours.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._notify.bind(str(self.address))
        threading.Thread(target=self._hear, daemon=True).start()

    @property
    def address(self) -> Path:
        return self.folder / "notify"

    def opens(self, name: str, kind: int, port: int, host: str = "127.0.0.1") -> None:
        """Open a socket of the service, as a .socket unit does."""
        sock = socket.socket(socket.AF_INET, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
        sock.bind((host, port))
        if kind == socket.SOCK_STREAM:
            sock.listen(1024)
        self.sockets[name] = sock

    def starts(self, command: Sequence[str], cwd: Path) -> int:
        """Start the service; returns its process."""
        pid = os.fork()
        if not pid:
            try:
                os.chdir(cwd)
                self._becomes(command)
            finally:
                os._exit(127)
        self.main = pid
        self._watch(pid)
        return pid

    def _becomes(self, command: Sequence[str]) -> None:
        passed = {**self.sockets, **self.kept}
        place([sock.fileno() for sock in passed.values()])
        told = {
            "NOTIFY_SOCKET": str(self.address),
            "WATCHDOG_PID": str(os.getpid()),
            "WATCHDOG_USEC": "2000000",
            "LISTEN_PID": str(os.getpid()),
            "LISTEN_FDS": str(len(passed)),
            "LISTEN_FDNAMES": ":".join(name.partition("#")[0] for name in passed),
        }
        os.execvpe(command[0], list(command), {**os.environ, **told})

    def signals(self, number: signal.Signals) -> None:
        """Signal the main process."""
        assert self.main not in self.ended, self.ended
        os.kill(self.main, number)

    def until_said(
        self, text: str, *, by: int | None = None, after: float = 0.0, within: float = PATIENCE
    ) -> Word:
        """Wait until the service has said something."""

        def found() -> Word | None:
            return next(
                (w for w in self.words if w.is_heard and text in w.text.split("\n")
                 and by in (None, w.pid) and w.at > after), None,
            )  # fmt: skip

        with self._heard:
            assert self._heard.wait_for(found, within), (text, self.words[-5:], self.ended)
            word = found()
        assert word is not None
        return word

    def until_main_is_another_than(self, pid: int) -> int:
        with self._heard:
            assert self._heard.wait_for(lambda: self.main != pid, PATIENCE), self.words[-5:]
        return self.main

    def until_ended(self, pid: int, within: float = PATIENCE) -> int:
        """Wait for a process; returns its exit code."""
        with self._heard:
            assert self._heard.wait_for(lambda: pid in self.ended, within), self.words[-5:]
        return self.ended[pid]

    def processes(self, variable: bytes = b"") -> list[int]:
        """Find all processes of the service, or those with a variable in their environment."""
        ours = f"NOTIFY_SOCKET={self.address}".encode()
        found = []
        for each in Path("/proc").glob("[0-9]*"):
            try:
                told = (each / "environ").read_bytes().split(b"\0")
            except OSError:  # It has ended meanwhile.
                continue
            if ours in told and any(one.startswith(variable) for one in told):
                found.append(int(each.name))
        return found

    def stops(self) -> None:
        """End whatever runs, at once; also one that was to take over and has not."""
        for pid in self.started:
            if pid not in self.ended:
                os.kill(pid, signal.SIGKILL)
                self.until_ended(pid)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for sock in (*self.sockets.values(), *self.kept.values(), self._notify):
            sock.close()

    # Inside -------------------------------------------------------------------------------

    def _watch(self, pid: int) -> None:
        self.started.append(pid)
        threading.Thread(target=self._wait, args=(pid,), daemon=True).start()

    def _wait(self, pid: int) -> None:
        _, status = os.waitpid(pid, 0)
        with self._heard:
            self.ended[pid] = os.waitstatus_to_exitcode(status)
            self._heard.notify_all()

    def _hear(self) -> None:
        while True:
            try:
                data, descriptors, pid = self._receive()
            except OSError:
                return
            self._keep(pid, data.decode().split("\n"), descriptors)
            self._note(pid, data.decode())

    def _keep(self, pid: int, lines: Sequence[str], descriptors: Sequence[int]) -> None:
        told = dict(line.partition("=")[::2] for line in lines)
        name = told.get("FDNAME", "stored")
        for sock in [socket.socket(fileno=each) for each in descriptors]:
            if pid == self.main and told.get("FDSTORE") == "1":
                self.kept[name] = sock
            else:
                sock.close()
        if pid == self.main and told.get("FDSTOREREMOVE") == "1" and name in self.kept:
            self.kept.pop(name).close()

    def _receive(self) -> tuple[bytes, list[int], int]:
        room = socket.CMSG_SPACE(CREDENTIALS.size) + socket.CMSG_SPACE(4 * 253)
        data, ancillary, _, _ = self._notify.recvmsg(65_536, room, socket.MSG_CMSG_CLOEXEC)
        descriptors: list[int] = []
        pid = 0
        for _, kind, value in ancillary:
            if kind == socket.SCM_CREDENTIALS:
                pid = CREDENTIALS.unpack(value)[0]
            else:
                descriptors += struct.unpack(f"{len(value) // 4}i", value)
        return data, descriptors, pid

    def _note(self, pid: int, text: str) -> None:
        with self._heard:
            is_heard = pid == self.main
            self.words.append(Word(time.monotonic(), pid, text, is_heard))
            for line in text.split("\n") if is_heard else ():
                if line.startswith("MAINPID=") and int(line[8:]) != pid:
                    self.main = int(line[8:])
                    self._watch(self.main)
            self._heard.notify_all()
