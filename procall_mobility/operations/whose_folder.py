"""Notices root where another account is at home."""

import os
import pwd
from pathlib import Path


def root_abroad(folder: Path) -> str | None:
    """Return what is wrong with root keeping its files in a folder; None where nothing is.

    What root makes in there the folder's owner cannot open later, and what that one has made root
    reads with all its rights.
    """
    try:
        owner = folder.stat().st_uid
    except OSError:
        return None  # There is none yet, or it is told elsewhere.
    if os.geteuid() != 0 or owner == 0:
        return None
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"uid {owner}"
    how = "`systemctl start procall-mobility`, User= in a unit, or setpriv"
    return f"this is root, and the folder is {name}'s: start it as that account, by {how}"
