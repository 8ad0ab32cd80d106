"""Looks at the folders and files that the daemon writes."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from procall_mobility.config import Settings
from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.facts.file_limit import SYSTEMD
from procall_mobility.diagnosis.facts.files import may
from procall_mobility.diagnosis.judgements.storage import FolderFacts
from procall_mobility.storage.writability import why_not_writable

MADE = (Path("/var/lib/procall-mobility"), Path("/var/log/procall-mobility"))
"""Folders that systemd makes for the unit."""


def look_at_storage(settings: Settings, account: Account) -> list[FolderFacts]:
    """Look at all of them."""
    data = Path(settings.service.data)
    stores = [("store.path", Path(settings.store.path))]
    if settings.push.enabled:
        queue = settings.push.queue
        stores.append(("push.queue", Path(queue) if queue else data / "push.sqlite"))
    found = [_folder("service.data", data, account)]
    for setting, path in stores:
        if os.path.exists(path):  # noqa: PTH110  # False, too, in a folder closed to us.
            found.append(_store(setting, path, account))
        if path.parent != data:
            found.append(_folder(setting, path.parent, account))
    for setting, target in (
        ("log.access", settings.log.access),
        ("log.service", settings.log.service),
    ):
        if target.startswith("/"):
            found += _log(setting, Path(target), account)
    return found


def _folder(setting: str, path: Path, account: Account) -> FolderFacts:
    is_there = os.path.isdir(path)  # noqa: PTH112  # Likewise.
    return FolderFacts(
        setting=setting,
        path=str(path),
        account=account.name,
        is_there=is_there,
        is_writable=is_there and may(account, path, "-w"),
        is_made_at_start=SYSTEMD.is_dir() and any(path.is_relative_to(each) for each in MADE),
        free=_free(path),
    )


def _store(setting: str, path: Path, account: Account) -> FolderFacts:
    is_writable = may(account, path, "-w")
    return FolderFacts(
        setting=setting,
        path=str(path),
        account=account.name,
        is_there=True,
        is_writable=is_writable,
        trouble=why_not_writable(path) if is_writable else None,
    )


def _log(setting: str, path: Path, account: Account) -> Iterator[FolderFacts]:
    if not os.path.exists(path):  # noqa: PTH110
        yield _folder(setting, path.parent, account)
        return
    yield FolderFacts(
        setting=setting,
        path=str(path),
        account=account.name,
        is_there=True,
        is_writable=may(account, path, "-w"),
        free=_free(path.parent),
    )


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None
