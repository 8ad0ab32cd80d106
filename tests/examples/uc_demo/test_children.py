"""Programs the demo looks after."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.uc_demo.children import FIRST_WAIT, LONGEST_WAIT, STEADY, Child
from examples.uc_demo.heirs import Heir, who_listens

SLEEPS = ("-c", "import time; time.sleep(600)")
FAILS = ("-c", "raise SystemExit(3)")


def ends(child: Child) -> None:
    """Wait until it has ended."""
    assert child._process is not None
    child._process.wait(30)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_running_program_is_left_alone_and_ends_with_us(tmp_path: Path) -> None:
    child = Child("demo server", tmp_path, SLEEPS)
    child.start()
    pid = int((tmp_path / "demo-server.pid").read_text())
    assert is_running(pid)
    assert os.getsid(pid) != os.getsid(0)
    assert child.look_after(0.0) is None
    assert not child.has_ended()
    child.stop()
    assert child.has_ended()
    assert not is_running(pid)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_dies_is_started_again_after_ever_longer_waits(tmp_path: Path) -> None:
    child = Child("daemon", tmp_path, FAILS)
    child.start()
    now, waits = child._started, []
    for _ in range(9):
        ends(child)
        news = child.look_after(now)
        assert news is not None
        assert "daemon" in news
        assert "status 3" in news
        assert child._due is not None
        waits.append(child._due - now)
        assert child.look_after(now + waits[-1] - 0.01) is None
        assert child.has_ended()
        assert child.look_after(now + waits[-1]) is None
        now = child._started
    child.stop()
    assert waits == pytest.approx([min(LONGEST_WAIT, FIRST_WAIT * 2**n) for n in range(9)])


def test_one_death_after_a_long_life_is_the_first_one_again(tmp_path: Path) -> None:
    child = Child("daemon", tmp_path, FAILS)
    child.start()
    ends(child)
    child._wait = LONGEST_WAIT
    now = child._started + STEADY + 1
    child.look_after(now)
    assert child._due == now + FIRST_WAIT
    child.stop()


def test_a_killed_program_is_told_by_its_signal(tmp_path: Path) -> None:
    child = Child("daemon", tmp_path, SLEEPS)
    child.start()
    assert child._process is not None
    child._process.kill()
    ends(child)
    assert "SIGKILL" in (child.look_after(child._started) or "")
    child.stop()


def test_what_was_never_started_needs_no_end(tmp_path: Path) -> None:
    child = Child("daemon", tmp_path, SLEEPS)
    assert not child.has_ended()
    assert child.look_after(0.0) is None
    child.stop()


def test_people_are_spared_what_is_printed_for_programs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for is_quiet in (True, False):
        child = Child("phones", tmp_path, ("-c", f"print({is_quiet})"), is_quiet=is_quiet)
        child.start()
        ends(child)
        child.stop()
    assert capfd.readouterr().out == "False\n"


LISTENS = """\
import os, socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print(os.getpid(), flush=True)
time.sleep(600)
"""


def test_who_takes_over_is_looked_after_and_ends_with_us(tmp_path: Path) -> None:
    """`hand-over` has a daemon started that is nobody's child of ours."""
    place = tmp_path / "admin.sock"
    child = Child("daemon", tmp_path, ("-c", ""), heir=lambda: who_listens(place))
    child.start()
    ends(child)
    with subprocess.Popen(
        [sys.executable, "-c", LISTENS, str(place)], stdout=subprocess.PIPE, text=True
    ) as next_one:
        try:
            assert next_one.stdout is not None
            pid = int(next_one.stdout.readline())
            news = child.look_after(child._started)
            assert news == f"the daemon has handed over to process {pid}"
            assert (tmp_path / "daemon.pid").read_text() == str(pid)
            assert child.look_after(child._started) is None
            assert not child.has_ended()
            child.stop()
            assert child.has_ended()
            assert next_one.wait(30) < 0
        finally:
            next_one.kill()


def test_whoever_dies_has_no_heir(tmp_path: Path) -> None:
    def nobody() -> Heir | None:
        raise AssertionError("asked")

    child = Child("daemon", tmp_path, FAILS, heir=nobody)
    child.start()
    ends(child)
    assert "status 3" in (child.look_after(child._started) or "")
    child.stop()


def test_nobody_listens_where_there_is_no_socket(tmp_path: Path) -> None:
    assert who_listens(tmp_path / "admin.sock") is None
    child = Child("daemon", tmp_path, ("-c", ""), heir=lambda: who_listens(tmp_path / "no.sock"))
    child.start()
    ends(child)
    assert "status 0" in (child.look_after(child._started) or ""), "it is started again"
    child.stop()
