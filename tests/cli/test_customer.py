"""`procall-mobility customer`: what an operator types, and what it does and prints."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from procall_mobility.storage.customers import CustomerStore
from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening


def test_a_new_customer_has_its_password_shown_once(command: Command, tmp_path: Path) -> None:
    said = command("customer", "add", "ACME", "--alias", "acme.example")
    assert said.status == 0
    first, second, _ = said.text.splitlines()
    assert first == "UCSID     acme"
    password = second.removeprefix("password  ")
    assert len(password) >= 24
    for other in (("list",), ("show", "acme"), ("list", "--json"), ("show", "acme", "--json")):
        assert password not in command("customer", *other).text
    for file in (tmp_path / "data").iterdir():
        assert password.encode() not in file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_password_can_be_given_in_a_file_and_is_not_shown(
    command: Command, tmp_path: Path
) -> None:
    """Never on the command line: other users see the arguments of a process."""
    file = tmp_path / "password"
    file.write_text("a password of some length\n")
    said = command("customer", "add", "acme", "--password-file", str(file), "--json")
    assert said.facts == {"ucsid": "acme"}
    file.write_text("short")
    said = command("customer", "rotate-password", "acme", "--password-file", str(file))
    assert said.status == 1
    assert "at least 16 characters" in said.text
    assert "short" not in said.text
    file.write_bytes(b"\xff" * 20)
    said = command("customer", "rotate-password", "acme", "--password-file", str(file))
    assert (said.status, said.text) == (1, f"procall-mobility: {file}: not UTF-8\n")
    said = command("customer", "add", "other", "--password-file", str(tmp_path / "nowhere"))
    assert said.status == 1
    assert "nowhere: No such file or directory" in said.text


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"a password of \xe4\xf6\xfc in Latin-1", "not UTF-8"),
        (b"a password of one line\nand another", "is one line, without control characters"),
        (b"a password of one\0line", "is one line, without control characters"),
    ],
    ids=["latin-1", "lines", "nul"],
)
def test_a_password_that_no_server_could_send_is_refused(
    command: Command, tmp_path: Path, content: bytes, wrong: str
) -> None:
    """However the terminal writes letters."""
    file = tmp_path / "password"
    file.write_bytes(content)
    said = command("customer", "add", "acme", "--password-file", str(file))
    assert said.status == 1
    assert said.text.startswith(f"procall-mobility: {file}: ")
    assert wrong in said.text
    said = command("customer", "add", "acme", "--password-file", "-", answer=content)
    assert said.status == 1
    assert said.text.startswith("procall-mobility: standard input: ")
    assert wrong in said.text


def test_a_byte_order_mark_is_no_part_of_a_password(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("a password of some length", "utf-8-sig")
    assert command("customer", "add", "acme", "--password-file", str(file)).status == 0
    with closing(CustomerStore(tmp_path / "data/customers.sqlite", bytes, time.time)) as store:
        assert store.password_hash("acme").matches("a password of some length")


def test_a_password_is_replaced(command: Command) -> None:
    old = command("customer", "add", "acme", "--json").facts["password"]
    new = command("customer", "rotate-password", "acme", "--json").facts["password"]
    assert old != new


def test_customers_are_listed_for_people_and_machines(command: Command) -> None:
    assert "no customers yet" in command("customer", "list").text
    assert command("customer", "list", "--json").facts == []
    command("customer", "add", "longer-name", "--alias", "b.example", "--alias", "a.example")
    command("customer", "add", "acme", "--note", "pays in March")
    command("customer", "disable", "acme")
    assert command("customer", "list").text == (
        "UCSID        STATE  ALIASES               NOTE\n"
        "acme         off    -                     pays in March\n"
        "longer-name  on     a.example, b.example\n"
    )
    facts = command("customer", "list", "--json").facts
    assert [each["ucsid"] for each in facts] == ["acme", "longer-name"]
    assert facts[0]["enabled"] is False
    assert facts[1]["aliases"] == ["a.example", "b.example"]
    assert facts[1]["switches"]["cors_origins"] == ["*"]


def test_a_customer_is_shown_by_either_name(command: Command) -> None:
    command("customer", "add", "acme", "--alias", "acme.example", "--note", "pays in March")
    shown = command("customer", "show", "Acme.Example").text
    assert "UCSID    acme\nstate    on\naliases  acme.example\n" in shown
    assert "note     pays in March\n" in shown
    assert "  logon_style          v1\n" in shown
    assert "  cors_origins         *\n" in shown
    assert command("customer", "show", "acme", "--json").facts["note"] == "pays in March"
    said = command("customer", "show", "nobody")
    assert said.status == 1
    assert "there is no customer nobody; `customer list` shows them" in said.text


def test_aliases_are_changed_and_shown(command: Command) -> None:
    command("customer", "add", "acme", "--alias", "old.example")
    said = command("customer", "alias", "acme", "--add", "new.example", "--remove", "old.example")
    assert said.text == "new.example\n"
    assert command("customer", "alias", "acme", "--json").facts == {
        "ucsid": "acme",
        "aliases": ["new.example"],
    }
    assert command("customer", "alias", "acme", "--remove", "new.example").text == "no aliases\n"
    command("customer", "add", "other")
    said = command("customer", "alias", "other", "--add", "acme")
    assert (said.status, said.text) == (1, "procall-mobility: acme is taken by acme\n")


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("jsonp=yes", "jsonp", True),
        ("query_password=OFF", "query_password", False),
        ("sessions=7", "sessions", 7),
        ("logon_style=v2", "logon_style", "v2"),
        ("push_without=fcm, hms", "push_without", ["fcm", "hms"]),
        (
            "cors_origins=https://a.example, https://b.example",
            "cors_origins",
            ["https://a.example", "https://b.example"],
        ),
    ],
)
def test_a_switch_is_set_and_set_back(
    command: Command, assignment: str, name: str, value: Any
) -> None:
    command("customer", "add", "acme")
    before = command("customer", "show", "acme", "--json").facts["switches"]
    assert before[name] != value
    facts = command("customer", "set", "acme", assignment, "--json").facts
    assert facts["switches"] == {**before, name: value}
    assert command("customer", "set", "acme", f"{name}=", "--json").facts["switches"] == before


def test_all_wrong_switches_are_told_and_none_is_set(command: Command) -> None:
    command("customer", "add", "acme")
    said = command(
        "customer", "set", "acme", "jsonp=perhaps", "sessions=0", "logon_style=v3", "x=1", "turn",
        "cors_origins=a", "multi_step=yes", "push_without=fcm,other",
    )  # fmt: skip
    assert said.status == 2
    for expected in (
        "jsonp: expected yes or no, not 'perhaps'",
        "sessions: expected a whole number above 0, not '0'",
        "logon_style: expected v1 or v2, not 'v3'",
        "'x=1': expected NAME=VALUE, NAME one of: logon_style, multi_step",
        "'turn': expected NAME=VALUE",
        'cors_origins: expected "*" or origins',
        "push_without: expected providers with commas between: apns, fcm",
    ):
        assert expected in said.text
    facts = command("customer", "show", "acme", "--json").facts
    assert facts["switches"]["multi_step"] is False


def test_a_note_is_set_and_taken_away(command: Command) -> None:
    command("customer", "add", "acme")
    assert "note     new\n" in command("customer", "set", "acme", "--note", "new").text
    assert command("customer", "set", "acme", "--note", "", "--json").facts["note"] == ""
    said = command("customer", "set", "acme")
    assert said.status == 2
    assert "nothing to set" in said.text


def test_a_customer_is_switched_off_and_on(command: Command) -> None:
    command("customer", "add", "acme")
    assert command("customer", "disable", "Acme").text == "acme is switched off\n"
    assert command("customer", "show", "acme", "--json").facts["enabled"] is False
    assert command("customer", "enable", "acme", "--json").facts == {
        "ucsid": "acme",
        "enabled": True,
    }
    assert command("customer", "show", "acme", "--json").facts["enabled"] is True


def test_a_customer_is_forgotten_after_a_question(command: Command) -> None:
    command("customer", "add", "acme")
    assert command("customer", "remove", "acme", answer="n\n").status == 1
    assert command("customer", "show", "acme").status == 0
    assert command("customer", "remove", "acme", "--yes").text == "acme is forgotten\n"
    assert command("customer", "show", "acme").status == 1
    command("customer", "add", "acme")
    said = command("customer", "remove", "acme", "--yes", "--json")
    assert said.facts == {"ucsid": "acme", "removed": True}


def test_a_refused_change_has_status_1_and_a_reason(command: Command) -> None:
    said = command("customer", "rotate-password", "nobody")
    assert said.status == 1
    assert "there is no customer nobody" in said.text
    said = command("customer", "add", "not a ucsid")
    assert said.status == 1
    assert "is no UCSID" in said.text


def test_a_store_that_cannot_be_opened_is_told(command: Command, tmp_path: Path) -> None:
    command("customer", "list")
    connection = sqlite3.connect(tmp_path / "data" / "customers.sqlite")
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    said = command("customer", "list")
    assert said.status == 1
    assert "made by a later version" in said.text


def test_a_running_daemon_is_told_of_every_change(command: Command, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    with listening(tmp_path / "admin.sock", {"customer-changed": told.append}):
        command("customer", "add", "acme")
        command("customer", "list")
        command("customer", "show", "acme")
        command("customer", "alias", "acme")
        command("customer", "disable", "acme")
        command("customer", "rotate-password", "acme")
        command("customer", "remove", "acme", "--yes")
    assert told == [{"verb": "customer-changed", "ucsid": "acme"}] * 4


def test_a_daemon_that_cannot_be_told_is_no_failure(command: Command, tmp_path: Path) -> None:
    """It looks into the store by itself."""
    with listening(tmp_path / "admin.sock", {}):
        said = command("customer", "add", "acme")
    assert said.status == 0
    assert "note: the daemon was not told" in said.text
