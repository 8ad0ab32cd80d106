"""`push app test`: tries an application's credential at its provider."""

import sys
from pathlib import Path
from typing import Any

import click

from procall_mobility.commands.changes import ask_daemon
from procall_mobility.commands.push_apps import customer_option, name_argument
from procall_mobility.commands.settings import Place, failed, json_option, show
from procall_mobility.config.small_files import read_small
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer

PATIENCE = 20.0
"""Seconds; the daemon waits for the provider up to ten."""

LONGEST_TOKEN = 4096
"""Characters; a Web Push subscription is a whole JSON object."""


@click.command("test")
@name_argument
@customer_option
@click.option(
    "--token-file",
    "file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Send a push of kind `check` to the token in this file; - asks for it.",
)
@click.option("--sandbox", is_flag=True, help="In the provider's sandbox.")
@click.option("--voip", is_flag=True, help="The token is Apple's one for calls.")
@json_option
@click.pass_obj
def app_test(
    place: Place,
    name: str,
    customer: str | None,
    file: Path | None,
    sandbox: bool,
    voip: bool,
    as_json: bool,
) -> None:
    """Try whether the provider takes an application's credential.

    The running daemon asks it, by the connections pushes go by: with a token that nobody has,
    or with a real one, whose device then gets a push of kind `check`.  The exit status is 1
    unless the credential was taken.
    """
    members: dict[str, Any] = {"name": name, "sandbox": sandbox, "voip": voip}
    if customer is not None:
        members["customer"] = customer
    if file is not None:
        members["token"] = _token(file)
    try:
        facts = ask_daemon(place, "push-app-test", within=PATIENCE, **members)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    show(facts, lambda: verdict_text(facts), as_json=as_json)
    if Answer(facts)["is_good"].said is not True:
        sys.exit(1)


def _token(file: Path) -> str:
    """Read a token from a file, or from whoever types it; it is a secret."""
    if str(file) == "-":
        is_typed = sys.stdin.isatty()
        token = click.prompt("Token", hide_input=True, err=True) if is_typed else _piped()
    else:
        try:
            token = read_small(file).decode()
        except OSError as error:
            failed(f"{file}: {error.strerror}")
        except UnicodeDecodeError:
            failed(f"{file}: not UTF-8")
    token = token.strip()
    if not 0 < len(token) <= LONGEST_TOKEN:
        failed(f"a token has 1 to {LONGEST_TOKEN} characters")
    return token


def _piped() -> str:
    return sys.stdin.read(LONGEST_TOKEN + 2)  # With the end of its line; a longer one is refused.


def verdict_text(facts: Any) -> str:
    """Return it for people; its shape is that of the admin verb `push-app-test`."""
    told = Answer(facts)
    is_good = told["is_good"].said
    judged = "good" if is_good is True else "not good" if is_good is False else "cannot tell"
    status, reason = told["http_status"], told["reason"]
    said = " ".join([*([f"HTTP {status}"] if status else []), *([str(reason)] if reason else [])])
    more = f" ({said})" if said else ""
    return f"{told['channel']}: {judged}: {told['text']}{more}\nlane: {told['lane']}"
