"""`customer key`: public keys by which a customer's server may sign tokens."""

from pathlib import Path

import click

from procall_mobility.commands.changes import change, read, ucsid_argument
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.commands.turn_facts import moment
from procall_mobility.config.small_files import read_small
from procall_mobility.protocols.token_checks import verifier
from procall_mobility.storage.customer_keys import CustomerKey, CustomerKeyStore


@click.group()
def key() -> None:
    """Change the public keys a customer's server signs tokens by, in place of its password."""


@key.command()
@ucsid_argument
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    required=True,
    help="The public key in PEM: P-256, Ed25519 or RSA.",
)
@json_option
@click.pass_obj
def add(place: Place, ucsid: str, file: Path, as_json: bool) -> None:
    """Take tokens that are signed by another key."""
    try:
        pem = read_small(file)
        verifier(pem)
    except OSError as error:
        failed(f"{file}: {error.strerror}")
    except ValueError as error:
        failed(f"{file}: {error}")
    added = change(place, ucsid, lambda store: CustomerKeyStore(store).add(ucsid, pem))
    text = f"{ucsid} may sign tokens by key {added.id} ({added.algorithm}) from now on"
    show(_facts(added), lambda: text, as_json=as_json)


@key.command("list")
@ucsid_argument
@json_option
@click.pass_obj
def list_(place: Place, ucsid: str, as_json: bool) -> None:
    """Show the keys."""
    keys = read(place, lambda store: CustomerKeyStore(store).all(ucsid))

    def text() -> str:
        rows = [("key", "algorithm", "added")]
        rows += [(each.id, each.algorithm, moment(each.added)) for each in keys]
        return table(rows) if keys else f"{ucsid} has no key; its server shows its password"

    show([_facts(each) for each in keys], text, as_json=as_json)


@key.command()
@ucsid_argument
@click.argument("name", metavar="KEY")
@json_option
@click.pass_obj
def remove(place: Place, ucsid: str, name: str, as_json: bool) -> None:
    """Take no more tokens that are signed by KEY."""
    change(place, ucsid, lambda store: CustomerKeyStore(store).remove(ucsid, name))
    text = f"tokens signed by key {name} are refused from now on"
    show({"key": name, "removed": True}, lambda: text, as_json=as_json)


def _facts(key: CustomerKey) -> dict[str, object]:
    return {"key": key.id, "algorithm": key.algorithm, "added": key.added}
