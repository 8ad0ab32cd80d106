"""What certbot is told, and what is read of what it tells; certbot itself is in tests/interop."""

import shlex
import sys
from pathlib import Path

import pytest

from procall_mobility.commands import setup_acme
from procall_mobility.commands.certificate_pairs import PairFiles
from procall_mobility.commands.settings import SYSTEM_FILE, Place
from procall_mobility.commands.setup import UNIT, next_step
from procall_mobility.commands.setup_acme import files_in, hook, is_renewed, name_of, order
from procall_mobility.commands.setup_choices import Acme
from procall_mobility.commands.setup_file import Plan
from procall_mobility.config import Settings, parse
from tests.cli.first_start import Machine
from tests.daemon import ROOT

HOST, CONFIG = "mobility.example.net", Path("/etc/procall-mobility/procall-mobility.toml")
TOLD = """
Saving debug log to /var/log/letsencrypt/letsencrypt.log

Found the following matching certs:
  Certificate Name: procall-mobility
    Serial Number: 3f2a
    Domains: mobility.example.net
    Expiry Date: 2027-02-25 20:18:42+00:00 (VALID: 89 days)
    Certificate Path: /etc/letsencrypt/live/procall-mobility/fullchain.pem
    Private Key Path: /etc/letsencrypt/live/procall-mobility/privkey.pem
"""


def test_certbot_is_told_all_it_needs_to_renew_alone() -> None:
    acme = Acme(email="operator@example.net", agrees=True)
    assert order(acme, HOST, "procall-mobility", "take it") == [
        "certonly", "--non-interactive", "--cert-name", "procall-mobility", "-d", HOST,
        "--keep-until-expiring", "--renew-with-new-domains", "--deploy-hook", "take it",
        "--standalone", "--email", "operator@example.net", "--no-eff-email", "--agree-tos",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "name"),
    [(CONFIG, "procall-mobility"), (Path("/srv/mobility.toml"), "procall-mobility-mobility")],
)
def test_certbot_calls_it_by_a_name_that_is_ours(file: Path, name: str) -> None:
    """One called `mobility` may be of the web server beside us, and would be replaced."""
    assert name_of(file) == name


@pytest.mark.parametrize("host", ["192.0.2.7", "[2001:db8::7]"])
def test_an_address_gets_no_certificate_and_nothing_is_done(tmp_path: Path, host: str) -> None:
    said = Machine(tmp_path).setup("--host", host, "--acme", "--agree-tos", "--json")
    assert said.status == 1
    assert f"not for addresses such as {host.strip('[]')}; name one by --host" in said.text
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_agreed_to_and_nobody_named_unless_the_operator_does() -> None:
    told = order(Acme(), HOST, "x", "take it")
    assert "--agree-tos" not in told
    assert "--register-unsafely-without-email" in told


@pytest.mark.parametrize(
    ("acme", "expected"),
    [
        (Acme(port=8080), "--standalone --http-01-port 8080"),
        (Acme(webroot=Path("/var/www")), "--webroot --webroot-path /var/www"),
        (Acme(server="https://ca.example/dir"), "--server https://ca.example/dir"),
    ],
)
def test_the_challenge_is_shown_as_chosen(acme: Acme, expected: str) -> None:
    assert expected in shlex.join(order(acme, HOST, "x", "take it"))


def test_the_hook_is_the_program_that_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "procall-mobility"
    program.touch(mode=0o755)
    monkeypatch.setattr(setup_acme.sys, "argv", [str(program)])
    assert hook(CONFIG) == f"{program} --config {CONFIG} install-certificate"


def test_the_hook_works_from_everywhere_without_an_installed_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """certbot starts it by a shell, in a folder and with an environment of its own."""
    monkeypatch.setattr(setup_acme.sys, "argv", ["-c"])
    config = tmp_path / "a file.toml"
    interpreter, *options, program, flag, file, command = shlex.split(hook(config))
    assert [interpreter, *options] == [sys.executable, "-P", "-c"]
    assert f'sys.path.insert(0, "{ROOT}")' in program
    assert compile(program, "hook", "exec")
    assert [flag, file, command] == ["--config", str(config), "install-certificate"]


def test_where_the_certificate_is_certbot_tells() -> None:
    folder = Path("/etc/letsencrypt/live/procall-mobility")
    assert files_in(TOLD) == PairFiles(folder / "fullchain.pem", folder / "privkey.pem")
    assert files_in("No certificates found.\n") is None


def test_whether_somebody_renews_is_seen_by_what_packages_bring(tmp_path: Path) -> None:
    assert not is_renewed(tmp_path)
    (tmp_path / "etc/cron.d").mkdir(parents=True)
    (tmp_path / "etc/cron.d/certbot").touch()
    assert is_renewed(tmp_path)


@pytest.mark.parametrize(
    ("file", "before", "has_systemd", "expected"),
    [
        (SYSTEM_FILE, None, True, "systemctl enable --now procall-mobility"),
        (SYSTEM_FILE, None, False, "procall-mobility run"),
        (Path("/srv/m y.toml"), None, True, "procall-mobility --config '/srv/m y.toml' run"),
    ],
)
def test_what_comes_next_is_systemds_where_it_runs_the_service(
    tmp_path: Path, file: Path, before: str | None, has_systemd: bool, expected: str
) -> None:
    if has_systemd:
        (tmp_path / "run/systemd/system").mkdir(parents=True)
        unit = tmp_path / "usr/lib/systemd/system" / UNIT
        unit.parent.mkdir(parents=True)
        unit.touch()
    settings = parse(f'[service]\norigin = "https://x.example"\n[admin]\nsocket = "{tmp_path}/x"')
    assert isinstance(settings, Settings)
    assert next_step(Plan(Place(file), before, "text", settings), tmp_path) == expected
