"""The steps of a first start; each says what it found, and does only what is left to do."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from attrs import define, field

from procall_mobility.commands.accounts import Account, acting_for_owner
from procall_mobility.commands.certificate_pairs import (
    PairFiles,
    check_place,
    facts_for,
    host_of,
)
from procall_mobility.commands.changes import change, read
from procall_mobility.commands.doctor import facts_of, for_place, text_of
from procall_mobility.commands.install_certificate import (
    certificate_facts,
    install_for,
    words,
)
from procall_mobility.commands.settings import Place
from procall_mobility.commands.setup_acme import check_host, is_renewed, issue, issued
from procall_mobility.commands.setup_choices import Choices, Customer
from procall_mobility.commands.setup_file import Plan
from procall_mobility.commands.whole_files import make_folder
from procall_mobility.config import Settings
from procall_mobility.config.small_files import read_small
from procall_mobility.diagnosis import Wishes, diagnose
from procall_mobility.diagnosis.findings import is_well
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.transports.certificate_files import CertificateError

FOR_THE_DAEMON, FOR_ITS_GROUP = 0o700, 0o750

MOST_NAMES = 10
"""Of customers that are shown to people: they only want to see that theirs are there."""


@define
class Report:
    """What was done; people are told at once, machines in the end."""

    as_json: bool
    facts: dict[str, Any] = field(factory=dict)

    def tell(self, name: str, fact: Any, text: str) -> None:
        """Say what came of a step."""
        self.facts[name] = fact
        if not self.as_json:
            click.echo(f"{name:12} {text}")

    def note(self, text: str) -> None:
        """Say what whoever reads this has to see to."""
        click.echo(f"note: {text}", err=True)


def write_settings(plan: Plan, report: Report) -> None:
    """Put the settings file in its place.

    Raises:
        OSError: it cannot be written.
    """
    backup = plan.carry_out()
    file = plan.place.file
    kept = f", what was there is {backup}" if backup else ""
    fact = {"file": str(file), "state": plan.state, "backup": str(backup) if backup else None}
    report.tell("settings", fact, f"{file}: {plan.state}{kept}")


def make_folders(settings: Settings, account: Account, report: Report) -> None:
    """Make the folders that the settings name and the daemon writes in.

    Raises:
        OSError: one cannot be made.
    """
    made = [str(each) for each, mode in _folders(settings) if _is_made(each, mode, account)]
    text = f"{', '.join(made)}: made, for {account.name}" if made else "all there"
    report.tell("folders", {"made": made, "account": account.name}, text)


def look_at_given(choices: Choices, plan: Plan) -> None:
    """See, before anything is done, whether the certificate that was named will do.

    Raises:
        AcmeError, CertificateError: it will not.
    """
    if choices.acme is not None:
        check_host(host_of(plan.settings.service.origin))
    if choices.files is not None:
        facts_for(host_of(plan.settings.service.origin), choices.files)
    if choices.acme is not None or (choices.files is not None and not choices.in_place):
        check_place(PairFiles.of(plan.settings))


def see_to_certificate(choices: Choices, plan: Plan, report: Report) -> None:
    """Install the certificate, or look at the one that is there.

    Raises:
        AcmeError, CertificateError: there is none, or it will not do.
    """
    settings = plan.settings
    host = host_of(settings.service.origin)
    target = PairFiles.of(settings)
    before = _content(target)
    if choices.acme is not None:
        issue(choices.acme, host, plan.place.file)
        if _content(target) == before:  # Nothing was issued, or certbot could not run our hook.
            install_for(settings, issued(plan.place.file))
    elif choices.files is not None and not choices.in_place:
        install_for(settings, choices.files)
    try:
        facts = facts_for(host, target)
    except CertificateError as error:
        fact = {"state": "missing", "reason": str(error)}
        report.tell("certificate", fact, f"not yet: {error}")
        return
    state = "kept" if _content(target) == before else "installed"
    renewal = "certbot" if choices.acme else None
    told = {"state": state, "renewal": renewal, **certificate_facts(target, facts)}
    renewed = f"; {renewal} renews it" if renewal else ""
    report.tell("certificate", told, f"{target.certificate}: {state}, {words(facts)}{renewed}")
    if renewal and not is_renewed():
        report.note("nothing on this machine runs `certbot renew`; have it run twice a day")


def look_around(plan: Plan, authorities: Path | None, report: Report) -> bool:
    """Check the machine as `doctor` does, but call nobody; tell whether nothing is wrong."""
    found = diagnose(plan.settings, Wishes(authorities=authorities, calls_providers=False))
    # To start it is what comes next.
    findings = for_place(plan.place, [e for e in found if e.reason != "daemon-not-running"])
    lines = text_of(findings, everything=False).splitlines()
    report.tell("checks", facts_of(findings), f"\n{'':13}".join(lines).replace(f"{'':13}\n", "\n"))
    return is_well(findings)


def has_certificate(target: PairFiles) -> bool:
    """Whether there is one that can be used, for whatever name."""
    try:
        return bool(target.facts())
    except CertificateError:
        return False


def has_customers(settings: Settings) -> bool:
    """Whether somebody was taken in before; makes no store.

    Raises:
        AccountError, StoreError: there is one, but it cannot be opened.
    """
    path = Path(settings.store.path)
    if not os.path.exists(path):  # noqa: PTH110  # Path's own raises where a folder is closed.
        return False
    with (
        acting_for_owner(path.parent),
        contextlib.closing(CustomerStore(path, os.urandom, time.time)) as store,
    ):
        return bool(store.all())


def take_in(customer: Customer | None, place: Place, report: Report) -> None:
    """Open the store, and add the first customer to it."""
    known = read(place, lambda store: [each.ucsid for each in store.all()])
    if customer is None:
        more = len(known) - MOST_NAMES
        text = ", ".join(known[:MOST_NAMES]) + (f" and {more} others" if more > 0 else "")
        text = text or f"none yet; `{place.program} customer add UCSID` takes one in"
        report.tell("customers", {"known": known}, text)
        return
    ucsid = customer.ucsid
    if ucsid in known:
        text = f"{ucsid}: there already; its names and its password stay"
        report.tell("customers", {"known": known, "added": None}, text)
        return

    def make(store: CustomerStore) -> str:
        password = store.add(ucsid, customer.aliases, customer.password)
        if customer.note:
            store.set_note(ucsid, customer.note)
        return password

    made = change(place, ucsid, make)
    fact: dict[str, Any] = {"known": [*known, ucsid], "added": ucsid}
    text = f"{ucsid}: added"
    if customer.password is None:
        fact["password"] = made
        text += f"; its server's password, shown this once: {made}"
    report.tell("customers", fact, text)


def _content(files: PairFiles) -> tuple[bytes, ...]:
    there = [file for file in (files.certificate, files.key) if file.is_file()]
    return tuple(read_small(file) for file in there)


def _folders(settings: Settings) -> Iterator[tuple[Path, int]]:
    yield Path(settings.service.data), FOR_THE_DAEMON
    yield Path(settings.store.path).parent, FOR_THE_DAEMON
    for sink in (settings.log.access, settings.log.service):
        if sink.startswith("/"):
            yield Path(sink).parent, FOR_ITS_GROUP


def _is_made(folder: Path, mode: int, account: Account) -> bool:
    """Make a folder for the daemon, unless it is there; tell whether it was made."""
    if folder.is_dir():
        return False
    with acting_for_owner(folder):
        make_folder(folder, mode)
    account.take_over(folder)
    return True
