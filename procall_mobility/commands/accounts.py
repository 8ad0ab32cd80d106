"""Whose the daemon's files are: the account it runs as."""

import contextlib
import os
import pwd
from collections.abc import Iterator
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

    def take_over(self, folder: Path) -> None:
        """Have it own a folder that was just made, unless it does.

        Raises:
            OSError: it cannot; or the name leads somewhere else by now.
        """
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(opened).st_uid != self.user:
                os.fchown(opened, self.user, self.group)
        finally:
            os.close(opened)


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
        raise AccountError(
            f"{settings.service.data} belongs to {owner.name}, not to {name}; leave --user out, "
            f"or `chown -R {name} {settings.service.data}` while no daemon runs"
        )
    return owner


@contextlib.contextmanager
def acting_for_owner(folder: Path) -> Iterator[None]:
    """Have root act as the owner of a folder for as long as it works in there.

    Whoever owns a folder can put a link into it at any time, and one to a file of the system's
    would have root write there.  Of a folder that is not there yet, the one it is to be in counts;
    of one of root's, whoever made a link that leads there.

    Raises:
        AccountError: the owner itself cannot get there.
    """
    owner = owner_of(folder) if os.geteuid() == 0 else None
    if owner is None:
        yield
        return
    before = os.getgroups(), os.getegid(), os.geteuid()
    try:
        os.setgroups(_groups(owner))
        os.setegid(owner.group)
        os.seteuid(owner.user)
        _see_that_it_gets_to(folder.absolute(), owner)
        yield
    finally:
        groups, group, user = before
        os.seteuid(user)
        os.setegid(group)
        os.setgroups(groups)


def owner_of(folder: Path) -> Account | None:
    """Return whose a folder is; None where it is root's, and all links on the way to it.

    Of one that is not there yet, it is whose that is in which it would be made.

    Raises:
        OSError: it cannot be looked at.
    """
    place = folder.absolute()
    way = [each for each in (place, *place.parents) if os.path.lexists(each)]
    links = (each.lstat() for each in way if each.is_symlink())
    for status in (way[0].stat(), *links):
        if status.st_uid != 0:
            return Account(status.st_uid, status.st_gid)
    return None


def _see_that_it_gets_to(folder: Path, owner: Account) -> None:
    for each in reversed(folder.parents):
        if each.exists() and not os.access(each, os.X_OK, effective_ids=True):
            raise AccountError(
                f"{folder} belongs to {owner.name}, who may not look into {each}; "
                f"`chmod o+x {each}` lets it, and the daemon"
            )


def _groups(account: Account) -> list[int]:
    try:
        return os.getgrouplist(pwd.getpwuid(account.user).pw_name, account.group)
    except KeyError:
        return [account.group]


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
