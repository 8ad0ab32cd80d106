"""`turn datapath`: who carries media, the kernel or Python, and the switch between them."""

from typing import Any, Final

import click

from procall_mobility.commands.changes import ask_daemon
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.commands.turn_facts import amount
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.rendering import visible

PASSED_UP: Final = "packets of known channels or ports that the kernel has left to Python"
LEFT: Final = "times a channel was left to Python"


@click.group()
def datapath() -> None:
    """Show whether the kernel relays media of bound channels, and switch that while it runs."""


@datapath.command()
@json_option
@click.pass_obj
def status(place: Place, as_json: bool) -> None:
    """Show who relays and why, and how much each has relayed."""
    _ask(place, as_json=as_json)


@datapath.command()
@json_option
@click.pass_obj
def on(place: Place, as_json: bool) -> None:
    """Have the kernel relay again."""
    _ask(place, as_json=as_json, switch="on")


@datapath.command()
@json_option
@click.pass_obj
def off(place: Place, as_json: bool) -> None:
    """Have Python relay everything, at once and without a loss, until the daemon is restarted."""
    _ask(place, as_json=as_json, switch="off")


def datapath_text(facts: Any) -> str:
    """Return it for people; its shape is that of the admin verb `turn-datapath`."""
    told = Answer(facts)
    rows = [
        ("path", f"{told['path']}, as the setting is {told['setting']}"),
        ("why", str(told["why"])),
    ]
    rows += [("", visible(line)) for line in told["details"].text.splitlines()]
    if told["path"].said == "kernel":
        rows += [
            ("switch", str(told["switch"])),
            ("interfaces", str(told["interfaces"])),
            ("channels", f"{told['channels']} of {told['most_channels']} in the kernel"),
        ]
    rows += [
        (name, f"{told[f'{name}-packets']} packets, {told[f'{name}-octets'].shown(amount)}")
        for name in ("kernel", "python")
    ]
    parts = [table(rows)]
    for heading, key in ((PASSED_UP, "passed_up"), (LEFT, "left_to_python")):
        counts = told[key].counts()
        if counts:
            parts.append(f"{heading}:\n{table(counts)}")
    return "\n\n".join(parts)


def _ask(place: Place, *, as_json: bool, **members: str) -> None:
    try:
        facts = ask_daemon(place, "turn-datapath", **members)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    show(facts, lambda: datapath_text(facts), as_json=as_json)
