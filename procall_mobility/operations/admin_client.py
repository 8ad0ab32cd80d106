"""The command line's end of the admin socket."""

import json
import socket
from pathlib import Path
from typing import Any

TIMEOUT = 5.0
"""Seconds; the daemon answers within milliseconds."""

LARGEST_ANSWER = 64 * 1024 * 1024


class NotRunningError(Exception):
    """Nobody listens on the socket."""


class AdminError(Exception):
    """The daemon refused, or did not answer."""


def ask(path: Path, verb: str, **members: Any) -> Any:
    """Ask the daemon that listens on `path`.

    Raises:
        NotRunningError: there is none.
        AdminError: it refused, or broke off.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT)
            connection.connect(str(path))
            connection.sendall(json.dumps({"verb": verb, **members}).encode() + b"\n")
            answer = _line(connection)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError(
            f"no daemon listens on {path}: it is not running, or its [admin] socket is another one"
        ) from error
    except PermissionError as error:
        raise AdminError(f"{path}: only the daemon's own user and root may ask") from error
    except OSError as error:
        raise AdminError(f"{path}: {error}") from error
    try:
        parsed = json.loads(answer)
    except ValueError as error:
        raise AdminError(f"{path}: the daemon broke off its answer") from error
    if "error" in parsed:
        raise AdminError(parsed["error"])
    return parsed["answer"]


def _line(connection: socket.socket) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        data = connection.recv(65_536)
        if not data or len(received) > LARGEST_ANSWER:
            break
        received += data
    return bytes(received)
