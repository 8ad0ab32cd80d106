"""Secrets stand in files of their own, which nobody else on the machine may read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from procall_mobility.config.errors import SettingError
from procall_mobility.config.settings import Settings

SYSTEM_CREDENTIALS = "/run/credentials"
"""Where systemd puts credentials; it guards them by the mount, whatever their mode says."""


def secret_files(settings: Settings) -> Iterator[tuple[str, Path, int]]:
    """Yield path of the setting, file, and the permissions the file must not have."""
    if settings.tls.key:
        # Debian's habit is a key that the group ssl-cert may read.
        yield "tls.key", Path(settings.tls.key), stat.S_IRWXO
    if settings.push.key:
        yield "push.key", Path(settings.push.key), stat.S_IRWXG | stat.S_IRWXO
    if settings.admin.token_file:
        yield "admin.token_file", Path(settings.admin.token_file), stat.S_IRWXO
    for index, server in enumerate(settings.ice.servers):
        for name in ("secret_file", "credential_file"):
            file = getattr(server, name)
            if file:
                yield f"ice.servers[{index}].{name}", Path(file), stat.S_IRWXG | stat.S_IRWXO


def exposed_secrets(settings: Settings) -> tuple[SettingError, ...]:
    """Return an error for each secret that others on this machine may read.

    A file that is not there, or in a folder we may not look into, is nobody's leak.
    """
    guarded = [SYSTEM_CREDENTIALS, os.environ.get("CREDENTIALS_DIRECTORY", SYSTEM_CREDENTIALS)]
    found = []
    for path, file, forbidden in secret_files(settings):
        if any(file.is_relative_to(folder) for folder in guarded):
            continue
        try:
            mode = file.stat().st_mode
        except OSError:
            continue
        if mode & forbidden:
            whom = "others" if forbidden == stat.S_IRWXO else "its group or others"
            cure = "640" if forbidden == stat.S_IRWXO else "600"
            found.append(
                SettingError(path, f"{file} is open to {whom}: a secret; chmod {cure} cures it")
            )
    return tuple(found)
