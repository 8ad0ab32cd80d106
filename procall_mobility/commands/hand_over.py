"""`procall-mobility hand-over`: another daemon takes over from the one that runs."""

from pathlib import Path

import click

from procall_mobility.commands.settings import Place, failed, json_option, show
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer

PATIENCE = 180.0
"""Seconds; the daemon gives up before."""


@click.command("hand-over")
@json_option
@click.pass_obj
def hand_over(place: Place, as_json: bool) -> None:
    """Start the daemon anew beside the one that runs, which hands everything over to it.

    No connection is refused, no call is cut, and no push is lost: the installed version and the
    settings of now are used from then on.  When the new one does not get ready, the old one goes
    on as if nothing had been, and this says why.
    """
    socket = Path(place.settings().admin.socket)
    try:
        facts = admin_client.ask(socket, "hand-over", within=PATIENCE)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    told = Answer(facts)
    text = f"version {told['version']} has taken over as process {told['pid']}"
    show(facts, lambda: text, as_json=as_json)
