"""The command line's end of the admin socket."""

import json
import socket
import time
from pathlib import Path
from typing import Any

TIMEOUT = 5.0
"""Seconds for question and answer; most are answered within milliseconds."""

LARGEST_ANSWER = 64 * 1024 * 1024
"""Octets; the status of a thousand links is one."""


class NotRunningError(Exception):
    """Nobody listens on the socket."""


class AdminError(Exception):
    """The daemon refused, or did not answer."""


def ask(path: Path, verb: str, within: float | None = None, **members: Any) -> Any:
    """Ask the daemon that listens on `path`; it has `within` seconds, or `TIMEOUT`.

    Raises:
        NotRunningError: there is none.
        AdminError: it refused, or broke off.
    """
    within = TIMEOUT if within is None else within
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            deadline = time.monotonic() + within
            connection.settimeout(within)
            connection.connect(str(path))
            connection.sendall(json.dumps({"verb": verb, **members}).encode() + b"\n")
            answer = _line(connection, deadline)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError(
            f"no daemon listens on {path}: it is not running, or its [admin] socket is another one"
        ) from error
    except PermissionError as error:
        raise AdminError(f"{path}: only the daemon's own user and root may ask") from error
    except TimeoutError as error:
        text = f"{path}: no answer within {within:g} s; the daemon hangs or is very busy"
        raise AdminError(text) from error
    except OSError as error:
        raise AdminError(f"{path}: {error}") from error
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise AdminError(f"{path}: the daemon broke off its answer") from error
    if not isinstance(parsed, dict) or not parsed.keys() & {"answer", "error"}:
        raise AdminError(f"{path}: whoever answers there is no procall-mobility")
    if "error" in parsed:
        raise AdminError(str(parsed["error"]))
    return parsed["answer"]


def _line(connection: socket.socket, deadline: float) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        data = connection.recv(65_536)
        if not data or len(received) > LARGEST_ANSWER:
            break
        received += data
    return bytes(received)
