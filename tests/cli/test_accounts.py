"""Root in folders of others: their owner's links lead it nowhere that they could not go."""

import os
import pwd
from pathlib import Path

import pytest

from procall_mobility.commands.accounts import Account, AccountError, acting_for_owner
from tests.cli.first_start import Machine, mode

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for others")

LOCAL = ("--host", "localhost", "--user", "nobody")


@pytest.fixture
def nobody() -> Account:
    found = pwd.getpwnam("nobody")
    return Account(found.pw_uid, found.pw_gid)


@pytest.fixture
def machine(open_folder: Path) -> Machine:
    """One that was set up, whose daemon's account waits for root."""
    machine = Machine(open_folder)
    assert machine.setup(*LOCAL).status == 0
    (machine.folder / "data/customers.sqlite").unlink()
    return machine


def rights() -> tuple[object, ...]:
    return os.geteuid(), os.getegid(), os.getgroups()


@pytest.mark.parametrize("content", ["", "of the system's"])
def test_a_link_in_the_daemons_folder_does_not_lead_root_to_a_file_of_the_systems(
    machine: Machine, nobody: Account, content: str
) -> None:
    """Neither is it written to, nor are its permissions changed."""
    victim = machine.folder / "passwd"
    victim.write_text(content)
    victim.chmod(0o644)
    link = machine.folder / "data/customers.sqlite"
    link.symlink_to(victim)
    os.chown(link, nobody.user, nobody.group, follow_symlinks=False)
    said = machine.run("customer", "add", "acme")
    assert said.status == 1
    assert str(link) in said.text
    assert victim.read_text() == content
    assert victim.stat().st_mode & 0o777 == 0o644


def test_a_folder_in_the_daemons_folder_is_made_as_the_daemon(
    machine: Machine, nobody: Account
) -> None:
    """Where a folder on the way is a link to one of the system's, there is none made in there."""
    (machine.folder / "system").mkdir()
    link = machine.folder / "data/log"
    link.symlink_to(machine.folder / "system")
    os.chown(link, nobody.user, nobody.group, follow_symlinks=False)
    log = f"log.access={machine.folder}/data/log/sudoers.d/access.log"
    said = machine.setup(*LOCAL, "--force", "--set", log)
    assert said.status == 1
    assert "sudoers.d: Permission denied" in said.text
    assert not list((machine.folder / "system").iterdir())


def test_a_certificate_in_the_daemons_folder_is_put_there_as_the_daemon(
    machine: Machine, nobody: Account
) -> None:
    """A renewal by root follows no link to a folder of the system's, nor waits for a pipe."""
    system, data = machine.folder / "system", machine.folder / "data"
    system.mkdir()
    options = machine.certificates("mine")
    tls = data / "tls"
    for name in ("certificate", "key"):
        options = (*options, "--set", f"tls.{name}={tls}/{name}.pem")
    tls.symlink_to(system)
    os.chown(tls, nobody.user, nobody.group, follow_symlinks=False)
    said = machine.setup(*LOCAL, "--force", *options)
    assert said.status == 1
    assert f"{tls}/key.pem: Permission denied" in said.text
    assert not list(system.iterdir())
    tls.unlink()
    tls.mkdir()
    os.chown(tls, nobody.user, nobody.group)
    os.mkfifo(tls / "key.pem", 0o640)
    os.chown(tls / "key.pem", nobody.user, nobody.group)
    (tls / "key.pem").chmod(0o640)
    assert machine.run("install-certificate", *options[:4]).status == 0
    key = tls / "key.pem"
    assert (key.is_file(), key.stat().st_uid, mode(key)) == (True, nobody.user, 0o640)


def test_in_an_administrators_folder_the_key_is_for_the_daemons_group(
    open_folder: Path, nobody: Account
) -> None:
    os.chown(open_folder, 12345, 12346)
    machine = Machine(open_folder)
    said = machine.setup(*LOCAL, *machine.certificates("mine"))
    assert said.status == 0, said.text
    key = (open_folder / "etc/key.pem").stat()
    assert (key.st_uid, key.st_gid) == (0, nobody.group)


def test_a_folder_that_was_swapped_for_a_link_is_not_given_away(
    open_folder: Path, nobody: Account
) -> None:
    (open_folder / "made").symlink_to("/etc")
    with pytest.raises(NotADirectoryError):
        nobody.take_over(open_folder / "made")
    assert Path("/etc").stat().st_uid == 0


def test_root_may_have_a_folder_of_its_own_in_somebody_elses(
    open_folder: Path, nobody: Account
) -> None:
    """Whoever works by sudo in a home keeps what is made there."""
    os.chown(open_folder, nobody.user, nobody.group)
    machine = Machine(open_folder)
    assert machine.facts("--host", "localhost", "--user", "root")["folders"]["account"] == "root"
    assert (machine.folder / "data").stat().st_uid == 0
    assert machine.run("customer", "add", "acme").status == 0
    assert (machine.folder / "data/customers.sqlite").stat().st_uid == 0


def test_root_has_its_rights_back_afterwards(open_folder: Path, nobody: Account) -> None:
    os.chown(open_folder, nobody.user, nobody.group)
    before, within = rights(), []

    def fail() -> None:
        with acting_for_owner(open_folder / "not/there/yet"):
            within.extend(rights()[:2])
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert within == [nobody.user, nobody.group]
    assert rights() == before


def test_an_owner_who_cannot_get_to_its_folder_is_told_of(
    open_folder: Path, nobody: Account
) -> None:
    """A daemon of its own account could not, either."""
    (open_folder / "closed").mkdir(mode=0o700)
    data = open_folder / "closed/data"
    data.mkdir()
    os.chown(data, 12345, nobody.group)
    before = rights()
    with pytest.raises(AccountError, match=f"12345, who may .*`chmod o.x {data.parent}`"):
        acting_for_owner(data).__enter__()
    assert rights() == before


def test_nothing_changes_in_a_folder_of_its_own(open_folder: Path) -> None:
    before = rights()
    with acting_for_owner(open_folder):
        assert rights() == before
