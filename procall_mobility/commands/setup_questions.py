"""Asks on a terminal for what was not said on the command line."""

import socket
from pathlib import Path
from typing import Any

import attrs
import click

from procall_mobility.commands.certificate_pairs import PairFiles
from procall_mobility.commands.setup_choices import (
    Acme,
    Choices,
    Customer,
    aliases_of,
    origin_of,
    ucsid_of,
)
from procall_mobility.protocols.public_names import is_public_name

TERMS = "https://letsencrypt.org/repository/"
WAYS = {
    "acme": "get one from Let's Encrypt by certbot, which renews it too; the internet must reach "
    "port 80 of this machine",
    "files": "there are files: a certificate with its chain, and a key",
    "later": "there will be one later",
}


def ask_host(choices: Choices) -> Choices:
    """Ask what clients call this machine."""
    name = socket.gethostname()
    default = name if is_public_name(name) else None
    click.echo("Clients and customers' servers call this machine by one name.", err=True)
    origin, port = _ask("Host name", origin_of, default)
    return attrs.evolve(choices, origin=origin, tls_port=port)


def ask_certificate(choices: Choices) -> Choices:
    """Ask where its certificate comes from."""
    click.echo("\nIt needs a certificate for that name:", err=True)
    for word, meaning in WAYS.items():
        click.echo(f"  {word:6} {meaning}", err=True)
    way = _ask("Certificate", click.Choice(list(WAYS)), "acme")
    if way == "files":
        kind = click.Path(exists=True, dir_okay=False, path_type=Path, resolve_path=True)
        files = PairFiles(_ask("Certificate file", kind), _ask("Key file", kind))
        return attrs.evolve(choices, files=files)
    if way == "acme":
        email = _ask("E-mail for the authority (may be empty)", str.strip, "")
        return attrs.evolve(choices, acme=Acme(email=email))
    return choices


def ask_agreement(choices: Choices) -> Choices:
    """Ask for consent to the terms of whoever issues certificates; ends the program without."""
    acme = choices.acme
    if acme is None or acme.agrees:
        return choices
    whose = f"the authority at {acme.server}" if acme.server else f"Let's Encrypt ({TERMS})"
    click.confirm(f"Do you agree to the terms of service of {whose}?", abort=True, err=True)
    return attrs.evolve(choices, acme=attrs.evolve(acme, agrees=True))


def ask_customer(choices: Choices) -> Choices:
    """Ask who the first customer is."""
    click.echo("\nThe first customer; empty for none yet.", err=True)
    ucsid = _ask("UCSID, a short word such as acme", lambda text: text and ucsid_of(text), "")
    if not ucsid:
        return choices
    name = _ask("The company's name, for you alone (may be empty)", str.strip, "")
    names = _ask("Mail domains of its users, with blanks between", aliases_of, "")
    return attrs.evolve(choices, customer=Customer(ucsid=ucsid, aliases=names, note=name))


def _ask(text: str, read: Any, default: str | None = None) -> Any:
    """Ask until `read`, a function or one of click's kinds of values, takes the answer.

    Who just presses return answers `default`.
    """
    return click.prompt(text, type=read, default=default, show_default=bool(default), err=True)
