"""`setup`: what it writes, makes and says, and what it does not do twice."""

import errno
import json
import os
from pathlib import Path

import pytest

from tests.cli.first_start import HOST, Machine, mode
from tests.operations.admin_daemon import listening

LOCAL = ("--host", "localhost")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_from_nothing_there_is_a_daemon_that_can_be_started(machine: Machine) -> None:
    password = machine.folder / "password"
    password.write_text("a password of some length\n")
    said = machine.setup(
        *LOCAL, *machine.certificates("mine"), "--customer", "ACME", "--alias", "acme.example",
        "--password-file", str(password),
    )  # fmt: skip
    assert said.status == 0
    folder = machine.folder
    lines = said.text.splitlines()
    assert lines[0] == f"settings     {machine.file}: written"
    assert lines[1].startswith(f"folders      {folder}/data: made, for ")
    assert lines[2].startswith(f"certificate  {folder}/etc/certificate.pem: installed, for local")
    assert lines[3] == "customers    acme: added"
    assert lines[4] == f"next         procall-mobility --config {machine.file} run"
    assert machine.run("check-config").text == "ok\n"
    assert "acme.example" in machine.run("customer", "list").text


def test_the_file_is_for_everybody_to_read_and_what_the_daemon_keeps_is_not(
    machine: Machine,
) -> None:
    before = os.umask(0o077)
    try:
        machine.setup(*HOST, "--set", f"log.access={machine.folder}/log/access.log")
    finally:
        os.umask(before)
    assert mode(machine.file) == 0o644
    assert mode(machine.file.parent) == 0o755
    assert mode(machine.folder / "data") == 0o700
    assert mode(machine.folder / "data/customers.sqlite") == 0o600
    assert mode(machine.folder / "log") == 0o750


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_what_root_makes_is_the_daemons(open_folder: Path) -> None:
    """And whose that is stays as it was found."""
    machine = Machine(open_folder)
    options = (*LOCAL, *machine.certificates("mine"))
    facts = machine.facts(*options, "--user", "nobody")
    assert facts["folders"]["account"] == "nobody"
    owner = (machine.folder / "data").stat()
    assert (machine.folder / "data/customers.sqlite").stat().st_uid == owner.st_uid != 0
    key = (machine.folder / "etc/key.pem").stat()
    assert (key.st_uid, key.st_gid, mode(machine.folder / "etc/key.pem")) == (
        0, owner.st_gid, 0o640,
    )  # fmt: skip
    assert machine.facts(*LOCAL)["folders"] == {"made": [], "account": "nobody"}
    said = machine.setup(*LOCAL, "--user", "root")
    assert said.status == 1
    assert "data belongs to nobody, not to root; leave --user out, or `chown -R root " in said.text


def test_a_second_run_keeps_everything_and_says_so(machine: Machine) -> None:
    options = (*LOCAL, *machine.certificates("mine"), "--customer", "acme")
    password = machine.facts(*options)["customers"]["password"]
    assert len(password) >= 24
    before = machine.file.stat()
    again = machine.facts(*options)
    assert again["settings"] == {"file": str(machine.file), "state": "kept", "backup": None}
    assert again["folders"]["made"] == []
    assert again["certificate"]["state"] == "kept"
    assert again["customers"] == {"known": ["acme"], "added": None}
    assert machine.file.stat() == before
    assert "acme: there already; its names and its password stay" in machine.setup(*options).text
    assert password not in machine.setup(*options).text


def test_nothing_has_to_be_said_a_second_time(machine: Machine) -> None:
    machine.setup(*HOST)
    said = machine.run("setup", "--no-checks")
    assert said.status == 0
    assert "certificate  not yet: " in said.text
    add = f"`procall-mobility --config {machine.file} customer add UCSID`"
    assert f"customers    none yet; {add} takes one in" in said.text


def test_the_password_comes_from_standard_input_where_that_is_asked_for(machine: Machine) -> None:
    said = machine.setup(
        *HOST, "--customer", "acme", "--password-file", "-", answers="a password of some length\n"
    )
    assert said.status == 0
    assert "\ncustomers    acme: added\n" in said.text
    said = machine.setup(*HOST, "--customer", "acme", "--password-file", "-", answers="short\n")
    assert said.status == 1
    assert "a password needs at least 16 characters" in said.text


def test_a_certificate_that_will_not_do_is_refused_before_anything_is_done(
    machine: Machine,
) -> None:
    said = machine.setup(*HOST, *machine.certificates("mine"))
    assert said.status == 1
    assert "not for mobility.example.net, which clients call" in said.text
    assert not machine.file.exists()


def test_a_certificate_may_stay_where_it_is(machine: Machine) -> None:
    options = machine.certificates("mine")
    facts = machine.facts(*LOCAL, *options, "--in-place")
    assert facts["certificate"]["state"] == "kept"
    assert facts["certificate"]["certificate"] == options[1]
    assert machine.settings.tls.key == options[3]
    assert not machine.file.with_name("key.pem").exists()


def test_a_key_in_place_that_others_may_read_is_refused(machine: Machine) -> None:
    options = machine.certificates("mine")
    Path(options[3]).chmod(0o644)
    said = machine.setup(*LOCAL, *options, "--in-place")
    assert said.status == 78
    assert "is open to others: a secret; chmod 640 cures it" in said.text
    assert not machine.file.exists()


def test_a_customer_whose_name_is_taken_is_a_failure_that_machines_hear_of(
    machine: Machine,
) -> None:
    machine.setup(*HOST, "--customer", "acme", "--alias", "acme.example")
    said = machine.setup(*HOST, "--customer", "other", "--alias", "acme.example", "--json")
    assert said.status == 1
    assert '"state": "kept"' in said.text
    assert "acme.example is taken by acme" in said.text


def test_what_comes_next_depends_on_whether_a_daemon_runs(machine: Machine) -> None:
    machine.setup(*HOST)
    with listening(machine.folder / "data/admin.sock", {"status": lambda _: {}}):
        said = machine.setup(*HOST, "--json")
    assert said.facts["next"] == f"procall-mobility --config {machine.file} status"


def test_the_machine_is_checked_as_doctor_does(machine: Machine) -> None:
    """A certificate is missing: that is wrong, whatever else this machine has."""
    machine.setup(*LOCAL)
    said = machine.run("setup")
    assert said.status == 1
    assert f"certificate.pem, which is not there.\n{'':13}        -> Install the file" in said.text
    assert "No daemon listens" not in said.text
    step = f"procall-mobility --config {machine.file} run"
    assert said.text.endswith(f"\nnext         put right what is wrong, then {step}\n")
    facts = machine.run("setup", "--json").facts
    assert (facts["checks"]["ok"], facts["next"]) == (False, step)
    reasons = {each["check"] for each in facts["checks"]["findings"]}
    assert {"certificate", "ports", "storage"} <= reasons


def test_an_authority_of_ones_own_can_be_told(machine: Machine) -> None:
    machine.setup(*LOCAL, *machine.certificates("mine"))
    for options, is_trusted in (((), False), (("--ca", f"{machine.folder}/mine/ca.pem"), True)):
        findings = machine.run("setup", "--json", *options).facts["checks"]["findings"]
        told = [each["state"] for each in findings if each["check"] == "certificate"]
        assert (set(told) == {"ok"}) is is_trusted


def test_a_folder_that_cannot_be_made_is_told(machine: Machine) -> None:
    (machine.folder / "file").write_text("")
    said = machine.run("setup", *HOST, "--no-checks", "--data", f"{machine.folder}/file/data")
    assert said.status == 1
    assert f"procall-mobility: {machine.folder}/file: File exists\n" in said.text


def test_machines_are_told_of_every_failure(machine: Machine) -> None:
    """Of the store's, too, after the file was written."""
    assert machine.setup(*LOCAL).status == 0
    store = machine.folder / "data/customers.sqlite"
    store.write_text("no database")
    said = machine.setup(*LOCAL, "--json")
    assert said.status == 1
    facts = json.loads(said.text[said.text.index("{") :])
    assert facts["failed"] == f"{store}: file is not a database"


def test_who_may_not_write_there_is_told_what_helps(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/var/lib/x")

    monkeypatch.setattr("procall_mobility.commands.setup.make_folders", refuse)
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    said = machine.setup(*LOCAL)
    assert said.status == 1
    assert "/var/lib/x: Permission denied; run this as root, or keep all in folders" in said.text


def test_of_many_customers_some_are_named(machine: Machine) -> None:
    assert machine.setup(*LOCAL).status == 0
    for number in range(12):
        assert machine.run("customer", "add", f"c{number:02}").status == 0
    names = ", ".join(f"c{number:02}" for number in range(10))
    assert f"customers    {names} and 2 others\n" in machine.setup(*LOCAL).text
