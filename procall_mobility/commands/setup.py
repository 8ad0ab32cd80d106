"""`procall-mobility setup`: from an installed program to a daemon that can be started."""

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from procall_mobility.commands import accounts
from procall_mobility.commands.accounts import AccountError
from procall_mobility.commands.certificate_pairs import PairFiles, host_of
from procall_mobility.commands.changes import STANDARD_INPUT
from procall_mobility.commands.doctor import authorities_option
from procall_mobility.commands.settings import SYSTEM_FILE, Failed, Place, failed, json_option
from procall_mobility.commands.setup_acme import AcmeError, hook, name_of, order
from procall_mobility.commands.setup_choices import Choices, beside
from procall_mobility.commands.setup_file import Found, Plan, plan
from procall_mobility.commands.setup_options import choice_options, choices_of
from procall_mobility.commands.setup_questions import (
    ask_agreement,
    ask_certificate,
    ask_customer,
    ask_host,
)
from procall_mobility.commands.setup_steps import (
    Report,
    has_certificate,
    has_customers,
    look_around,
    look_at_given,
    make_folders,
    see_to_certificate,
    take_in,
    write_settings,
)
from procall_mobility.operations import admin_client
from procall_mobility.storage.errors import StoreError
from procall_mobility.transports.certificate_files import CertificateError

UNITS = ("etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system")
UNIT = "procall-mobility.service"


@click.command()
@choice_options
@click.option("--force", is_flag=True, help="Write a settings file anew that is there already.")
@click.option("--dry-run", is_flag=True, help="Print the settings file, and do nothing.")
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing; as on a terminal.")
@click.option("--checks/--no-checks", default=True, help="Look for what is wrong, as doctor does.")
@authorities_option
@json_option
@click.pass_obj
def setup(
    place: Place,
    /,
    force: bool,
    dry_run: bool,
    ask: bool | None,
    checks: bool,
    authorities: Path | None,
    as_json: bool,
    user: str,
    **said: Any,
) -> None:
    """Prepare the first start: settings, certificate, folders, first customer.

    It may be run again: what is there is kept, and only what is missing is done. A settings file
    is replaced by --force alone, with the other settings it has, and a backup beside it. The
    password of the customer's server is made, and shown once, unless it is given.
    """
    found = Found.at(place)
    asks = sys.stdin.isatty() if ask is None else ask
    if asks and said["password_file"] == STANDARD_INPUT:
        raise click.UsageError("standard input cannot give the password and the answers too")
    choices = choices_of(said)
    if asks:
        choices = _asked(choices, found)
    elif choices.acme is not None and not choices.acme.agrees:
        raise click.UsageError("--acme needs --agree-tos, or --ask: the authority has its terms")
    planned = plan(found, choices, force=force)
    report = Report(as_json)
    with _told(report):
        look_at_given(choices, planned)
        account = accounts.of_daemon(planned.settings, user)
        if dry_run:
            _show(planned, choices, report)
            return
        if asks and choices.customer is None and not has_customers(planned.settings):
            choices = ask_customer(choices)
        write_settings(planned, report)
        make_folders(planned.settings, account, report)
        see_to_certificate(choices, planned, report)
        take_in(choices.customer, place, report)
        well = look_around(planned, authorities, report) if checks else True
        step = next_step(planned)
        report.tell("next", step, step if well else f"put right what is wrong, then {step}")
    if not well:
        sys.exit(1)


def next_step(planned: Plan, root: Path = Path("/")) -> str:
    """Return the command that comes next: that which starts the daemon, unless one runs."""
    file = planned.place.file
    has_systemd = (root / "run/systemd/system").is_dir() and any(
        (root / folder / UNIT).is_file() for folder in UNITS
    )
    if file == SYSTEM_FILE and has_systemd:
        if not _runs(planned):
            return "systemctl enable --now procall-mobility"
        if planned.state != "kept":
            return "systemctl reload procall-mobility"
    return f"{planned.place.program} {'status' if _runs(planned) else 'run'}"


def _asked(choices: Choices, found: Found) -> Choices:
    """Ask for what is missing, and cannot be found."""
    if found.says_nothing:
        if "service.origin" not in choices.said():
            choices = ask_host(choices)
        target = beside(found.place.file)
    else:
        target = PairFiles.of(found.place.settings())
    if choices.acme is None and choices.files is None and not has_certificate(target):
        choices = ask_certificate(choices)
    return ask_agreement(choices)


def _show(planned: Plan, choices: Choices, report: Report) -> None:
    """Show what would be done, and what the settings file would say."""
    file = planned.place.file
    ordered = None
    if choices.acme is not None:
        host = host_of(planned.settings.service.origin)
        ordered = ["certbot", *order(choices.acme, host, name_of(file), hook(file))]
        report.note(f"this would be run: {shlex.join(ordered)}")
    report.facts |= {
        "settings": {"file": str(file), "state": planned.state, "text": planned.text},
        "certbot": ordered,
    }
    if not report.as_json:
        report.note(f"{file} would be {planned.state}; it would say")
        click.echo(planned.text, nl=False)


def _runs(planned: Plan) -> bool:
    try:
        admin_client.ask(Path(planned.settings.admin.socket), "status")
    except (admin_client.NotRunningError, admin_client.AdminError):
        return False
    return True


@contextlib.contextmanager
def _told(report: Report) -> Iterator[None]:
    """Tell machines what was done, also when it ends early: a password is shown only once."""
    try:
        yield
    except (AccountError, AcmeError, CertificateError, StoreError, OSError) as error:
        text = str(error)
        if isinstance(error, OSError):
            text = ": ".join(str(each) for each in (error.filename, error.strerror) if each)
        if isinstance(error, PermissionError) and os.geteuid() != 0:
            text += "; run this as root, or keep all in folders of your own: --config and --data"
        report.facts["failed"] = text
        failed(text)
    except Failed as ended:
        report.facts["failed"] = ended.text
        raise
    finally:
        if report.as_json:
            click.echo(json.dumps(report.facts, indent=2, ensure_ascii=False))
