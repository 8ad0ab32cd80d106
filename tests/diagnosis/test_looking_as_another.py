"""What an ordinary user finds out of a daemon whose folders are closed to it."""

import os
from pathlib import Path

import pytest

from procall_mobility.diagnosis import State, Wishes, diagnose
from procall_mobility.diagnosis.facts.daemon import Account
from procall_mobility.diagnosis.facts.storage import look_at_storage
from procall_mobility.operations.admin_client import AdminError
from tests.diagnosis.certificates import Authority
from tests.diagnosis.conftest import Make

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")

ORDINARY, DAEMONS = 65_534, 12_345


def test_folders_that_are_closed_can_be_looked_at_all_the_same(make: Make, tmp_path: Path) -> None:
    (tmp_path / "customers.sqlite").touch()
    settings = make()
    os.seteuid(ORDINARY)
    try:
        found = look_at_storage(settings, Account("nobody", ORDINARY, ORDINARY, is_mine=True))
    finally:
        os.seteuid(0)
    assert found
    assert not any(each.is_writable for each in found)


def test_nothing_is_wrong_that_the_daemon_may_and_the_user_may_not(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure would open a key to whoever looks."""
    Authority().issue(tmp_path)
    (tmp_path / "key.pem").chmod(0o640)
    settings = make()
    os.chown(tmp_path, DAEMONS, DAEMONS)
    monkeypatch.setattr("os.geteuid", lambda: ORDINARY)
    monkeypatch.setattr("os.access", lambda *_, **__: False)

    def refuse(*_: object, **__: object) -> None:
        raise AdminError("only the daemon's own user and root may ask")

    monkeypatch.setattr("procall_mobility.operations.admin_client.ask", refuse)
    told = {each.reason: each for each in diagnose(settings, Wishes(calls_providers=False))}
    for reason in ("folder-closed", "not-writable", "daemon-silent"):
        assert told[reason].state is State.UNKNOWN
        assert told[reason].cure == "Look again as root: `sudo procall-mobility doctor`."
