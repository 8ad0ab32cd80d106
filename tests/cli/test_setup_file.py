"""The settings file `setup` writes: what is in it, and what it does to one that is there."""

from pathlib import Path

import pytest

from procall_mobility.config.commented_file import commented_file
from tests.cli.first_start import HOST, Machine, mode


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_file_is_the_commented_one_with_what_was_chosen(machine: Machine) -> None:
    machine.setup("--host", "mobility.example.net:8443", "--set", "log.format=json")
    written = machine.file.read_text().splitlines()
    shipped = commented_file({}).splitlines()
    changed = [new for new, old in zip(written, shipped, strict=True) if new != old]
    folder = machine.folder
    assert changed == [
        'origin = "https://mobility.example.net:8443"',
        f'data = "{folder}/data"',
        'tls = ["0.0.0.0:8443", "[::]:8443"]',
        f'certificate = "{folder}/etc/certificate.pem"',
        f'key = "{folder}/etc/key.pem"',
        'format = "json"',
        f'path = "{folder}/data/customers.sqlite"',
        f'socket = "{folder}/data/admin.sock"',
    ]


def test_a_file_that_says_otherwise_is_not_touched(machine: Machine) -> None:
    machine.setup(*HOST)
    text = machine.file.read_text()
    said = machine.setup("--host", "other.example.net", "--set", "log.level=debug",
                         "--customer", "acme")  # fmt: skip
    assert said.status == 1
    assert "is there and says otherwise: service.origin, log.level; edit it" in said.text
    assert machine.file.read_text() == text
    assert "no customers yet" in machine.run("customer", "list").text


def test_force_writes_it_anew_with_its_other_settings_and_a_backup(machine: Machine) -> None:
    machine.setup(*HOST, "--set", "log.format=json", "--set", 'turn.relay=["192.0.2.7"]')
    machine.file.write_text("# mine\n" + machine.file.read_text())
    machine.file.chmod(0o640)
    text = machine.file.read_text()
    facts = machine.facts("--host", "other.example.net", "--force")
    assert facts["settings"]["state"] == "replaced"
    backup = Path(facts["settings"]["backup"])
    assert backup == machine.file.with_name("procall-mobility.toml.bak")
    assert backup.read_text() == text
    settings = machine.settings
    assert settings.service.origin == "https://other.example.net"
    assert (settings.log.format, settings.turn.relay) == ("json", ("192.0.2.7",))
    assert "# mine" not in machine.file.read_text()
    assert mode(machine.file) == 0o640
    # What says so already is not replaced by the same.
    facts = machine.facts("--host", "other.example.net", "--force")
    assert facts["settings"]["state"] == "kept"


def test_a_file_that_cannot_be_used_is_replaced_by_force_alone(machine: Machine) -> None:
    machine.file.parent.mkdir()
    machine.file.write_text("[service]\norigim = 3\n")
    said = machine.setup(*HOST)
    assert said.status == 78
    assert 'service.origim: no such setting; did you mean "origin"?' in said.text
    said = machine.setup(*HOST, "--force")
    assert said.status == 0
    assert "could not be used and is left out; the backup has it" in said.text
    assert "origim = 3" in machine.file.with_name(f"{machine.file.name}.bak").read_text()


def test_the_file_of_the_package_in_which_nothing_was_changed_counts_as_none(
    machine: Machine,
) -> None:
    machine.file.parent.mkdir()
    machine.file.write_text(commented_file({}))
    facts = machine.facts(*HOST)
    assert facts["settings"]["state"] == "written"
    assert [each.name for each in machine.file.parent.iterdir()] == [machine.file.name]


def test_a_link_to_the_file_stays_one(machine: Machine) -> None:
    """As where the file is kept elsewhere, under version control."""
    real = machine.folder / "real.toml"
    real.write_text(commented_file({}))
    machine.file.parent.mkdir()
    machine.file.symlink_to(real)
    machine.setup(*HOST)
    assert machine.file.is_symlink()
    assert "mobility.example.net" in real.read_text()


def test_a_dry_run_prints_the_file_and_does_nothing(machine: Machine) -> None:
    said = machine.setup(*HOST, "--acme", "--agree-tos", "--dry-run")
    assert said.status == 0
    notes, _, text = said.text.partition("# Settings of ProCall Mobility.")
    assert "this would be run: certbot certonly " in notes
    assert "would be written" in notes
    assert 'origin = "https://mobility.example.net"' in text
    facts = machine.facts(*HOST, "--dry-run")
    assert facts["settings"]["state"] == "written"
    assert facts["settings"]["text"] == f"# Settings of ProCall Mobility.{text}"
    assert facts["certbot"] is None
    assert list(machine.folder.iterdir()) == []


def test_all_that_is_wrong_is_told_before_anything_is_done(machine: Machine) -> None:
    said = machine.setup(
        *HOST, "--set", "log.format=xml", "--set", "log.levle=info", "--set", "turn.relay=[1]",
        "--set", "back_off.client={ free = 3 }",
    )  # fmt: skip
    assert said.status == 78
    for wrong in (
        'log.format: expected one of "text", "json"',
        'log.levle: no such setting; did you mean "level"?',
        "turn.relay[0]: expected an IP address",
    ):
        assert f"{machine.file}: {wrong}" in said.text
    said = machine.setup(*HOST, "--set", "back_off.client={ free = 3 }")
    assert (said.status, "back_off.client: no single setting" in said.text) == (78, True)
    assert list(machine.folder.iterdir()) == []


def test_a_settings_file_that_cannot_be_read_is_told(machine: Machine) -> None:
    machine.file.mkdir(parents=True)
    said = machine.setup(*HOST)
    assert (said.status, "Is a directory" in said.text) == (1, True)
    machine.file.rmdir()
    machine.file.write_bytes(b"\xff")
    said = machine.setup(*HOST)
    assert (said.status, "not UTF-8" in said.text) == (1, True)
