"""Somebody who is not root, nor the daemon's account, is told so by every command."""

import os
import pwd
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from procall_mobility.cli import main
from tests.cli.first_start import Machine

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


@pytest.fixture
def machine(open_folder: Path) -> Machine:
    machine = Machine(open_folder)
    assert machine.setup("--host", "localhost", "--customer", "acme").status == 0
    (machine.folder / "data").chmod(0o700)
    return machine


@pytest.fixture
def _somebody(machine: Machine) -> Iterator[None]:
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


def said(machine: Machine, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--config", str(machine.file), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.usefixtures("_somebody")
def test_the_store_is_for_the_daemon_and_root(machine: Machine) -> None:
    status, text = said(machine, "customer", "list")
    assert status == 1
    assert text.startswith(f"procall-mobility: {machine.folder}/data/customers.sqlite: Permission")
    assert "only the daemon's own account and root may use it" in text


@pytest.mark.usefixtures("_somebody")
def test_nobody_knows_what_is_missing_in_a_closed_folder(machine: Machine) -> None:
    closed = machine.folder / "data/certificate.pem"
    copy = machine.folder / "copy.toml"
    named = re.compile('^certificate = ".*"$', re.MULTILINE)
    text = named.sub(f'certificate = "{closed}"', machine.file.read_text())
    os.seteuid(0)
    copy.write_text(text)
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    status, text = said(machine, "check-config", str(copy))
    assert (status, f"{closed} cannot be read from here" in text) == (0, True)


@pytest.mark.usefixtures("_somebody")
def test_files_in_closed_folders_are_told_without_a_traceback(machine: Machine) -> None:
    key = machine.folder / "data/vapid.pem"
    assert said(machine, "push", "app", "key", str(key)) == (
        1,
        f"procall-mobility: {key}: Permission denied\n",
    )
    settings = machine.folder / "data/settings.toml"
    result = CliRunner().invoke(main, ["--config", str(settings), "status"])
    assert (result.exit_code, result.output) == (78, f"{settings}: Permission denied\n")


@pytest.mark.usefixtures("_somebody")
def test_a_setup_is_not_begun_where_it_cannot_be_looked_at(machine: Machine) -> None:
    status, text = said(machine, "setup", "--no-ask", "--no-checks", "--customer", "other")
    assert status == 1
    assert "Permission denied" in text
