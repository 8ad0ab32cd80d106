"""`push matrix`, `push mattermost`: whose pushes are taken by APIs that know no credential."""

from typing import Any

import click

from procall_mobility.commands.changes import read
from procall_mobility.commands.settings import Place, json_option, show, table
from procall_mobility.gateway.customers import normalized
from procall_mobility.gateway.push.desks.senders import Api, Sender
from procall_mobility.storage.push_senders import PushSenderStore

customer_option = click.option(
    "--customer",
    metavar="UCSID",
    required=True,
    callback=lambda _context, _parameter, value: normalized(value),
    help="Whose pushes these are, and whose quota they use.",
)
channel_option = click.option(
    "--channel", required=True, help="The application they go to, as `push app list` shows it."
)
app_id_argument = click.argument("name", metavar="APP_ID")
server_id_argument = click.argument("name", metavar="SERVER_ID")
platform_option = click.option(
    "--platform", required=True, help="As the server says it, such as apple_rn; a* is all with a."
)


@click.group()
def matrix() -> None:
    """Take pushes of Matrix homeservers, by the id of the application they are for."""


@click.group()
def mattermost() -> None:
    """Take pushes of Mattermost servers, by the server's id."""


@matrix.command("add")
@app_id_argument
@customer_option
@channel_option
@json_option
@click.pass_obj
def add_matrix(place: Place, name: str, customer: str, channel: str, as_json: bool) -> None:
    """Take pushes for APP_ID; with an asterisk at its end, for all that begin so."""
    _add(place, Sender(api=Api.MATRIX, name=name, ucsid=customer, channel=channel), as_json)


@mattermost.command("add")
@server_id_argument
@platform_option
@customer_option
@channel_option
@json_option
@click.pass_obj
def add_mattermost(
    place: Place, name: str, platform: str, customer: str, channel: str, as_json: bool
) -> None:
    """Take pushes of the server with SERVER_ID to one platform's phones."""
    told = Sender(
        api=Api.MATTERMOST, name=name, platform=platform, ucsid=customer, channel=channel
    )
    _add(place, told, as_json)


@matrix.command("remove")
@app_id_argument
@json_option
@click.pass_obj
def remove_matrix(place: Place, name: str, as_json: bool) -> None:
    """Take no more pushes for APP_ID."""
    _remove(place, Api.MATRIX, name, "", as_json)


@mattermost.command("remove")
@server_id_argument
@platform_option
@json_option
@click.pass_obj
def remove_mattermost(place: Place, name: str, platform: str, as_json: bool) -> None:
    """Take no more pushes of a server to one platform's phones."""
    _remove(place, Api.MATTERMOST, name, platform, as_json)


@matrix.command("list")
@json_option
@click.pass_obj
def list_matrix(place: Place, as_json: bool) -> None:
    """Show the applications that pushes are taken for."""
    _list(place, Api.MATRIX, as_json)


@mattermost.command("list")
@json_option
@click.pass_obj
def list_mattermost(place: Place, as_json: bool) -> None:
    """Show the servers whose pushes are taken."""
    _list(place, Api.MATTERMOST, as_json)


def _add(place: Place, told: Sender, as_json: bool) -> None:
    read(place, lambda store: PushSenderStore(store).add(told))
    show(_facts(told), lambda: f"{_name(told)} goes to {told.channel}", as_json=as_json)


def _remove(place: Place, api: Api, name: str, platform: str, as_json: bool) -> None:
    read(place, lambda store: PushSenderStore(store).remove(api, name, platform))
    show({"name": name, "removed": True}, lambda: f"{name} is removed", as_json=as_json)


def _list(place: Place, api: Api, as_json: bool) -> None:
    senders = read(place, lambda store: PushSenderStore(store).all())
    known = [each for each in senders if each.api is api]

    def text() -> str:
        rows = [(_WHAT[api], "customer", "channel")]
        rows += [(_name(each), each.ucsid, each.channel) for each in known]
        return table(rows) if known else "nobody's pushes are taken"

    show([_facts(each) for each in known], text, as_json=as_json)


_WHAT = {Api.MATRIX: "application", Api.MATTERMOST: "server and platform"}


def _name(told: Sender) -> str:
    return f"{told.name} {told.platform}".strip()


def _facts(told: Sender) -> dict[str, Any]:
    facts = {"name": told.name, "customer": told.ucsid, "channel": told.channel}
    return facts | {"platform": told.platform} if told.platform else facts
