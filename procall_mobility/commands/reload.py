"""The command `reload`: the daemon reads its settings file again, or tells what would change."""

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
from procall_mobility.config import SettingsError, load
from procall_mobility.config.errors import in_file
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer

WITHIN = 30.0
"""Seconds for the answer: certificates are loaded, files read, ports opened."""


@click.command()
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@json_option
@click.pass_obj
def reload(place: Place, dry_run: bool, as_json: bool) -> None:
    """Have the daemon take over what its settings file says now.

    All that can change while it runs does, or nothing: exit status 78 tells that something is
    wrong, and all of it is told.
    """
    facts = _asked(place, dry_run=dry_run)
    show(facts, lambda: reload_text(facts, dry_run=dry_run), as_json=as_json)
    if Answer(facts)["errors"]:
        sys.exit(BAD_SETTINGS)


def reload_text(facts: Any, *, dry_run: bool) -> str:
    """Return what a reload has come to for people; its shape is that of the admin verb."""
    told = Answer(facts)
    if told["errors"]:
        lines = [in_file(told["file"], _error(each)) for each in told["errors"]]
        return "\n".join([*lines, "nothing has changed"])
    done, waits = ("would change", "would wait") if dry_run else ("changed", "waits")
    lines = [f"{done}: {each['path']}: {each['text']}" for each in told["changed"]]
    lines += [
        f"{waits} for a restart: {each['path']}: {each['text']} ({each['why']})"
        for each in told["waiting"]
    ]
    return "\n".join(lines) or "nothing differs"


def _asked(place: Place, *, dry_run: bool) -> Any:
    try:
        settings = load(place.file)
    except SettingsError as error:
        # The daemon would say the same, but its socket is named in there.
        told = [{"path": e.path, "line": e.line, "text": e.text} for e in error.errors]
        return {"file": str(place.file), "changed": [], "waiting": [], "errors": told}
    socket = Path(settings.admin.socket)
    try:
        return admin_client.ask(socket, "reload", WITHIN, dry_run=dry_run)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))


def _error(told: Answer) -> str:
    where = f"line {told['line']}: " if told["line"] else ""
    return f"{where}{told['path']}: {told['text']}" if told["path"] else f"{where}{told['text']}"
