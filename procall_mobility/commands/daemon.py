"""Commands about the daemon: `run`, `check-config`, `status`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from procall_mobility.commands.settings import (
    BAD_SETTINGS,
    Place,
    failed,
    json_option,
    show,
)
from procall_mobility.config import Settings, SettingsError, load
from procall_mobility.operations import admin_client
from procall_mobility.operations.rendering import lasted


@click.command()
@click.pass_obj
def run(place: Place) -> None:
    """Run the daemon in the foreground, as systemd wants it."""
    place.settings()
    twistd = "from twisted.scripts.twistd import run; run()"
    arguments = [sys.executable, "-c", twistd, "--nodaemon", "--pidfile=", "--reactor=epoll"]
    arguments += ["--logger=procall_mobility.tap.early_log", "procall-mobility"]
    arguments += ["--config", str(place.file.resolve())]
    # Starting from the root keeps twistd from looking for plugins in whatever folder this is.
    root = str(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{root}{os.pathsep}{path}" if path else root
    sys.stdout.flush()
    os.execv(sys.executable, arguments)  # noqa: S606  # We become the daemon on purpose.


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check_config(file: Path, as_json: bool) -> None:
    """Tell everything that is wrong with a settings file; exit status 78 if anything is."""
    try:
        problems = [str(each) for each in _missing_files(load(file))]
    except SettingsError as error:
        problems = [str(each) for each in error.errors]
    facts = {"file": str(file), "ok": not problems, "errors": problems}
    show(facts, lambda: "\n".join(f"{file}: {p}" for p in problems) or "ok", as_json=as_json)
    if problems:
        sys.exit(BAD_SETTINGS)


@click.command()
@json_option
@click.pass_obj
def status(place: Place, as_json: bool) -> None:
    """Show links, sessions and counters of the running daemon."""
    try:
        facts = admin_client.ask(Path(place.settings().admin.socket), "status")
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    show(facts, lambda: _status_text(facts), as_json=as_json)


def _missing_files(settings: Settings) -> list[str]:
    """Find files that the settings name and nobody can read."""
    named = {}
    if settings.listen.tls or settings.listen.link:
        named["tls.certificate"] = settings.tls.certificate
        named["tls.key"] = settings.tls.key
    for index, server in enumerate(settings.ice.servers):
        named[f"ice.servers[{index}].secret_file"] = server.secret_file
        named[f"ice.servers[{index}].credential_file"] = server.credential_file
    if settings.demo.web_root:
        named["demo.web_root"] = settings.demo.web_root
    problems = []
    for name, path in named.items():
        if path and not os.access(path, os.R_OK):
            what = "cannot be read" if Path(path).exists() else "is not there"
            problems.append(f"{name}: {path} {what}")
    return problems


def _status_text(facts: dict[str, Any]) -> str:
    lines = [
        f"procall-mobility {facts['version']}  node {facts['node']}  up {lasted(facts['uptime'])}",
        "listening  " + ", ".join(facts["listening"]),
        f"links      {len(facts['links'])}",
    ]
    lines += [
        f"  {link['customer']} {link['name']}  {link['server']}  from {link['peer']}"
        f"  since {lasted(link['seconds'])}  {link['form']}"
        f"  sessions {link['sessions']}  sent {link['sent']}  received {link['received']}"
        for link in facts["links"]
    ]
    lines.append(f"sessions   {facts['sessions']}")
    for certificate in facts["certificates"]:
        names = ", ".join(certificate["names"])
        lines.append(f"certificate {names}  until {certificate['until']}")
    lines.append("counters")
    lines += [f"  {name}  {count}" for name, count in sorted(facts["counters"].items())]
    return "\n".join(lines)
