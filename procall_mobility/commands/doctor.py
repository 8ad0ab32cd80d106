"""`procall-mobility doctor`: what is wrong, in plain words, and what to do about it."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from attrs import asdict, evolve
from cryptography import x509

from procall_mobility.commands.settings import (
    BAD_SETTINGS,
    PROGRAM,
    Place,
    failed,
    json_option,
    show,
)
from procall_mobility.config import SettingsError, load
from procall_mobility.config.small_files import read_small
from procall_mobility.diagnosis import Finding, State, Wishes, diagnose
from procall_mobility.diagnosis.examination import (
    diagnose_from_outside,
    of_settings,
    settings_are_well,
)
from procall_mobility.diagnosis.findings import WORST_FIRST, is_well
from procall_mobility.operations.rendering import visible

WIDTH = 8
"""Of the column that says how it is; `warning` is the longest."""

_OURS = re.compile(rf"(?<=`){PROGRAM}(?= )(?! doctor --from-outside)|(?<=`sudo ){PROGRAM}(?= )")
"""Our commands in findings, but for the one that is typed in elsewhere."""


def _authorities(context: click.Context, parameter: click.Parameter, file: Path | None) -> Any:
    """See whether a file has the certificates of authorities."""
    if file is not None:
        try:
            x509.load_pem_x509_certificates(read_small(file))
        except OSError as error:
            raise click.BadParameter(f"{file}: {error.strerror}") from error
        except ValueError as error:
            raise click.BadParameter(
                f"{file}: no certificate in PEM form, which begins with BEGIN CERTIFICATE; "
                "convert it with `openssl x509 -inform DER`"
            ) from error
    return file


authorities_option = click.option(
    "--ca",
    "authorities",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=_authorities,
    help="PEM file of authorities to trust besides this machine's.",
)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Show what is well, too.")
@authorities_option
@click.option("--time-server", metavar="HOST", help="Compare the clock with this one's (SNTP).")
@click.option("--offline", is_flag=True, help="Call no push provider.")
@click.option(
    "--from-outside",
    "outside",
    metavar="HOST",
    help="Look at the relay of another machine from here, and at nothing of this one.",
)
@json_option
@click.pass_obj
def doctor(
    place: Place,
    everything: bool,
    authorities: Path | None,
    time_server: str | None,
    offline: bool,
    outside: str | None,
    as_json: bool,
) -> None:
    """Say what is wrong with this machine, its settings and its daemon, and what to do.

    Nothing is changed, and no daemon has to run.  The exit status is 0 when nothing is wrong,
    1 when something is, and 78 when the settings file cannot be used.
    """
    if outside is not None:
        try:
            _end(diagnose_from_outside(outside, authorities), everything=True, as_json=as_json)
        except OSError as error:
            failed(f"{authorities}: {error.strerror or error}")
        return
    try:
        settings = load(place.file)
    except SettingsError as error:
        _show(of_settings(place.file, error), everything=everything, as_json=as_json)
        sys.exit(BAD_SETTINGS)
    wishes = Wishes(authorities=authorities, time_server=time_server, calls_providers=not offline)
    found = [settings_are_well(place.file), *diagnose(settings, wishes)]
    _end(for_place(place, found), everything=everything, as_json=as_json)


def for_place(place: Place, findings: Sequence[Finding]) -> list[Finding]:
    """Have the commands in findings be about these settings, so that they can be typed in."""

    def ours(text: str) -> str:
        return _OURS.sub(lambda _: place.program, text)

    return [evolve(each, what=ours(each.what), cure=ours(each.cure)) for each in findings]


def facts_of(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return findings as JSON has them."""
    return {"ok": is_well(findings), "findings": [asdict(each) for each in findings]}


def text_of(findings: Sequence[Finding], *, everything: bool) -> str:
    """Return findings for people: the worst first, and at last how many there are."""
    lines = []
    for state in WORST_FIRST:
        for each in findings:
            if each.state is state and (everything or state is not State.OK):
                lines.append(f"{state.value:<{WIDTH}}{visible(each.what)}")
                if each.cure:
                    lines.append(f"{'':<{WIDTH}}-> {visible(each.cure)}")
    counts = {state: sum(each.state is state for each in findings) for state in WORST_FIRST}
    told = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    return "\n".join([*lines, *([""] if lines else []), told])


def _end(findings: Sequence[Finding], *, everything: bool, as_json: bool) -> None:
    _show(findings, everything=everything, as_json=as_json)
    if not is_well(findings):
        sys.exit(1)


def _show(findings: Sequence[Finding], *, everything: bool, as_json: bool) -> None:
    show(
        facts_of(findings),
        lambda: text_of(findings, everything=everything),
        as_json=as_json,
    )
