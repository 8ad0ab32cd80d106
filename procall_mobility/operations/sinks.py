"""Where lines of a log go: a file, standard error, or the journal."""

import contextlib
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Protocol, TextIO

JOURNAL = "/run/systemd/journal/socket"

INFORMATION = 6
"""Syslog priority (RFC 5424 section 6.2.1)."""


class Sink(Protocol):
    """Takes lines."""

    def write(self, line: str, priority: int) -> None:
        """Write one line; never raises."""

    def reopen(self) -> None:
        """Open the file again, after it was moved away."""

    def close(self) -> None:
        """Let go of what is open."""


class FileSink:
    """Appends to a file, each line by one write: nothing waits in a buffer when we crash."""

    def __init__(self, path: Path) -> None:
        """Open `path`.

        Raises:
            OSError: it cannot be opened.
        """
        self._path = path
        self._descriptor = self._opened()

    def write(self, line: str, priority: int) -> None:
        """Write one line; a full disk must not stop the service."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace") + b"\n")

    def reopen(self) -> None:
        """Open the file again; the old one is kept when that fails, and so is a closed one."""
        if self._descriptor < 0:
            return
        with contextlib.suppress(OSError):
            fresh = self._opened()
            os.close(self._descriptor)
            self._descriptor = fresh

    def close(self) -> None:
        """Close the file; what is written later is lost."""
        # The number may be another file's by then.
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)

    def _opened(self) -> int:
        # Addresses are personal data: the group may read them (Debian's adm), others may not.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.open(self._path, flags, 0o640)


class StreamSink:
    """Writes to a stream, under systemd with the priority in front."""

    def __init__(self, stream: TextIO, *, prefixed: bool) -> None:
        self._stream = stream
        self._prefixed = prefixed

    def write(self, line: str, priority: int) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):
            prefix = f"<{priority}>" if self._prefixed else ""
            self._stream.write(f"{prefix}{line}\n")
            self._stream.flush()

    def reopen(self) -> None:
        """Do nothing: a stream stays."""

    def close(self) -> None:
        """Do nothing: the stream is not ours."""


class JournalSink:
    """Sends datagrams of the journal's native protocol."""

    def __init__(self, identifier: str, address: str = JOURNAL) -> None:
        """Connect.

        Raises:
            OSError: there is no journal.
        """
        self._identifier = identifier
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.connect(address)
        except OSError:
            self._socket.close()
            raise

    def write(self, line: str, priority: int) -> None:
        """Send one line; when the journal does not keep up, it is lost."""
        message = line.encode("utf-8", "backslashreplace")
        head = f"PRIORITY={priority}\nSYSLOG_IDENTIFIER={self._identifier}\nMESSAGE\n"
        # With its length in front a message cannot add fields of its own.
        datagram = head.encode() + struct.pack("<Q", len(message)) + message + b"\n"
        with contextlib.suppress(OSError):
            try:
                self._socket.send(datagram)
            except BlockingIOError:
                raise  # It does not keep up.
            except OSError:
                self._socket.connect(self._address)  # The journal has been started anew.
                self._socket.send(datagram)

    def reopen(self) -> None:
        """Do nothing: the journal rotates itself."""

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def open_sink(target: str, identifier: str, journal: str = JOURNAL) -> Sink:
    """Open `journal`, `stderr` or a file; without a journal, standard error takes its place.

    Raises:
        OSError: a file cannot be opened.
    """
    if target == "journal":
        try:
            return JournalSink(identifier, journal)
        except OSError:
            return StreamSink(sys.stderr, prefixed=True)
    if target == "stderr":
        return StreamSink(sys.stderr, prefixed=False)
    return FileSink(Path(target))
