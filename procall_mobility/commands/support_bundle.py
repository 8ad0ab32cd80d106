"""`procall-mobility support-bundle`: what support needs to know, in one file."""

import datetime
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from procall_mobility import __version__
from procall_mobility.commands.changes import read
from procall_mobility.commands.doctor import authorities_option
from procall_mobility.commands.settings import BAD_SETTINGS, Place, failed, json_option, show
from procall_mobility.commands.whole_files import WholeFile, put_new
from procall_mobility.config import Settings, SettingsError, load
from procall_mobility.diagnosis import Wishes
from procall_mobility.diagnosis.bundle.collecting import Collecting, finding_lines
from procall_mobility.diagnosis.bundle.report import KINDS, PRIORITIES, FaultReport, form
from procall_mobility.diagnosis.bundle.sections import Section, bounded, rendered
from procall_mobility.diagnosis.bundle.shown_settings import taken_at
from procall_mobility.diagnosis.bundle.versions import versions
from procall_mobility.diagnosis.examination import of_settings

UNITS = {"min": 60, "h": 3600, "d": 86_400}
_AGO = re.compile(r"(\d{1,4}) ?(min|h|d)")

TAKEN = "{} is there already; --output names another one"

MODE = 0o600
"""Its owner's alone: there are no secrets in it, and names of customers are nobody's business."""


def since_when(context: click.Context, parameter: click.Parameter, value: str) -> Any:
    """Read `30min`, `24h`, `3d`, or a date with or without a time."""
    found = _AGO.fullmatch(value)
    if found:
        now = datetime.datetime.now().astimezone()
        return now - datetime.timedelta(seconds=int(found[1]) * UNITS[found[2]])
    try:
        told = datetime.datetime.fromisoformat(value)
        # Both go wrong, too, at the ends of time.
        told.timestamp()
        return told if told.tzinfo is not None else told.astimezone()
    except (ValueError, OverflowError):
        text = f'{value!r}: expected "30min", "24h", "3d" or "2026-11-22T09:00"'
        raise click.BadParameter(text) from None


@click.command("support-bundle")
@click.option("--customer", metavar="UCSID", help="Only what is about this customer.")
@click.option(
    "--since",
    metavar="TIME",
    callback=since_when,
    default="24h",
    show_default=True,
    help="Log lines from then on: 30min, 24h, 3d, or a date and time.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; else one named after the time, here.",
)
@authorities_option
@click.option("--offline", is_flag=True, help="Call no push provider.")
@click.option("--when", help="When the fault was, for the form at the top.")
@click.option("--duration", help="How long it lasted.")
@click.option("--kind", type=click.Choice(KINDS), help="Whom it is about.")
@click.option("--extent", help="Who is concerned, and how many.")
@click.option("--reproducible", help="Whether and how it can be repeated.")
@click.option("--steps", help="What was tried, and what came of it.")
@click.option("--priority", type=click.Choice([*PRIORITIES]), help="How bad it is.")
@json_option
@click.pass_obj
def support_bundle(
    place: Place,
    /,
    customer: str | None,
    since: datetime.datetime,
    output: Path | None,
    authorities: Path | None,
    offline: bool,
    as_json: bool,
    **reported: Any,
) -> None:
    """Write what support needs to know into one file that a person can read.

    Versions, what the doctor says, settings, health, metrics, and the log books' lines: without
    secrets, and with shortened addresses.  A fault report's form stands at the top.
    """
    report = FaultReport(time=reported.pop("when"), **reported)
    file = output or Path(time.strftime("procall-mobility-support-%Y%m%dT%H%M%S.txt"))
    _check_place(file)
    sections: list[Section] = []
    status = 0
    try:
        settings = load(place.file)
    except SettingsError as error:
        status = BAD_SETTINGS
        lines = [line for each in of_settings(place.file, error) for line in finding_lines(each)]
        sections = [bounded("Versions", versions()), bounded("What the doctor says", lines)]
        sections.append(bounded("The rest", (), ("all of it: the settings cannot be used",)))
    else:
        if customer is not None:
            customer = _ucsid(place, customer)
        wishes = Wishes(authorities=authorities, calls_providers=not offline, customer=customer)
        sections = _collected(settings, wishes, since)
    heading = _heading(report, customer, since)
    text = "\n".join([*rendered(heading, sections), ""])
    _write(file, text)
    facts = {
        "file": str(file.absolute()),
        "octets": len(text.encode("utf-8", "replace")),
        "sections": [each.title for each in sections],
        "left_out": {each.title: list(each.left_out) for each in sections if each.left_out},
    }
    show(facts, lambda: f"{facts['file']}: {facts['octets']} octets", as_json=as_json)
    sys.exit(status)


def _ucsid(place: Place, name: str) -> str:
    """Return who it is that has a name, for nothing else stands in logs and answers."""
    found = read(place, lambda store: store.find(name))
    if found is None:
        failed(f"there is no customer {name}; `customer list` shows them")
    return found.ucsid


def _collected(settings: Settings, wishes: Wishes, since: datetime.datetime) -> list[Section]:
    """Collect all, and say on standard error how far that is."""
    found = []
    started = time.monotonic()
    collecting = Collecting(settings=settings, wishes=wishes, since=since, now=time.time)
    for section in collecting.sections():
        took = time.monotonic() - started
        click.echo(f"{took:5.1f} s  {section.title}: {len(section.lines)} lines", err=True)
        for each in section.left_out:
            click.echo(f"{'':9}left out: {each}", err=True)
        found.append(section)
    return found


def _heading(report: FaultReport, customer: str | None, since: datetime.datetime) -> Iterator[str]:
    yield f"FAULT REPORT, procall-mobility {__version__}"
    yield ""
    yield from form(report)
    yield ""
    first = since.isoformat(timespec="seconds")
    yield f"Taken at {taken_at(time.time())}; log lines since {first}."
    yield f"About {customer or 'all customers'}.  Please read it before you hand it on."


def _check_place(file: Path) -> None:
    """See, before anything is collected, whether there may be a new file."""
    if str(file) == "-":
        raise click.UsageError("--output: a bundle is a file, which its owner alone can read")
    if os.path.lexists(file):
        failed(TAKEN.format(file))
    if not os.access(file.parent, os.W_OK | os.X_OK):
        failed(f"{file.parent}: no folder that this account may write to; --output names another")


def _write(file: Path, text: str) -> None:
    """Write a new file, whole, which its owner alone can read; one that is there stays."""
    try:
        put_new(WholeFile(file, text.encode("utf-8", "replace"), MODE))
    except FileExistsError:
        failed(TAKEN.format(file))
    except OSError as error:
        failed(f"{file}: {error.strerror}")
