"""`procall-mobility turn check`: whether clients get through to the relay, as seen from here."""

import sys
from pathlib import Path
from typing import Any

import click

from procall_mobility.commands.changes import ask_daemon, read
from procall_mobility.commands.doctor import authorities_option
from procall_mobility.commands.settings import Place, failed, json_option, show
from procall_mobility.commands.turn_check_text import facts_of, text_of
from procall_mobility.commands.turn_issuing import issued
from procall_mobility.operations import admin_client
from procall_mobility.operations.turn_caller import Login
from procall_mobility.operations.turn_probe import probe
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

SUBJECT = "check"
"""For whom the credential is; `turn sessions` and the access book show it."""

TTL = 600
"""Seconds; a check takes some ten."""


@click.command()
@click.option("--customer", metavar="UCSID", help="Whose credential to use; else the first's.")
@click.option("--url", "urls", multiple=True, help="Try this, not what clients are told.")
@authorities_option
@json_option
@click.pass_obj
def check(
    place: Place,
    customer: str | None,
    urls: tuple[str, ...],
    authorities: Path | None,
    as_json: bool,
) -> None:
    """Try every way to the relay from here: name, STUN, a relay, data through two of them.

    What fails is explained, with what helps; the exit status is 1 then.
    """
    try:
        ask_daemon(place, "status")
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    ucsid = customer or read(place, _somebody)
    credential = issued(place, ucsid, SUBJECT, TTL)
    tried = urls or tuple(credential["urls"])
    if not tried:
        failed("clients are told of no relay: [turn] listens nowhere, and turn.urls is empty")
    try:
        login = Login(credential["username"], credential["credential"])
        found = [facts_of(report) for report in probe(tried, login, authorities)]
    except OSError as error:
        failed(f"{authorities}: {error.strerror or error}")
    works = all(way["state"] != "failed" for way in found)
    facts: dict[str, Any] = {
        "ok": works,
        "customer": ucsid,
        "username": credential["username"],
        "ways": found,
    }
    show(facts, lambda: text_of(facts), as_json=as_json)
    if not works:
        sys.exit(1)


def _somebody(store: CustomerStore) -> str:
    for each in store.all():
        if each.enabled and each.switches.turn:
            return each.ucsid
    raise StoreError("no customer gets a relay; `customer add` makes one")
