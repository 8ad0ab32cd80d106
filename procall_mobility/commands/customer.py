"""`procall-mobility customer`: the customers of this operator."""

from pathlib import Path
from typing import Any

import click

from procall_mobility.commands.changes import (
    change,
    note_option,
    password_file_option,
    password_in,
    read,
    ucsid_argument,
)
from procall_mobility.commands.customer_facts import facts_of, show_customer, show_list
from procall_mobility.commands.customer_keys import key
from procall_mobility.commands.settings import Place, json_option, show
from procall_mobility.commands.switches import assignments
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError


@click.group()
def customer() -> None:
    """Add, show and change customers; a running daemon sees changes at once."""


@customer.command()
@ucsid_argument
@click.option("--alias", "aliases", multiple=True, help="A further name, usually a mail domain.")
@note_option("A remark; only the operator sees it.", default="")
@password_file_option
@json_option
@click.pass_obj
def add(
    place: Place,
    ucsid: str,
    aliases: tuple[str, ...],
    note: str,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Take a customer in; prints its server's password once."""
    given = password_in(password_file)

    def make(store: CustomerStore) -> str:
        password = store.add(ucsid, aliases, given)
        if note:
            store.set_note(ucsid, note)
        return password

    password = change(place, ucsid, make)
    _show_password(ucsid, None if given else password, as_json=as_json)


@customer.command("list")
@json_option
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """List all customers."""
    listed = read(place, lambda store: [facts_of(store, each) for each in store.all()])
    show_list(listed, as_json=as_json)


@customer.command("show")
@click.argument("name", metavar="UCSID|ALIAS")
@json_option
@click.pass_obj
def show_(place: Place, name: str, as_json: bool) -> None:
    """Show one customer with its switches."""
    show_customer(read(place, lambda store: _found(store, name)), as_json=as_json)


@customer.command()
@ucsid_argument
@click.option("--add", "added", multiple=True, help="Give it this name too.")
@click.option("--remove", "removed", multiple=True, help="Take this name away.")
@json_option
@click.pass_obj
def alias(
    place: Place, ucsid: str, added: tuple[str, ...], removed: tuple[str, ...], as_json: bool
) -> None:
    """Change or show a customer's further names."""
    if added or removed:
        change(place, ucsid, lambda s: s.change_aliases(ucsid, add=added, remove=removed))
    names = read(place, lambda store: _found(store, ucsid))["aliases"]
    facts = {"ucsid": ucsid, "aliases": names}
    show(facts, lambda: "\n".join(names) or "no aliases", as_json=as_json)


@customer.command("rotate-password")
@ucsid_argument
@password_file_option
@json_option
@click.pass_obj
def rotate_password(place: Place, ucsid: str, password_file: Path | None, as_json: bool) -> None:
    """Replace a customer's password; its links are closed and need the new one."""
    given = password_in(password_file)
    password = change(place, ucsid, lambda store: store.rotate_password(ucsid, given))
    _show_password(ucsid, None if given else password, as_json=as_json)


@customer.command("set")
@ucsid_argument
@click.argument("switches", nargs=-1, metavar="NAME=VALUE...")
@note_option("Replace the operator's remark.")
@json_option
@click.pass_obj
def set_(
    place: Place, ucsid: str, switches: tuple[str, ...], note: str | None, as_json: bool
) -> None:
    """Set switches; an empty value returns one to its default.

    `customer show` lists them with their values.
    """
    changed = assignments(switches)
    if not changed and note is None:
        raise click.UsageError("nothing to set: give NAME=VALUE or --note")

    def alter(store: CustomerStore) -> None:
        if changed:
            store.set_switches(ucsid, **changed)
        if note is not None:
            store.set_note(ucsid, note)

    change(place, ucsid, alter)
    show_customer(read(place, lambda store: _found(store, ucsid)), as_json=as_json)


@customer.command()
@ucsid_argument
@json_option
@click.pass_obj
def disable(place: Place, ucsid: str, as_json: bool) -> None:
    """Switch a customer off: its links are closed, its clients find nothing."""
    change(place, ucsid, lambda store: store.enable(ucsid, enabled=False))
    show({"ucsid": ucsid, "enabled": False}, lambda: f"{ucsid} is switched off", as_json=as_json)


@customer.command()
@ucsid_argument
@json_option
@click.pass_obj
def enable(place: Place, ucsid: str, as_json: bool) -> None:
    """Switch a customer on again."""
    change(place, ucsid, lambda store: store.enable(ucsid, enabled=True))
    show({"ucsid": ucsid, "enabled": True}, lambda: f"{ucsid} is switched on", as_json=as_json)


@customer.command()
@ucsid_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def remove(place: Place, ucsid: str, yes: bool, as_json: bool) -> None:
    """Forget a customer, its names and its password."""
    if not yes:
        click.confirm(f"Forget {ucsid} with all its names?", abort=True, err=True)
    change(place, ucsid, lambda store: store.remove(ucsid))
    show({"ucsid": ucsid, "removed": True}, lambda: f"{ucsid} is forgotten", as_json=as_json)


def _found(store: CustomerStore, name: str) -> dict[str, Any]:
    found = store.find(name)
    if found is None:
        raise StoreError(f"there is no customer {name}; `customer list` shows them")
    return facts_of(store, found)


def _show_password(ucsid: str, password: str | None, *, as_json: bool) -> None:
    """Show a password that was made; one that was given is known to whoever gave it."""
    facts = {"ucsid": ucsid} | ({"password": password} if password else {})
    lines = [f"UCSID     {ucsid}"]
    if password:
        lines += [f"password  {password}", "It is shown this once and stored only as a hash."]
    show(facts, lambda: "\n".join(lines), as_json=as_json)


customer.add_command(key)
