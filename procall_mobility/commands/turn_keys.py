"""`turn secret` and `turn user`: what customers' users of the relay are judged by."""

from pathlib import Path

import click

from procall_mobility.commands.changes import (
    change_turn,
    password_file_option,
    password_in,
    read_turn,
    secret_in,
    ucsid_argument,
)
from procall_mobility.commands.settings import Place, json_option, show, table
from procall_mobility.commands.turn_facts import moment
from procall_mobility.gateway.turn_keys import TurnKeys

name_argument = click.argument("name", metavar="NAME")


@click.group()
def secret() -> None:
    """Change the secrets that credentials with an expiry are made with: two at most are good."""


@secret.command("set")
@ucsid_argument
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    required=True,
    help="Take the secret from this file.",
)
@json_option
@click.pass_obj
def set_secret(place: Place, ucsid: str, file: Path, as_json: bool) -> None:
    """Issue by this secret from now on; the one before stays good."""
    given = secret_in(file, "secret")
    change_turn(place, ucsid, lambda store: store.set_secret(ucsid, given.encode()))
    _show_secrets(place, ucsid, as_json=as_json)


@secret.command()
@ucsid_argument
@json_option
@click.pass_obj
def rotate(place: Place, ucsid: str, as_json: bool) -> None:
    """Make a new secret and show it once; the one before stays good."""
    made = change_turn(place, ucsid, lambda store: store.rotate_secret(ucsid))
    lines = (
        f"UCSID   {ucsid}\nsecret  {made}\nIt is shown this once; the one before is good still."
    )
    show({"ucsid": ucsid, "secret": made}, lambda: lines, as_json=as_json)


@secret.command()
@ucsid_argument
@json_option
@click.pass_obj
def drop(place: Place, ucsid: str, as_json: bool) -> None:
    """Forget the older secret; relays end that it was good for."""
    change_turn(place, ucsid, lambda store: store.drop_secret(ucsid))
    _show_secrets(place, ucsid, as_json=as_json)


@secret.command("list")
@ucsid_argument
@json_option
@click.pass_obj
def list_secrets(place: Place, ucsid: str, as_json: bool) -> None:
    """Show how many secrets are good, and since when."""
    _show_secrets(place, ucsid, as_json=as_json)


@click.group()
def user() -> None:
    """Change users with fixed passwords, for tests and old clients: they log in as UCSID:NAME."""


@user.command("set")
@ucsid_argument
@name_argument
@password_file_option
@json_option
@click.pass_obj
def set_user(
    place: Place, ucsid: str, name: str, password_file: Path | None, as_json: bool
) -> None:
    """Give a user a password, shown once if it is made; relays by the one before end."""
    given = password_in(password_file)
    password = change_turn(place, ucsid, lambda store: store.set_user(ucsid, name, given))
    username = f"{ucsid}:{name}"
    facts, lines = {"username": username}, [f"user name  {username}"]
    if given is None:
        facts["password"] = password
        lines += [f"password   {password}", "It is shown this once."]
    show(facts, lambda: "\n".join(lines), as_json=as_json)


@user.command("list")
@ucsid_argument
@json_option
@click.pass_obj
def list_users(place: Place, ucsid: str, as_json: bool) -> None:
    """List a customer's users with fixed passwords."""
    keys = _stored(place, ucsid)
    facts = [
        {
            "username": f"{ucsid}:{name}",
            "since": moment(key.since),
            "revoked": not keys.is_good(name),
        }
        for name, key in sorted(keys.users.items())
    ]

    def text() -> str:
        if not facts:
            return "no users with fixed passwords"
        rows = [("USER NAME", "SINCE", "STATE")]
        rows += [
            (str(each["username"]), str(each["since"]), "revoked" if each["revoked"] else "good")
            for each in facts
        ]
        return table(rows)

    show(facts, text, as_json=as_json)


@user.command("remove")
@ucsid_argument
@name_argument
@json_option
@click.pass_obj
def remove_user(place: Place, ucsid: str, name: str, as_json: bool) -> None:
    """Forget a user; its relays end."""
    change_turn(place, ucsid, lambda store: store.remove_user(ucsid, name))
    username = f"{ucsid}:{name}"
    facts = {"username": username, "removed": True}
    show(facts, lambda: f"{username} is forgotten", as_json=as_json)


def _show_secrets(place: Place, ucsid: str, *, as_json: bool) -> None:
    """Show all about secrets but what they are."""
    secrets = _stored(place, ucsid).secrets
    facts = {"ucsid": ucsid, "secrets": [{"since": moment(each.since)} for each in secrets]}
    words = ("issues", "is good still")
    lines = [
        f"since {moment(each.since)}  {word}" for each, word in zip(secrets, words, strict=False)
    ]
    show(facts, lambda: "\n".join(lines) or "no secret yet", as_json=as_json)


def _stored(place: Place, ucsid: str) -> TurnKeys:
    return read_turn(place, lambda store: store.stored_of(ucsid))
