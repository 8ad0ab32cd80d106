"""Asks the daemon's admin pages: health and metrics."""

import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from procall_mobility.config import Settings

PATIENCE: Final = 10.0
"""Seconds; metrics of a busy daemon take one."""

LARGEST: Final = 4_000_000
"""Octets of an answer that are read."""

LONGEST_TOKEN: Final = 4096
"""Octets; ours has some forty."""


class NotAsked(Exception):
    """A page cannot be asked for; the text says why."""


def health(settings: Settings) -> Iterator[str]:
    """Yield what /healthz and /readyz say.

    Raises:
        NotAsked: they cannot be asked.
    """
    for path in ("/healthz", "/readyz"):
        status, text = _get(settings, path, {})
        yield f"{path}: {status} {text.strip()}"


def metrics(settings: Settings) -> Iterator[str]:
    """Yield the lines of /metrics.

    Raises:
        NotAsked: they cannot be asked for.
    """
    file = settings.admin.token_file or str(Path(settings.service.data) / "admin.token")
    try:
        token = _token(file, by_daemon=not settings.admin.token_file)
    except (OSError, ValueError) as error:
        raise NotAsked(f"the token in {file} cannot be read") from error
    status, text = _get(settings, "/metrics", {"Authorization": f"Bearer {token}"})
    if status != http.client.OK:
        raise NotAsked(f"the daemon answers with status {status}")
    yield from text.splitlines()


def of_customer(line: str, customer: str) -> bool:
    """Tell whether a line of metrics is this customer's, or nobody's in particular."""
    return 'customer="' not in line or f'customer="{customer}"' in line


def _token(file: str, *, by_daemon: bool) -> str:
    """Read what the daemon asks for; one it has made itself is no link to what only root reads."""
    flags = os.O_RDONLY | os.O_NONBLOCK | (os.O_NOFOLLOW if by_daemon else 0)
    with os.fdopen(os.open(file, flags), "rb") as opened:
        token = opened.read(LONGEST_TOKEN).decode("ascii").strip()
    if not token.isprintable():
        raise ValueError("more than a line")
    return token


def _get(settings: Settings, path: str, headers: dict[str, str]) -> tuple[int, str]:
    if not settings.admin.http:
        raise NotAsked("admin.http names no address, and so there are no pages")
    host, port = settings.admin.http[0]
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotAsked(f"nobody answers at {host}:{port}") from error
    finally:
        connection.close()
