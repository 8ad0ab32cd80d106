"""Whose the daemon's files are: the account it runs as."""

import os
import pwd
from pathlib import Path

from attrs import frozen

from procall_mobility.config import Settings


class AccountError(Exception):
    """There is no such account, or it is not the one whose files are there."""


USUAL = "procall-mobility"
"""The account that the Debian package makes."""


@frozen
class Account:
    """A user of this machine."""

    user: int
    group: int

    @property
    def is_another(self) -> bool:
        """Whether it is not who runs this command."""
        return self.user != os.geteuid()

    @property
    def name(self) -> str:
        """Its name, or its number where it has none."""
        try:
            return pwd.getpwuid(self.user).pw_name
        except KeyError:
            return str(self.user)


def of_daemon(settings: Settings, name: str = "") -> Account:
    """Return who owns the daemon's folder, for that is the daemon.

    Before there is a folder it is whom `name` names; else the usual account, for root on a machine
    that has it; else who runs this command.

    Raises:
        AccountError: there is no account of that name, or the folder belongs to another one.
    """
    wanted = _named(name) if name else None
    try:
        folder = Path(settings.service.data).stat()
    except OSError:
        return wanted or _usual()
    owner = Account(folder.st_uid, folder.st_gid)
    if wanted is not None and wanted.user != owner.user:
        raise AccountError(f"{settings.service.data} belongs to {owner.name}, not to {name}")
    return owner


def _named(name: str) -> Account:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise AccountError(f"there is no account {name} on this machine") from None
    return Account(found.pw_uid, found.pw_gid)


def _usual() -> Account:
    ourselves = Account(os.geteuid(), os.getegid())
    try:
        return _named(USUAL) if ourselves.user == 0 else ourselves
    except AccountError:
        return ourselves
