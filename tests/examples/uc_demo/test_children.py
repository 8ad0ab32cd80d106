"""Programs the demo looks after."""

import os
from pathlib import Path

import pytest

from examples.uc_demo.children import FIRST_WAIT, LONGEST_WAIT, STEADY, Child

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
