"""`support-bundle`: one file, its owner's alone, whatever state the machine is in."""

import errno
import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def _at_home(config: Path) -> None:
    """No resolver is asked: /etc/hosts knows this name."""
    config.write_text(config.read_text().replace("mobility.example.net", "localhost"))


def test_without_a_daemon_there_is_a_bundle_all_the_same(
    command: Command, config: Path, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.txt"
    said = command("support-bundle", "--output", str(file), "--offline", "--priority", "P1")
    assert said.status == 0
    text = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "Priority           P1 total failure" in text
    assert "certificate: tls.certificate names" in text
    assert "service.origin = https://localhost" in text
    assert "Daemon: no daemon answers" in text.partition("What was left out")[2]
    assert f"{file}: {len(text.encode())} octets" in said.text


def test_the_facts_say_what_was_left_out(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "bundle.txt"
    said = command("support-bundle", "--output", str(file), "--offline", "--json")
    start = said.text.index("{")  # Progress comes before it.
    assert '"left_out": {' in said.text[start:]
    assert '"Service book"' in said.text[start:]


def test_a_file_that_is_there_is_not_touched(command: Command, tmp_path: Path) -> None:
    """And nothing is collected that could not be kept."""
    file = tmp_path / "bundle.txt"
    file.write_text("something else")
    said = command("support-bundle", "--output", str(file), "--offline")
    assert said.status == 1
    assert said.text == f"procall-mobility: {file} is there already; --output names another one\n"
    assert file.read_text() == "something else"
    said = command("support-bundle", "--output", str(tmp_path / "not/there"), "--offline")
    assert said.status == 1
    assert said.text.startswith(f"procall-mobility: {tmp_path}/not: no folder that this account")


def test_nothing_is_left_where_the_disk_is_full(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a bundle would be taken for a whole one."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", fail)
    folder = tmp_path / "bundles"
    folder.mkdir()
    said = command("support-bundle", "--output", str(folder / "bundle.txt"), "--offline")
    assert said.status == 1
    assert said.text.endswith(f"procall-mobility: {folder}/bundle.txt: No space left on device\n")
    assert not list(folder.iterdir())


def test_a_customer_may_be_named_by_a_domain(command: Command, tmp_path: Path) -> None:
    """In logs and answers its UCSID alone stands."""
    command("customer", "add", "acme", "--alias", "acme.example")
    file = tmp_path / "bundle.txt"
    said = command("support-bundle", "--customer", "ACME.example", "--output", str(file))
    assert said.status == 0
    assert "About acme." in file.read_text()


def test_broken_settings_are_what_support_wants_to_see(
    command: Command, config: Path, tmp_path: Path
) -> None:
    config.write_text("[listen]\ntsl = []\n")
    file = tmp_path / "bundle.txt"
    said = command("support-bundle", "--output", str(file))
    assert said.status == 78
    assert "no such setting" in file.read_text()


def test_a_customer_has_to_be_one(command: Command, tmp_path: Path) -> None:
    said = command("support-bundle", "--customer", "nobody", "--output", str(tmp_path / "b"))
    assert said.status == 1
    assert "there is no customer nobody" in said.text


@pytest.mark.parametrize("since", ["yesterday", "3 weeks", "2026-13-01", "0001-01-01"])
def test_a_time_that_is_none_is_refused(command: Command, since: str) -> None:
    said = command("support-bundle", "--since", since)
    assert said.status == 2
    assert "expected" in said.text


@pytest.mark.parametrize("since", ["30min", "2 h", "3d", "2026-11-22", "2026-11-22T09:00:00Z"])
def test_a_time_is_told_as_people_do(command: Command, tmp_path: Path, since: str) -> None:
    file = tmp_path / "bundle.txt"
    said = command("support-bundle", "--since", since, "--output", str(file), "--offline")
    assert said.status == 0
    assert "log lines since 20" in file.read_text()
