"""`turn datapath`: who carries media, the kernel or Python, and the switch between them."""

from typing import Any, Final

import click

from procall_mobility.commands.changes import ask_daemon
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.commands.turn_facts import amount
from procall_mobility.operations import admin_client

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


def datapath_text(facts: dict[str, Any]) -> str:
    """Return it for people; its shape is that of the admin verb `turn-datapath`."""
    rows = [
        ("path", f"{facts['path']}, as the setting is {facts['setting']}"),
        ("why", facts["why"]),
    ]
    rows += [("", line) for line in facts["details"].splitlines()]
    if facts["path"] == "kernel":
        rows += [
            ("switch", facts["switch"]),
            ("interfaces", ", ".join(facts["interfaces"]) or "-"),
            ("channels", f"{facts['channels']} of {facts['most_channels']} in the kernel"),
        ]
    rows += [
        (name, f"{facts[f'{name}-packets']} packets, {amount(facts[f'{name}-octets'])}")
        for name in ("kernel", "python")
    ]
    parts = [table(rows)]
    for heading, key in ((PASSED_UP, "passed_up"), (LEFT, "left_to_python")):
        if facts.get(key):
            counts = [(name, str(count)) for name, count in sorted(facts[key].items())]
            parts.append(f"{heading}:\n{table(counts)}")
    return "\n\n".join(parts)


def _ask(place: Place, *, as_json: bool, **members: str) -> None:
    try:
        facts = ask_daemon(place, "turn-datapath", **members)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    show(facts, lambda: datapath_text(facts), as_json=as_json)
