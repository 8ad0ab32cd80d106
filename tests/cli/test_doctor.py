"""`doctor`: what it prints, and its exit status."""

from pathlib import Path

import pytest

from procall_mobility.commands.doctor import for_place, text_of
from procall_mobility.commands.settings import SYSTEM_FILE, Place
from procall_mobility.config.loading import load
from procall_mobility.diagnosis import Finding, State, Wishes, diagnose, examination
from procall_mobility.diagnosis.findings import ok, unknown, warning, wrong
from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening
from tests.ports import free_port

STATUS = {
    "version": "0.0.0", "node": "node1", "uptime": 3.0, "listening": [], "connections": 0,
    "links": [], "certificates": [], "counters": {}, "relay": None, "datapath": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_home(config: Path) -> None:
    """No resolver is asked: /etc/hosts knows this name."""
    config.write_text(config.read_text().replace("mobility.example.net", "localhost"))


def reasons(said: list[dict[str, str]]) -> set[str]:
    return {each["reason"] for each in said}


def test_what_is_wrong_decides_the_status(command: Command) -> None:
    """There is no certificate in the folder."""
    said = command("doctor", "--json", "--offline")
    assert said.status == 1
    assert said.facts["ok"] is False
    assert {"file-missing", "daemon-not-running"} <= reasons(said.facts["findings"])


def test_every_error_of_the_settings_is_told(command: Command, config: Path) -> None:
    config.write_text('[listen]\ntsl = []\n[turn]\nports = "x"\n')
    said = command("doctor", "--json")
    assert said.status == 78
    findings = said.facts["findings"]
    assert reasons(findings) == {"settings"}
    assert any('did you mean "tls"?' in each["what"] for each in findings)
    assert any("turn.ports" in each["what"] for each in findings)


def test_a_settings_file_that_is_not_there_is_no_mistake_in_it(
    command: Command, config: Path
) -> None:
    config.unlink()
    said = command("doctor", "--json")
    assert said.status == 78
    (found,) = said.facts["findings"]
    assert found["what"] == f"{config}: No such file or directory."
    assert "--config names another" in found["cure"]


def test_commands_that_help_are_about_these_settings() -> None:
    """One typed in without them would be about the system's, or another daemon's."""
    cure = "Look as root: `sudo procall-mobility doctor`, `procall-mobility customer add UCSID`."
    elsewhere = "`procall-mobility doctor --from-outside HOST`, `systemctl start procall-mobility`"
    found = [wrong("a", "a", f"See {cure}", cure), wrong("b", "b", "What.", elsewhere)]
    assert for_place(Place(SYSTEM_FILE), found) == found
    here, there = for_place(Place(Path("/srv/a b/s.toml")), found)
    ours = "procall-mobility --config '/srv/a b/s.toml'"
    assert here.cure == f"Look as root: `sudo {ours} doctor`, `{ours} customer add UCSID`."
    assert here.what == f"See {here.cure}"
    assert there.cure == elsewhere


def test_the_worst_comes_first_and_what_is_well_on_demand() -> None:
    found = [
        ok("a", "This is well."),
        warning("b", "b", "This will not last.", "Renew it."),
        wrong("c", "c", "This is wrong.\x1b", "Mend it."),
        unknown("d", "d", "This is not known."),
    ]
    lines = text_of(found, everything=False).splitlines()
    assert lines == [
        "wrong   This is wrong.\\x1b",
        "        -> Mend it.",
        "warning This will not last.",
        "        -> Renew it.",
        "unknown This is not known.",
        "",
        "1 wrong, 1 warning, 1 unknown, 1 ok",
    ]
    assert "ok      This is well." in text_of(found, everything=True).splitlines()
    assert text_of(found[:1], everything=False) == "1 ok"


def test_a_daemon_is_asked_why_a_server_is_not_linked(command: Command, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("a password of its server")
    command("customer", "add", "acme", "--password-file", str(password))
    told = [{"customer": "acme", "client": "192.0.2.7", "reason": "version", "seconds": 9.0}]
    verbs = {"status": lambda _: STATUS, "refusals": lambda _: told}
    with listening(tmp_path / "admin.sock", verbs):
        said = command("doctor", "--json", "--offline")
    assert {"link-version", "daemon-older", "not-listened-on"} <= reasons(said.facts["findings"])


def test_another_machine_is_looked_at_by_its_name_alone(command: Command, config: Path) -> None:
    config.unlink()
    said = command("doctor", "--from-outside", f"stun:127.0.0.1:{free_port()}")
    assert said.status == 1
    assert "Nobody listens at 127.0.0.1" in said.text


def test_a_check_that_fails_hides_no_other(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A doctor who falls ill still tells what the others have found."""

    def fail(*_: object) -> None:
        raise RuntimeError("our own fault")

    monkeypatch.setattr(examination, "look_at_ipv6", fail)
    found = diagnose(load(config), Wishes(calls_providers=False))
    (ill,) = [each for each in found if each.check == "ipv6"]
    assert ill.state is State.UNKNOWN
    assert "RuntimeError: our own fault" in ill.what
    assert any(isinstance(each, Finding) and each.check == "storage" for each in found)


@pytest.mark.parametrize("which", ["doctor", "support-bundle", "setup"])
def test_authorities_that_are_none_are_not_passed_over(
    command: Command, tmp_path: Path, which: str
) -> None:
    """Whoever names one in DER would be told again to name it."""
    file = tmp_path / "ca.der"
    said = command(which, "--ca", str(file))
    assert said.status == 2
    assert f"{file}: No such file or directory" in said.text
    file.write_bytes(b"\x30\x82\x01")
    said = command(which, "--ca", str(file))
    assert said.status == 2
    assert "no certificate in PEM form" in said.text
    assert "`openssl x509 -inform DER`" in said.text
