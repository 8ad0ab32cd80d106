"""`push matrix` and `push mattermost`: whose pushes are taken."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.gateway.push.credentials import service_account


@pytest.fixture
def town(command: Command, tmp_path: Path) -> Command:
    """A customer with an application."""
    file = tmp_path / "account.json"
    file.write_bytes(service_account())
    command("customer", "add", "acme")
    command("push", "app", "add", "phones", "--provider", "fcm", "--credential-file", str(file))
    return command


GOES = ("--customer", "ACME", "--channel", "phones")


def test_an_application_of_matrix_is_mapped_listed_and_removed(town: Command) -> None:
    assert town("push", "matrix", "list").text == "nobody's pushes are taken\n"
    said = town("push", "matrix", "add", "im.example.*", *GOES)
    assert said.text == "im.example.* goes to phones\n"
    head, row = town("push", "matrix", "list").text.splitlines()
    assert head.split() == ["application", "customer", "channel"]
    assert row.split() == ["im.example.*", "acme", "phones"]
    facts = {"name": "im.example.*", "customer": "acme", "channel": "phones"}
    assert town("push", "matrix", "list", "--json").facts == [facts]
    assert town("push", "mattermost", "list", "--json").facts == []
    assert town("push", "matrix", "remove", "im.example.*").text == "im.example.* is removed\n"
    assert town("push", "matrix", "list", "--json").facts == []


def test_a_server_of_mattermosts_is_mapped_for_each_platform(town: Command) -> None:
    add = ("push", "mattermost", "add", "server-1", *GOES, "--platform")
    assert town(*add, "apple_rn").text == "server-1 apple_rn goes to phones\n"
    assert town(*add, "android*", "--json").facts["platform"] == "android*"
    rows = town("push", "mattermost", "list").text.splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [
        ["server-1", "android*"],
        ["server-1", "apple_rn"],
    ]
    remove = ("push", "mattermost", "remove", "server-1", "--platform")
    assert town(*remove, "apple_rn", "--json").facts == {"name": "server-1", "removed": True}
    said = town(*remove, "apple_rn")
    assert (said.status, "server-1 on apple_rn is not mapped" in said.text) == (1, True)


def test_what_would_go_nowhere_is_refused(town: Command) -> None:
    said = town("push", "matrix", "add", "im", "--customer", "acme", "--channel", "none")
    assert said.status == 1
    assert "acme has no application none" in said.text
    assert town("push", "matrix", "add", "im", "--customer", "acme").status == 2
