"""`turn secret`, `turn user` and `turn peer`: what customers' users are judged by."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

SECRET = "a secret of acme's own"


@pytest.fixture
def acme(command: Command) -> Command:
    command("customer", "add", "acme")
    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "handed-over"
    made.write_text(SECRET)
    return made


# Secrets --------------------------------------------------------------------------------


def test_a_secret_comes_from_a_file_and_is_shown_by_nobody(acme: Command, file: Path) -> None:
    said = acme("turn", "secret", "set", "ACME", "--file", str(file))
    assert said.status == 0
    assert said.text.startswith("since 20")
    assert said.text.endswith("  issues\n")
    shown = [said.text]
    for command in (("turn", "secret", "list"), ("customer", "show"), ("turn", "user", "list")):
        shown += [acme(*command, "acme").text, acme(*command, "acme", "--json").text]
    assert not any(SECRET in text for text in shown)


def test_a_secret_that_was_made_is_shown_once(acme: Command) -> None:
    assert acme("turn", "secret", "list", "acme").text == "no secret yet\n"
    first, second, third = acme("turn", "secret", "rotate", "acme").text.splitlines()
    made = second.removeprefix("secret  ")
    assert (first, third[:25]) == ("UCSID   acme", "It is shown this once; th")
    assert len(made) >= 32
    facts = acme("turn", "secret", "rotate", "acme", "--json").facts
    assert facts["ucsid"] == "acme"
    assert facts["secret"] != made
    listed = acme("turn", "secret", "list", "acme")
    assert [line.split("  ")[1] for line in listed.text.splitlines()] == [
        "issues",
        "is good still",
    ]
    assert made not in listed.text


def test_the_older_secret_is_dropped(acme: Command, file: Path) -> None:
    acme("turn", "secret", "set", "acme", "--file", str(file))
    said = acme("turn", "secret", "drop", "acme")
    assert (said.status, said.text) == (1, "procall-mobility: acme has no older secret\n")
    acme("turn", "secret", "rotate", "acme")
    facts = acme("turn", "secret", "drop", "acme", "--json").facts
    assert len(facts["secrets"]) == 1


def test_what_is_no_secret_is_not_taken_and_not_shown(acme: Command, file: Path) -> None:
    file.write_text("short")
    said = acme("turn", "secret", "set", "acme", "--file", str(file))
    assert said.status == 1
    assert "a secret needs at least 16 characters" in said.text
    assert "short" not in said.text
    assert acme("turn", "secret", "set", "acme").status == 2


# Users ----------------------------------------------------------------------------------


def test_a_users_password_is_made_and_shown_once(acme: Command) -> None:
    first, second, third = acme("turn", "user", "set", "acme", "alice").text.splitlines()
    assert (first, third) == ("user name  acme:alice", "It is shown this once.")
    assert len(second.removeprefix("password   ")) >= 32
    facts = acme("turn", "user", "set", "acme", "bob", "--json").facts
    assert facts["username"] == "acme:bob"
    assert facts["password"] not in acme("turn", "user", "list", "acme", "--json").text


def test_a_users_password_can_be_given_in_a_file_and_is_not_shown(
    acme: Command, file: Path
) -> None:
    said = acme("turn", "user", "set", "acme", "alice", "--password-file", str(file), "--json")
    assert said.facts == {"username": "acme:alice"}


def test_users_are_listed_and_removed(acme: Command) -> None:
    assert acme("turn", "user", "list", "acme").text == "no users with fixed passwords\n"
    for name in ("bob", "alice"):
        acme("turn", "user", "set", "acme", name)
    acme("turn", "revoke", "acme:bob")
    facts = acme("turn", "user", "list", "acme", "--json").facts
    assert [(each["username"], each["revoked"]) for each in facts] == [
        ("acme:alice", False),
        ("acme:bob", True),
    ]
    heading, alice, bob = acme("turn", "user", "list", "acme").text.splitlines()
    assert heading.split() == ["USER", "NAME", "SINCE", "STATE"]
    assert alice.endswith("  good")
    assert bob.endswith("  revoked")
    assert acme("turn", "user", "remove", "acme", "bob").text == "acme:bob is forgotten\n"
    said = acme("turn", "user", "remove", "acme", "bob")
    assert said.status == 1
    assert "acme has no user bob" in said.text
    said = acme("turn", "user", "set", "acme", "a:b")
    assert said.status == 1
    assert "is no user's name" in said.text


# Peers ----------------------------------------------------------------------------------


def test_rules_are_made_shown_and_taken_away(acme: Command) -> None:
    assert acme("turn", "peer", "list", "acme").text == "no rules of its own\n"
    assert acme("turn", "peer", "allow", "acme", "10.0.0.0/8").text == "allow  10.0.0.0/8\n"
    facts = acme("turn", "peer", "deny", "acme", "[2001:db8::/32]:443", "--json").facts
    assert facts == [
        {"rule": "10.0.0.0/8", "allow": True},
        {"rule": "[2001:db8::/32]:443", "allow": False},
    ]
    assert acme("turn", "peer", "list", "acme").text == (
        "allow  10.0.0.0/8\ndeny   [2001:db8::/32]:443\n"
    )
    left = acme("turn", "peer", "forget", "acme", "10.0.0.0/8").text
    assert left == "deny   [2001:db8::/32]:443\n"
    said = acme("turn", "peer", "forget", "acme", "10.0.0.0/8")
    assert said.status == 1
    assert "no rule about 10.0.0.0/8" in said.text


@pytest.mark.parametrize("rule", ["", "10.0.0.1/8", "10.0.0.0-10.0.0.9", "1.2.3.4:0", "a.example"])
@pytest.mark.parametrize("verb", ["allow", "deny", "forget"])
def test_a_malformed_rule_is_misuse(acme: Command, verb: str, rule: str) -> None:
    """A10: refused, never dropped."""
    said = acme("turn", "peer", verb, "acme", rule)
    assert said.status == 2
    assert "as in 192.0.2.0/24" in said.text
    assert acme("turn", "peer", "list", "acme", "--json").facts == []


# Everything -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("secret", "list", "nobody"), ("secret", "rotate", "nobody"), ("secret", "drop", "nobody"),
        ("user", "list", "nobody"), ("user", "set", "nobody", "x"), ("peer", "list", "nobody"),
        ("peer", "allow", "nobody", "10.0.0.0/8"), ("revoke", "nobody"), ("revoke", "nobody:x"),
    ],
)  # fmt: skip
def test_nobody_has_no_keys(command: Command, arguments: tuple[str, ...]) -> None:
    said = command("turn", *arguments)
    assert said.status == 1
    assert "there is no customer nobody; `customer list` shows them" in said.text


def test_a_running_daemon_is_told_of_every_change(
    acme: Command, tmp_path: Path, file: Path
) -> None:
    told: list[dict[str, Any]] = []
    changes = (
        ("secret", "set", "acme", "--file", str(file)),
        ("secret", "rotate", "acme"),
        ("secret", "drop", "acme"),
        ("user", "set", "acme", "alice"),
        ("user", "remove", "acme", "alice"),
        ("peer", "allow", "acme", "10.0.0.0/8"),
        ("peer", "deny", "acme", "10.0.0.0/8"),
        ("peer", "forget", "acme", "10.0.0.0/8"),
    )
    with listening(tmp_path / "admin.sock", {"customer-changed": told.append}):
        for change in changes:
            assert acme("turn", *change).status == 0
        for kind in ("secret", "user", "peer"):
            acme("turn", kind, "list", "acme")
    assert told == [{"verb": "customer-changed", "ucsid": "acme"}] * len(changes)
