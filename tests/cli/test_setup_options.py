"""The options of `setup`: which belong together, and what each may be."""

from pathlib import Path

import pytest

from tests.cli.first_start import Machine

HERE = str(Path(__file__))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ((), "--host is needed"),
        (("--host", "a b/c"), "'a b/c': expected a name that clients can call"),
        (("--host", "http://x.example"), "expected a name"),
        (("--host", "x.example:0"), "expected a name"),
        (("--host", "x..example"), "expected a name"),
        (("--host", "[12345::]"), "expected a name"),
        (
            ("--host", "b\u00fccher.example"),
            "'b\u00fccher.example': write it in the letters of the DNS",
        ),
        (("--host", "2001:db8::7"), "stands in brackets, as in [2001:db8::7]"),
        (("--certificate", HERE), "--certificate and --key belong together"),
        (("--key", HERE), "--certificate and --key belong together"),
        (("--acme", "--certificate", HERE, "--key", HERE), "either --acme or --certificate"),
        (("--in-place",), "--in-place is of --certificate and --key"),
        (("--email", "a@b.example", "--agree-tos"), "--email, --agree-tos: of --acme"),
        (("--acme-port", "8080"), "--acme-port: of --acme"),
        (("--acme", "--acme-webroot", "/", "--acme-port", "80"), "one of both listens"),
        (("--acme", "--host", "x.example"), "--acme needs --agree-tos, or --ask"),
        (("--customer", "-x-"), "'-x-': letters, digits and hyphens"),
        (("--customer", "x", "--alias", "@"), "'@' is no domain"),
        (("--alias", "x.example"), "--alias, --note and --password-file are of --customer"),
        (("--password-file", "-"), "--alias, --note and --password-file are of --customer"),
        (("--set", "origin"), "'origin': expected NAME=VALUE"),
        (("--set", "origin=x"), "'origin=x': expected NAME=VALUE"),
    ],
)
def test_what_makes_no_sense_is_told_with_status_2_and_nothing_is_done(
    machine: Machine, options: tuple[str, ...], wrong: str
) -> None:
    said = machine.setup(*options)
    assert said.status == 2
    assert wrong in said.text
    assert list(machine.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("mobility.example.net", "https://mobility.example.net"),
        ("https://mobility.example.net/", "https://mobility.example.net"),
        ("mobility.example.net:443", "https://mobility.example.net"),
        ("mobility.example.net:8443", "https://mobility.example.net:8443"),
        ("HTTPS://Mobility.Example.Net.:8443", "https://mobility.example.net:8443"),
        ("[2001:DB8::7]", "https://[2001:db8::7]"),
    ],
)
def test_a_host_is_a_name_with_or_without_a_port(machine: Machine, host: str, origin: str) -> None:
    assert machine.setup("--host", host).status == 0
    assert machine.settings.service.origin == origin


def test_a_setting_is_given_as_toml_or_as_a_text(machine: Machine) -> None:
    said = machine.setup(
        "--host", "x.example", "--set", "log.format=json", "--set", 'log.level = "debug"',
        "--set", "connections.total=70", "--set", 'turn.relay=["192.0.2.7"]',
        "--set", 'ice.servers=[{ urls = ["stun:stun.example.net:3478"] }]',
        "--set", "turn.realm=a = b # c",
    )  # fmt: skip
    assert said.status == 0
    settings = machine.settings
    assert (settings.log.format, settings.log.level) == ("json", "debug")
    assert (settings.connections.total, settings.turn.relay) == (70, ("192.0.2.7",))
    assert settings.ice.servers[0].urls == ("stun:stun.example.net:3478",)
    assert settings.turn.realm == "a = b # c"


def test_a_value_adds_no_line_to_the_file(machine: Machine) -> None:
    said = machine.setup("--host", "x.example", "--set", "log.format='json'\n[demo]\n")
    assert said.status == 78
    assert "log.format: expected one of" in said.text


def test_a_daemon_without_tls_needs_no_name(machine: Machine) -> None:
    """It tells clients what they called, behind a proxy of a demonstration."""
    assert machine.setup("--set", "demo.origin_from_request=true").status == 0
    assert machine.settings.service.origin == ""


def test_an_account_that_is_not_there_is_told(machine: Machine) -> None:
    said = machine.setup("--host", "x.example", "--user", "no-such-account")
    assert said.status == 1
    assert "there is no account no-such-account on this machine" in said.text
    assert not machine.file.exists()
