"""`check-config`, `status`, `run`, and what all commands have in common."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from procall_mobility import __version__
from procall_mobility.cli import main
from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

LINK = {
    "customer": "acme",
    "name": "node1",
    "server": "UCServer \x1b[2J 8.3",
    "peer": "203.0.113.9",
    "seconds": 22_320.0,
    "form": "json",
    "sessions": 3,
    "sent": 10,
    "received": 12,
}
STATUS: dict[str, Any] = {
    "version": "1.0",
    "node": "node1",
    "uptime": 90_000.0,
    "listening": ["0.0.0.0:443", "[::]:443"],
    "connections": 7,
    "links": [LINK],
    "sessions": 3,
    "relay": {
        "allocations": 2,
        "kernel-packets": 2_500,
        "kernel-octets": 400_000,
        "python-packets": 12,
        "python-octets": 1_920,
    },
    "datapath": "kernel",
    "counters": {"session opened": 5, "login refused": 1},
    "certificates": [{"file": "/x", "names": ["mobility.example.net"], "until": "2027-01-01"}],
    "waiting": [],
}


def test_settings_without_fault_are_ok(command: Command, config: Path, tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").touch()
    (tmp_path / "key.pem").touch(mode=0o600)
    said = command("check-config", str(config))
    assert (said.status, said.text) == (0, "ok\n")
    assert command("check-config").text == "ok\n", "without FILE, those in use"
    assert command("check-config", "--json").facts == {
        "file": str(config),
        "ok": True,
        "errors": [],
        "notes": [],
    }


def test_a_file_that_is_not_there_yet_is_a_note_and_no_error(
    command: Command, tmp_path: Path
) -> None:
    said = command("check-config")
    assert said.status == 0
    assert said.text.splitlines() == [
        "ok",
        f"note: tls.certificate: {tmp_path}/certificate.pem is not there",
        f"note: tls.key: {tmp_path}/key.pem is not there",
    ]
    (tmp_path / "key.pem").symlink_to("/nowhere/key.pem")
    assert "key.pem cannot be read from here" in command("check-config").text


def test_all_errors_of_the_settings_are_told_with_status_78(
    command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("[service]\nnode = 1\n[tsl]\n")
    said = command("check-config", str(file))
    assert said.status == 78
    assert said.text.splitlines() == [
        f'{file}: line 2: service.node: expected a text like "node1"',
        f'{file}: line 3: tsl: no such setting; did you mean "tls"?',
        f"{file}: service.origin: needed: what clients are told, as in "
        '"https://mobility.example.net"',
    ]
    said = command("check-config", str(file), "--json")
    assert said.status == 78
    assert said.facts["ok"] is False
    assert said.facts["errors"][1] == {
        "path": "tsl",
        "line": 3,
        "text": 'no such setting; did you mean "tls"?',
    }


@pytest.mark.parametrize(
    "arguments", [("run",), ("status",), ("customer", "list"), ("customer", "add", "x")]
)
def test_every_command_ends_with_78_when_the_settings_are_wrong(
    command: Command, config: Path, arguments: tuple[str, ...]
) -> None:
    config.write_text("[x]\n[y]\n")
    said = command(*arguments)
    assert said.status == 78
    assert "line 1: x: no such setting" in said.text
    assert "line 2: y: no such setting" in said.text


def test_the_settings_are_found_by_the_environment_too(config: Path) -> None:
    environment = {"PROCALL_MOBILITY_CONFIG": str(config)}
    said = CliRunner(env=environment).invoke(main, ["customer", "list", "--json"])
    assert (said.exit_code, said.output) == (0, "[]\n")


def test_the_option_goes_before_the_environment(config: Path, tmp_path: Path) -> None:
    environment = {"PROCALL_MOBILITY_CONFIG": str(tmp_path / "nowhere.toml")}
    arguments = ["--config", str(config), "customer", "list", "--json"]
    assert CliRunner(env=environment).invoke(main, arguments).exit_code == 0


def test_without_either_it_is_the_systems_file() -> None:
    said = CliRunner(env={"PROCALL_MOBILITY_CONFIG": None}).invoke(main, ["--help"])
    assert "/etc/procall-mobility/procall-mobility.toml" in "".join(said.output.split())


def test_the_version_is_told(command: Command) -> None:
    assert command("--version").text == f"procall-mobility, version {__version__}\n"


@pytest.mark.parametrize("arguments", [("nonsense",), ("customer", "add"), ("run", "--x")])
def test_misuse_has_status_2(command: Command, arguments: tuple[str, ...]) -> None:
    assert command(*arguments).status == 2


def test_the_status_of_the_daemon_is_shown(command: Command, tmp_path: Path) -> None:
    with listening(tmp_path / "admin.sock", {"status": lambda _: STATUS}):
        text = command("status").text
        assert command("status", "--json").facts == STATUS
    assert text == (
        "procall-mobility 1.0, node node1, up 1 d 1 h\n"
        "\n"
        "listening     0.0.0.0:443, [::]:443\n"
        "connections   7\n"
        "sessions      3\n"
        "server links  1\n"
        "relays        2, bound channels over UDP by kernel\n"
        "  by kernel   2500 packets, 400 kB\n"
        "  by python   12 packets, 1.92 kB\n"
        "certificate   mobility.example.net, valid until 2027-01-01\n"
        "\n"
        "CUSTOMER  LINK   SERVER                  FROM         FOR         FORM  SESSIONS  SENT"
        "  RECEIVED\n"
        'acme      node1  "UCServer \\x1b[2J 8.3"  203.0.113.9  6 h 12 min  json  3         10  '
        "  12\n"
        "\n"
        "login refused   1\n"
        "session opened  5\n"
    )


def test_a_fresh_daemon_has_a_short_status(command: Command, tmp_path: Path) -> None:
    fresh = STATUS | {"links": [], "counters": {}, "certificates": [], "listening": []}
    fresh |= {"relay": None, "datapath": None}  # It is switched off.
    with listening(tmp_path / "admin.sock", {"status": lambda _: fresh}):
        assert command("status").text.splitlines()[2:] == [
            "listening     -",
            "connections   7",
            "sessions      3",
            "server links  0",
        ]


def test_a_daemon_that_does_not_run_is_told(command: Command) -> None:
    said = command("status", "--json")
    assert said.status == 1
    assert "no daemon listens on" in said.text
