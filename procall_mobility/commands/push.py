"""`push`: which applications pushes can go to, and how their lanes are."""

from typing import Any

import click

from procall_mobility.commands.changes import ask_daemon
from procall_mobility.commands.push_app_test import app_test
from procall_mobility.commands.push_apps import app
from procall_mobility.commands.push_senders import matrix, mattermost
from procall_mobility.commands.push_waiting import feedback, queue, retry, trace
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer


@click.group()
def push() -> None:
    """Look after pushes: the applications they go to, and the lanes they go by."""


@push.command()
@json_option
@click.pass_obj
def lanes(place: Place, as_json: bool) -> None:
    """Show what each provider takes: pushes that wait, were sent, were refused; and troubles."""
    try:
        facts = ask_daemon(place, "push-lanes")
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    show(facts, lambda: lanes_text(facts), as_json=as_json)


def lanes_text(facts: Any) -> str:
    """Return it for people; its shape is that of the admin verb `push-lanes`."""
    told = Answer(facts)
    if not len(told):
        return "no lanes: no application is registered (`push app add`)"
    columns = ("lane", "waiting", "in_flight", "sent", "rejected", "retried", "trouble")
    rows = [tuple(name.replace("_", " ") for name in columns)]
    rows += [tuple(str(each[name]) for name in columns) for each in told]
    return table(rows)


for command in (app, matrix, mattermost, queue, retry, feedback, trace):
    push.add_command(command)
app.add_command(app_test)
