"""`procall-mobility customer`: the customers of this operator."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click

from procall_mobility.commands.settings import Place, failed, json_option, show
from procall_mobility.gateway.customers import Customer, LogonStyle, Switches
from procall_mobility.operations import admin_client
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError

ResultT = TypeVar("ResultT")

LEAST_PASSWORD = 16
"""Characters of a password that is given, not made."""


@click.group()
def customer() -> None:
    """Add, show and change customers; a running daemon sees changes at once."""


@customer.command()
@click.argument("ucsid")
@click.option("--alias", "aliases", multiple=True, help="A further name, usually a mail domain.")
@click.option(
    "--password-file", type=click.Path(path_type=Path), help="Take the password from this file."
)
@json_option
@click.pass_obj
def add(
    place: Place,
    ucsid: str,
    aliases: tuple[str, ...],
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Take a customer in; prints its server's password once."""
    given = _password_in(password_file)
    password = _change(place, ucsid, lambda store: store.add(ucsid, aliases, given))
    _show_password(place, ucsid, password, given=given is not None, as_json=as_json)


@customer.command("list")
@json_option
@click.pass_obj
def list_(place: Place, as_json: bool) -> None:
    """List all customers."""
    customers = place.store().all()

    def text() -> str:
        rows = [("UCSID", "STATE", "ALIASES")]
        rows += [(c.ucsid, _state(c), ", ".join(sorted(c.aliases)) or "-") for c in customers]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        return "\n".join(f"{a:{widths[0]}}  {b:{widths[1]}}  {c}" for a, b, c in rows)

    show([_facts(each) for each in customers], text, as_json=as_json)


@customer.command("show")
@click.argument("ucsid")
@json_option
@click.pass_obj
def show_(place: Place, ucsid: str, as_json: bool) -> None:
    """Show one customer with its switches."""
    found = place.store().find(ucsid)
    if found is None:
        failed(f"there is no customer {ucsid}; `customer list` shows them")
    _show_customer(found, as_json=as_json)


@customer.command()
@click.argument("ucsid")
@click.option("--add", "added", multiple=True, help="Give it this name too.")
@click.option("--remove", "removed", multiple=True, help="Take this name away.")
@json_option
@click.pass_obj
def alias(
    place: Place, ucsid: str, added: tuple[str, ...], removed: tuple[str, ...], as_json: bool
) -> None:
    """Change or show a customer's further names."""

    def change(store: CustomerStore) -> Customer | None:
        for name in removed:
            store.remove_alias(ucsid, name)
        for name in added:
            store.add_alias(ucsid, name)
        return store.find(ucsid)

    found = _change(place, ucsid, change)
    if found is None:
        failed(f"there is no customer {ucsid}; `customer list` shows them")
    names = sorted(found.aliases)
    show(names, lambda: "\n".join(names) or "no aliases", as_json=as_json)


@customer.command("rotate-password")
@click.argument("ucsid")
@click.option(
    "--password-file", type=click.Path(path_type=Path), help="Take the password from this file."
)
@json_option
@click.pass_obj
def rotate_password(place: Place, ucsid: str, password_file: Path | None, as_json: bool) -> None:
    """Replace a customer's password; its links are closed and need the new one."""
    given = _password_in(password_file)
    password = _change(
        place, ucsid, lambda store: store.rotate_password(ucsid, given), credentials=True
    )
    _show_password(place, ucsid, password, given=given is not None, as_json=as_json)


@customer.command("set")
@click.argument("ucsid")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
@json_option
@click.pass_obj
def set_(place: Place, ucsid: str, assignments: tuple[str, ...], as_json: bool) -> None:
    """Set switches; an empty value returns one to its default.

    `customer show` lists them with their values.
    """
    changed = dict(_assignment(each) for each in assignments)
    found = _change(place, ucsid, lambda store: store.set_switches(ucsid, **changed))
    _show_customer(found, as_json=as_json)


@customer.command()
@click.argument("ucsid")
@click.pass_obj
def disable(place: Place, ucsid: str) -> None:
    """Switch a customer off: its links are closed, its clients find nothing."""
    _change(place, ucsid, lambda store: store.enable(ucsid, enabled=False))
    click.echo(f"{ucsid} is switched off")


@customer.command()
@click.argument("ucsid")
@click.pass_obj
def enable(place: Place, ucsid: str) -> None:
    """Switch a customer on again."""
    _change(place, ucsid, lambda store: store.enable(ucsid, enabled=True))
    click.echo(f"{ucsid} is switched on")


@customer.command()
@click.argument("ucsid")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(place: Place, ucsid: str, yes: bool) -> None:
    """Forget a customer, its names and its password."""
    if not yes:
        click.confirm(f"Forget {ucsid} with all its names?", abort=True)
    _change(place, ucsid, lambda store: store.remove(ucsid), credentials=True)
    click.echo(f"{ucsid} is forgotten")


def _change(
    place: Place,
    ucsid: str,
    change: Callable[[CustomerStore], ResultT],
    *,
    credentials: bool = False,
) -> ResultT:
    """Change the store, then tell the daemon, if one runs."""
    store = place.store()
    try:
        result = change(store)
    except StoreError as error:
        failed(str(error))
    finally:
        store.close()
    socket = Path(place.settings().admin.socket)
    try:
        admin_client.ask(socket, "customer-changed", ucsid=ucsid, credentials=credentials)
    except admin_client.NotRunningError:
        pass  # It will read the store when it starts.
    except admin_client.AdminError as error:
        click.echo(f"note: the daemon could not be told: {error}", err=True)
    return result


def _password_in(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        password = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        failed(f"{file}: {error}")
    if len(password) < LEAST_PASSWORD:
        failed(f"{file}: a password needs at least {LEAST_PASSWORD} characters")
    return password


def _show_password(place: Place, ucsid: str, password: str, *, given: bool, as_json: bool) -> None:
    facts: dict[str, Any] = {"ucsid": ucsid}
    if not given:
        facts["password"] = password
    lines = [f"UCSID     {ucsid}"]
    if not given:
        lines += [f"password  {password}", "It is shown this once and stored only as a hash."]
    show(facts, lambda: "\n".join(lines), as_json=as_json)


def _show_customer(found: Customer, *, as_json: bool) -> None:
    facts = _facts(found)

    def text() -> str:
        lines = [
            f"UCSID    {found.ucsid}",
            f"state    {_state(found)}",
            f"aliases  {', '.join(sorted(found.aliases)) or '-'}",
            "switches",
        ]
        width = max(map(len, facts["switches"]))
        lines += [f"  {name:{width}}  {_word(v)}" for name, v in facts["switches"].items()]
        return "\n".join(lines)

    show(facts, text, as_json=as_json)


def _facts(found: Customer) -> dict[str, Any]:
    return {
        "ucsid": found.ucsid,
        "enabled": found.enabled,
        "aliases": sorted(found.aliases),
        "switches": attrs.asdict(found.switches),
    }


def _state(found: Customer) -> str:
    return "on" if found.enabled else "off"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _assignment(text: str) -> tuple[str, Any]:
    name, mark, value = text.partition("=")
    defaults = attrs.asdict(Switches())
    if not mark or name not in defaults:
        raise click.UsageError(
            f"{text!r}: expected NAME=VALUE, NAME one of: {', '.join(defaults)}"
        )
    if not value:
        return name, None
    default = defaults[name]
    try:
        return name, _typed(value, default)
    except (ValueError, KeyError):
        expected = {bool: "yes or no", int: "a whole number above 0"}.get(
            type(default), " or ".join(LogonStyle)
        )
        raise click.UsageError(f"{name}: expected {expected}") from None


def _typed(value: str, default: Any) -> Any:
    match default:
        case bool():
            return {"yes": True, "true": True, "on": True, "no": False, "false": False,
                    "off": False}[value.lower()]  # fmt: skip
        case int():
            number = int(value)
            if number < 1:
                raise ValueError(value)
            return number
        case tuple():
            return [item.strip() for item in value.split(",") if item.strip()]
    return LogonStyle(value).value
