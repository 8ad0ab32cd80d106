"""Commands about the daemon: `run`, `check-config`, `status`."""

import os
import sys
from pathlib import Path

import click

from procall_mobility.commands.settings import (
    BAD_SETTINGS,
    Place,
    failed,
    json_option,
    show,
)
from procall_mobility.commands.status import status_text
from procall_mobility.config import SettingError, Settings, SettingsError, load
from procall_mobility.config.errors import in_file
from procall_mobility.config.secret_files import secret_files
from procall_mobility.operations import admin_client, listen_fds, starter, starting


@click.command()
@click.pass_obj
def run(place: Place) -> None:
    """Run the daemon in the foreground, as systemd wants it."""
    # Where we take over, the daemon before is told what is wrong; so it is looked for later.
    if starter.CHANNEL not in os.environ:
        place.settings()
    twistd = "from twisted.scripts.twistd import run; run()"
    # -P: plugins and modules come from where we are installed, not from the current folder.
    arguments = [sys.executable, "-P", "-c", twistd]
    arguments += ["--nodaemon", "--pidfile=", "--reactor=epoll"]
    arguments += ["--logger=procall_mobility.tap.early_log", "procall-mobility"]
    arguments += ["--config", str(place.file.resolve())]
    # twistd finds our plugin beside the package, also in a source tree that is not installed.
    root = str(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    # It is started as we are now: with what the daemon gives up, and this very command line.
    descriptor, _starter = starting.launch(sys.orig_argv)
    listen_fds.put_aside(os.environ)
    os.environ[starting.VARIABLE] = str(descriptor)
    os.environ["PYTHONPATH"] = f"{root}{os.pathsep}{path}" if path else root
    sys.stdout.flush()
    os.execv(sys.executable, arguments)  # noqa: S606  # We become the daemon on purpose.


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@json_option
@click.pass_obj
def check_config(place: Place, file: Path | None, as_json: bool) -> None:
    """Tell everything that is wrong with a settings file; exit status 78 if anything is.

    Without FILE, the one in use is checked.
    """
    file = file or place.file
    errors: tuple[SettingError, ...] = ()
    notes: list[str] = []
    try:
        notes = _missing_files(load(file))
    except SettingsError as error:
        errors = error.errors
    facts = {
        "file": str(file),
        "ok": not errors,
        "errors": [{"path": e.path, "line": e.line, "text": e.text} for e in errors],
        "notes": notes,
    }
    lines = [in_file(file, str(error)) for error in errors] or ["ok"]
    lines += [f"note: {note}" for note in notes]
    show(facts, lambda: "\n".join(lines), as_json=as_json)
    if errors:
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
    show(facts, lambda: status_text(facts), as_json=as_json)


def _missing_files(settings: Settings) -> list[str]:
    """Find files that the settings name and we cannot read.

    They are no errors: settings are also checked where the daemon will not run, and before its
    certificate has come.
    """
    named = {"tls.certificate": settings.tls.certificate, "demo.web_root": settings.demo.web_root}
    named |= {name: str(file) for name, file, _ in secret_files(settings)}
    found = []
    for name, path in named.items():
        if path and not os.access(path, os.R_OK, effective_ids=True):
            what = "is not there" if _is_missing(path) else "cannot be read from here"
            found.append(f"{name}: {path} {what}")
    return found


def _is_missing(path: str) -> bool:
    """Tell whether there surely is no such file; nobody knows that of a closed folder."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
