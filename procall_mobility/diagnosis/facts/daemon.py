"""Asks the daemon how it is, and finds out who it is."""

import os
import pwd
import socket
import struct
from pathlib import Path
from typing import Any

from attrs import frozen

from procall_mobility.config import Settings
from procall_mobility.diagnosis.judgements.daemon import AccountFacts, DaemonFacts
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer

_PEER = struct.Struct("3i")
"""`struct ucred` of unix(7)."""

PATIENCE = 5.0
"""Seconds for an answer."""


@frozen
class Account:
    """Whose rights count."""

    name: str
    uid: int
    gid: int
    is_mine: bool
    """Whether we have the same."""


def look_at_daemon(settings: Settings) -> DaemonFacts:
    """Ask whoever listens on the admin socket."""
    path = Path(settings.admin.socket)
    pid, uid = _peer(path)
    try:
        status = admin_client.ask(path, "status", within=PATIENCE)
    except admin_client.NotRunningError:
        return DaemonFacts(socket=str(path))
    except admin_client.AdminError as error:
        return DaemonFacts(socket=str(path), error=str(error), pid=pid, uid=uid)
    return DaemonFacts(socket=str(path), status=Answer(status), pid=pid, uid=uid)


def ask(settings: Settings, verb: str, **members: Any) -> Any | None:
    """Ask the daemon something else; None where it does not answer."""
    try:
        return admin_client.ask(Path(settings.admin.socket), verb, within=PATIENCE, **members)
    except (admin_client.NotRunningError, admin_client.AdminError):
        return None


def account_of(settings: Settings, daemon: DaemonFacts) -> Account:
    """Return whose rights count: the running daemon's, else those of the owner of its folder.

    Only root can find out what others may do; everybody else finds out for itself.
    """
    mine = os.geteuid()
    uid = daemon.uid if daemon.uid is not None else _owner(Path(settings.service.data))
    if uid is None or mine != 0 or uid == mine:
        return Account(_name(mine), mine, os.getegid(), is_mine=True)
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:
        gid = uid
    return Account(_name(uid), uid, gid, is_mine=False)


def look_at_account(settings: Settings, daemon: DaemonFacts) -> AccountFacts:
    """Find out who looks, and for whom."""
    uid = daemon.uid if daemon.uid is not None else _owner(Path(settings.service.data))
    return AccountFacts(
        mine=_name(os.geteuid()),
        daemons=None if uid is None else _name(uid),
        is_root=os.geteuid() == 0,
    )


def _peer(path: Path) -> tuple[int | None, int | None]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(path))
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    except OSError:
        return None, None
    pid, uid, _ = _PEER.unpack(credentials)
    return pid, uid


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except OSError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
