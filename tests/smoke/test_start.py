"""Starts that come to nothing say why; and a daemon that runs without its relay."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemon import ROOT
from tests.smoke.daemons import Daemons


def test_a_taken_port_ends_the_start_with_a_readable_line(tmp_path: Path) -> None:
    running = Daemons(tmp_path)
    running.prepare()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", running.tls))
        taken.listen()
        failed = running.fails_to_run()
    assert failed.returncode != 0
    assert f"cannot listen for tls 127.0.0.1:{running.tls}" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "Errno" not in failed.stderr


def test_a_damaged_key_of_the_stand_ins_ends_the_start(tmp_path: Path) -> None:
    """Going on with another key would give everybody a second name without a word."""
    running = Daemons(tmp_path)
    running.prepare()
    (tmp_path / "pseudonyms.key").write_bytes(b"short")
    failed = running.fails_to_run()
    assert failed.returncode == 1
    assert "pseudonyms.key" in failed.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("certificate.pem", "nothing.pem", "nothing.pem"),
        ("[log]", "[lgo]", "did you mean"),
        ("customers.sqlite", "certificate.pem", "certificate.pem"),
        ("service.log", "nothing/x.log", "nothing/x.log: No such file or directory\n"),
    ],
)
def test_what_cannot_be_used_ends_the_start(tmp_path: Path, old: str, new: str, said: str) -> None:
    running = Daemons(tmp_path)
    running.prepare()
    running.write_settings(**{old: new})
    failed = running.fails_to_run()
    assert failed.returncode in (1, 78)
    assert said in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "Errno" not in failed.stderr


def test_what_is_taken_back_while_the_relay_is_off_stays_so(tmp_path: Path) -> None:
    """A revocation must not wait until somebody switches the relay on."""
    running = Daemons(tmp_path)
    running.prepare()
    running.write_settings(**{f'["127.0.0.1:{running.turn}"]': "[]"})
    running.must("turn", "user", "set", "acme", "alice")
    try:
        running.start_daemon()
        assert running.status()["relay"] is None
        revoked = running.cli("turn", "revoke", "acme:alice", "--json")
        unknown = running.cli("turn", "revoke", "9c1f0a7be2d4")
    finally:
        running.stop()
    assert json.loads(revoked.stdout) == {"target": "acme:alice", "ended": 0, "relay": "off"}
    assert "note:" not in revoked.output, "nothing went wrong on the way"
    assert (unknown.exit_code, "no customer 9c1f0a7be2d4" in unknown.output) == (1, True)
    (alice,) = running.facts("turn", "user", "list", "acme")
    assert alice["revoked"] is True


def test_twistd_may_not_take_it_into_the_background(tmp_path: Path) -> None:
    """It forks after the service was made, and SQLite is not to be carried across a fork."""
    running = Daemons(tmp_path)
    running.prepare()
    done = subprocess.run(
        [
            sys.executable, "-c", "from twisted.scripts.twistd import run; run()",
            f"--pidfile={tmp_path / 'pid'}", f"--logfile={tmp_path / 'output'}",
            "procall-mobility", "--config", str(running.settings),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "say --nodaemon" in done.stderr
    assert not (tmp_path / "push.sqlite").exists()
    assert not (tmp_path / "pid").exists()
