"""How commands ask the store, change it, and let a running daemon know."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from procall_mobility.commands.settings import Place, failed
from procall_mobility.config.small_files import read_little, read_small
from procall_mobility.gateway.customers import normalized
from procall_mobility.operations import admin_client
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.turn_secrets import TurnSecretStore

ResultT = TypeVar("ResultT")

LEAST_SECRET = 16
"""Characters of a password or secret that is given, not made."""

LONGEST_SECRET = 1024
"""Characters of one; it is no secret but another file whose path was given."""

STANDARD_INPUT = Path("-")

password_file_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="Take the password from this file, or `-` for standard input, instead of making one.",
)
LONGEST_NOTE = 1000
"""Characters of a remark; it stands in one line of a list."""


def read_note(value: str) -> str:
    """Return a remark that stands in one line of a terminal.

    Raises:
        ValueError: it does not.
    """
    if not value.isprintable() or len(value) > LONGEST_NOTE:
        raise ValueError(f"expected one line of {LONGEST_NOTE} characters at most")
    return value


def _note(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else read_note(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def note_option(
    text: str, default: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option of a remark."""
    return click.option("--note", default=default, callback=_note, help=text)


ucsid_argument = click.argument(
    "ucsid", metavar="UCSID", callback=lambda _context, _parameter, value: normalized(value)
)


def read(place: Place, ask: Callable[[CustomerStore], ResultT]) -> ResultT:
    """Ask the store; ends the program when it refuses."""
    with place.store() as store:
        try:
            return ask(store)
        except StoreError as error:
            failed(str(error))


def change(place: Place, ucsid: str, change: Callable[[CustomerStore], ResultT]) -> ResultT:
    """Change the store, then tell the daemon, if one runs."""
    result = read(place, change)
    tell(place, "customer-changed", "it will see by itself", ucsid=ucsid)
    return result


def read_turn(place: Place, ask: Callable[[TurnSecretStore], ResultT]) -> ResultT:
    """Ask what is kept for TURN; ends the program when it refuses."""
    return read(place, lambda store: ask(TurnSecretStore(store)))


def change_turn(
    place: Place, ucsid: str, change_it: Callable[[TurnSecretStore], ResultT]
) -> ResultT:
    """Change what is kept for TURN, then tell the daemon, if one runs."""
    return change(place, ucsid, lambda store: change_it(TurnSecretStore(store)))


def tell(place: Place, verb: str, otherwise: str, **members: Any) -> None:
    """Tell the daemon something that it will do without; `otherwise` says how."""
    try:
        ask_daemon(place, verb, **members)
    except admin_client.NotRunningError:
        pass  # It will read the store when it starts.
    except admin_client.AdminError as error:
        click.echo(f"note: the daemon was not told, {otherwise}: {error}", err=True)


def ask_daemon(place: Place, verb: str, **members: Any) -> Any:
    """Ask the daemon.

    Raises:
        NotRunningError, AdminError: see `admin_client.ask`.
    """
    return admin_client.ask(Path(place.settings().admin.socket), verb, **members)


def secret_in(file: Path, what: str) -> str:
    """Read what nobody may see from a file, or `-`; ends the program when it is none."""
    named = "standard input" if file == STANDARD_INPUT else str(file)
    try:
        is_piped = file == STANDARD_INPUT
        given = read_little(sys.stdin.buffer) if is_piped else read_small(file)
        # Some editors begin a file with a byte order mark, which nobody would type.
        secret = given.decode("utf-8-sig").strip()
    except OSError as error:
        failed(f"{named}: {error.strerror}")
    except UnicodeDecodeError:
        failed(f"{named}: not UTF-8")
    if len(secret) < LEAST_SECRET:
        failed(f"{named}: a {what} needs at least {LEAST_SECRET} characters")
    if len(secret) > LONGEST_SECRET:
        failed(f"{named}: a {what} has at most {LONGEST_SECRET} characters")
    if not secret.isprintable():
        failed(f"{named}: a {what} is one line, without control characters")
    return secret


def password_in(file: Path | None) -> str | None:
    """Read a password from a file; None when there is no file, and one is to be made."""
    return None if file is None else secret_in(file, "password")
