"""`setup` on a terminal: what is asked, and what is not."""

import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from procall_mobility import cli
from procall_mobility.commands import setup_questions
from procall_mobility.config.commented_file import commented_file
from tests.cli.first_start import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def _without_certbot(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as empty:
        monkeypatch.setenv("PATH", empty)
        assert shutil.which("certbot") is None
        yield


def answers(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_all_that_is_needed_is_asked_for(machine: Machine) -> None:
    _, certificate, _, key = machine.certificates("mine")
    said = machine.setup(
        "--ask",
        answers=answers("localhost:8443", "files", certificate, key, "Acme", "Acme Inc.",
                        "acme.example b.example"),
    )  # fmt: skip
    assert said.status == 0
    assert "customers    acme: added; its server's password, shown this once: " in said.text
    assert machine.settings.service.origin == "https://localhost:8443"
    assert machine.settings.listen.tls == (("0.0.0.0", 8443), ("::", 8443))
    assert machine.file.with_name("key.pem").read_bytes() == Path(key).read_bytes()
    assert "acme.example, b.example  Acme Inc." in machine.run("customer", "list").text


def test_what_was_said_or_is_there_is_not_asked_for(machine: Machine) -> None:
    """A run to an end of the answers would be no success."""
    machine.setup("--host", "localhost", *machine.certificates("mine"), "--customer", "acme")
    assert machine.setup("--ask").status == 0
    fresh = Machine(machine.folder / "fresh")
    fresh.file.parent.mkdir(parents=True)
    fresh.file.write_text(commented_file({}))
    for name in ("certificate.pem", "key.pem"):
        shutil.copy(machine.file.with_name(name), fresh.file.with_name(name))
    said = fresh.setup("--ask", "--set", "service.origin=https://localhost", answers=answers(""))
    assert said.status == 0
    assert "certificate.pem: kept" in said.text


def test_an_answer_that_makes_no_sense_is_asked_for_again(machine: Machine) -> None:
    said = machine.setup(
        "--ask", answers=answers("a b:c:d", "localhost:99999", "localhost", "perhaps", "later",
                                 "-acme-", "acme", "", "@", "acme.example"),
    )  # fmt: skip
    assert said.status == 0
    for complaint in (
        "'a b:c:d': expected a name that clients can call",
        "'localhost:99999': expected a name",
        "'perhaps' is not one of 'acme', 'files', 'later'",
        "'-acme-': letters, digits and hyphens",
        "'@' is no domain",
    ):
        assert complaint in said.text
    assert "certificate  not yet" in said.text
    assert "acme: added" in said.text


@pytest.mark.usefixtures("_without_certbot")
def test_terms_of_service_are_asked_for_and_certbot_is_needed(machine: Machine) -> None:
    said = machine.setup("--ask", answers=answers("mobility.example.net", "acme", "", "n"))
    assert said.status == 1
    assert "terms of service of Let's Encrypt (https://letsencrypt.org/" in said.text
    assert not machine.file.exists()
    said = machine.setup(
        "--ask", "--host", "mobility.example.net", "--acme", "--acme-server", "https://ca.example",
        answers=answers("y", ""),
    )  # fmt: skip
    assert said.status == 1
    assert "terms of service of the authority at https://ca.example?" in said.text
    assert "certbot is not installed; `apt install certbot` does that" in said.text
    # The next attempt goes on from here.
    assert machine.file.exists()


def test_questions_do_not_mix_with_facts(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They go to standard error."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(answers("localhost", "later", "")))
    command = ["--config", str(machine.file), "setup", "--ask", "--json", "--no-checks"]
    cli.main([*command, "--data", str(machine.folder / "data")], standalone_mode=False)
    said = capsys.readouterr()
    assert "Host name" in said.err
    assert json.loads(said.out)["settings"]["state"] == "written"


def test_the_name_of_the_machine_is_proposed_where_others_can_know_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_questions.socket, "gethostname", lambda: "node1.example.net")
    assert machine.setup("--ask", answers=answers("", "later", "")).status == 0
    assert machine.settings.service.origin == "https://node1.example.net"


def test_standard_input_gives_the_password_or_the_answers(machine: Machine) -> None:
    said = machine.setup("--ask", "--customer", "acme", "--password-file", "-",
                         answers="a password of some length\n")  # fmt: skip
    assert said.status == 2
    assert "standard input cannot give the password and the answers too" in said.text
