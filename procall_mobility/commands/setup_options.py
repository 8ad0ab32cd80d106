"""The options of `procall-mobility setup`, and what they choose."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from procall_mobility.commands.certificate_pairs import PairFiles
from procall_mobility.commands.changes import note_option, password_file_option, password_in
from procall_mobility.commands.setup_choices import (
    Acme,
    Choices,
    Customer,
    aliases_of,
    origin_of,
    others,
    ucsid_of,
)

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path, resolve_path=True)
A_FOLDER = click.Path(file_okay=False, path_type=Path, resolve_path=True)

OPTIONS = (
    click.option("--host", default="", help="What clients call this machine: NAME, or NAME:PORT."),
    click.option("--certificate", type=A_FILE, help="A certificate, with its chain, in PEM."),
    click.option("--key", type=A_FILE, help="Its key, in PEM."),
    click.option(
        "--in-place", is_flag=True, help="Use both where they are, instead of installing copies."
    ),
    click.option("--acme", is_flag=True, help="Have certbot get a certificate, and renew it."),
    click.option("--email", default="", help="Where the certificate authority reaches you."),
    click.option("--agree-tos", is_flag=True, help="Agree to the authority's terms of service."),
    click.option(
        "--acme-server", default="", help="Address of another authority than Let's Encrypt."
    ),
    click.option(
        "--acme-webroot",
        type=A_FOLDER,
        help="What a web server of this machine shows on port 80, instead of listening there.",
    ),
    click.option(
        "--acme-port",
        type=click.IntRange(1, 65_535),
        help="Listen here, where something passes port 80 on.",
    ),
    click.option("--customer", default="", help="UCSID of the first customer."),
    click.option("--alias", multiple=True, help="A further name of it, usually a mail domain."),
    note_option("A remark on it, such as the company's name.", default=""),
    password_file_option,
    click.option("--data", type=A_FOLDER, help="Keep all that the daemon keeps in this folder."),
    click.option("--user", default="", help="The account the daemon runs as."),
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="NAME=VALUE",
        help="Any other setting, as in log.format=json; lists and numbers are TOML.",
    ),
)


def choice_options(function: FunctionT) -> FunctionT:
    """Give a command all of them."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def choices_of(said: dict[str, Any]) -> Choices:
    """Return what the options choose.

    Raises:
        UsageError: they contradict each other, or one cannot be read.
    """
    certificate, key = said["certificate"], said["key"]
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key belong together")
    if said["acme"] and certificate:
        raise click.UsageError("either --acme or --certificate: there is one certificate")
    if said["in_place"] and not certificate:
        raise click.UsageError("--in-place is of --certificate and --key")
    acme = {name: said[name] for name in ("email", "agree_tos", "acme_server", "acme_webroot")}
    acme["acme_port"] = said["acme_port"]
    if any(acme.values()) and not said["acme"]:
        named = ", ".join(f"--{name.replace('_', '-')}" for name, value in acme.items() if value)
        raise click.UsageError(f"{named}: of --acme, which is not asked for")
    origin, port = origin_of(said["host"]) if said["host"] else ("", 443)
    return Choices(
        origin=origin,
        tls_port=port,
        files=PairFiles(certificate, key) if certificate else None,
        in_place=said["in_place"],
        acme=_acme(said) if said["acme"] else None,
        data=said["data"],
        others=others(said["assignments"]),
        customer=_customer(said),
    )


def _acme(said: dict[str, Any]) -> Acme:
    if said["acme_webroot"] and said["acme_port"]:
        raise click.UsageError("either --acme-webroot or --acme-port: one of both listens")
    return Acme(
        email=said["email"],
        server=said["acme_server"],
        webroot=said["acme_webroot"],
        port=said["acme_port"],
        agrees=said["agree_tos"],
    )


def _customer(said: dict[str, Any]) -> Customer | None:
    aliases, note, file = said["alias"], said["note"], said["password_file"]
    if not said["customer"]:
        if aliases or note or file:
            raise click.UsageError("--alias, --note and --password-file are of --customer")
        return None
    return Customer(
        ucsid=ucsid_of(said["customer"]),
        aliases=aliases_of(" ".join(aliases)),
        note=note,
        password=password_in(file),
    )
