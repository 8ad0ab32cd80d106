"""Reads the end of the log books, from files or from the journal."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TAIL: Final = 8_000_000
"""Octets that are read of the end of a file: some 50,000 lines."""

MOST_LINES: Final = 20_000
"""Lines that are asked of the journal."""

PATIENCE: Final = 20.0
"""Seconds for the journal."""

JOURNAL: Final = "journal"
STDERR: Final = "stderr"


class NotReadable(Exception):
    """A book cannot be read; the text says why."""


def read_book(target: str, identifier: str, since: float) -> Iterator[str]:
    """Yield the lines of a book, the oldest first.

    Args:
        target: as in the settings: `journal`, `stderr`, or a file.
        identifier: by which the journal knows it.
        since: unix seconds; the journal is asked for nothing older.  Files are not.

    Raises:
        NotReadable: it cannot be read.
    """
    if target == STDERR:
        raise NotReadable("it goes to standard error, which whoever started the daemon has")
    if target == JOURNAL:
        yield from _journal(identifier, since)
        return
    # What was rotated last belongs to it; what was compressed is days old.
    for file in (Path(f"{target}.1"), Path(target)):
        # A pipe would have us wait for ever.
        if file.is_file():
            yield from _tail(file)
        elif file == Path(target):
            raise NotReadable(f"{file} is not there, or no file")


def _tail(file: Path) -> Iterator[str]:
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, 2)
            opened.seek(max(0, size - TAIL))
            if size > TAIL:
                opened.readline()  # Its beginning is missing.
            for line in opened:
                yield line.decode("utf-8", "replace").rstrip("\n")
    except OSError as error:
        raise NotReadable(f"{file}: {error.strerror}") from error


def _journal(identifier: str, since: float) -> Iterator[str]:
    command = ["journalctl", "--quiet", "--output=cat", f"--identifier={identifier}"]
    # A clock that begins anew in 1970 is what a bundle may be about.
    command += [f"--since=@{max(0, int(since))}", f"--lines={MOST_LINES}"]
    try:
        done = subprocess.run(  # noqa: S603  # A program of the system's; the time is ours.
            command, capture_output=True, timeout=PATIENCE, check=True
        )
    except FileNotFoundError as error:
        raise NotReadable("there is no journal on this machine") from error
    except (OSError, subprocess.SubprocessError) as error:
        why = "from this account; root can" if os.geteuid() else f"by root: {_words(error)}"
        raise NotReadable(f"the journal cannot be read {why}") from error
    if not done.stdout and os.geteuid() != 0:
        raise NotReadable("the journal has nothing of it that this account may see; root sees all")
    yield from done.stdout.decode("utf-8", "replace").splitlines()


def _words(error: Exception) -> str:
    """Return in a line why a program has not told anything."""
    match error:
        case subprocess.CalledProcessError():
            said = error.stderr.decode("utf-8", "replace").strip()
            return str(said or f"exit status {error.returncode}").splitlines()[0]
        case subprocess.TimeoutExpired():
            return f"no answer within {PATIENCE:g} s"
    return str(error)
