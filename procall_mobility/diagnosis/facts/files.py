"""Finds out who may read a file, by asking the kernel in that account's name."""

import grp
import os
import pwd
import stat
import subprocess
from pathlib import Path

from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.judgements.files import FileFacts

TEST = "/usr/bin/test"
"""test(1), of which every Debian has a program besides the shell's own."""


def look_at_file(setting: str, path: Path, account: Account) -> FileFacts:
    """Find out whether an account may read a file."""
    is_readable = may(account, path, "-r")
    owner = mode = ""
    try:
        status = path.stat()
        owner = f"{_user(status.st_uid)}:{_group(status.st_gid)}"
        mode = stat.filemode(status.st_mode)
    except OSError:
        pass
    return FileFacts(
        setting=setting,
        path=str(path),
        account=account.name,
        group=_group(account.gid),
        is_there=bool(mode),
        is_readable=is_readable,
        owner=owner,
        mode=mode,
        closed_folder="" if is_readable else _closed_folder(path, account),
    )


def may(account: Account, path: Path, what: str) -> bool:
    """Tell whether an account may read (`-r`), write (`-w`) or look into (`-x`) something."""
    if account.is_mine:
        rights = {"-r": os.R_OK, "-w": os.W_OK, "-x": os.X_OK}
        return os.access(path, rights[what])
    # Only the kernel knows of all: groups, access lists, mounts.
    done = subprocess.run(  # noqa: S603  # A program of the system's, and a path of the settings'.
        [TEST, what, str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=_groups(account),
        env={},
        check=False,
        cwd="/",
    )
    return done.returncode == 0


def _closed_folder(path: Path, account: Account) -> str:
    """Return the first folder on the way that an account may not look into."""
    for folder in reversed(path.parents):
        if folder.is_dir() and not may(account, folder, "-x"):
            return str(folder)
    return ""


def _groups(account: Account) -> list[int]:
    try:
        return os.getgrouplist(pwd.getpwuid(account.uid).pw_name, account.gid)
    except KeyError:
        return [account.gid]


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
