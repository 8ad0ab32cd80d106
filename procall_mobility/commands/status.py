"""Shows what a running daemon says of itself."""

import datetime
from typing import Any

from procall_mobility.commands.settings import table
from procall_mobility.commands.turn_facts import amount
from procall_mobility.operations.rendering import lasted, plain

HEADINGS: tuple[str, ...] = (
    "CUSTOMER", "LINK", "SERVER", "FROM", "FOR", "FORM", "SESSIONS", "SENT", "RECEIVED",
)  # fmt: skip


def status_text(facts: dict[str, Any]) -> str:
    """Return the status for people; its shape is that of the admin verb `status`."""
    lines = [
        f"procall-mobility {facts['version']}, node {facts['node']}, up {lasted(facts['uptime'])}",
        "",
        f"listening     {', '.join(facts['listening']) or '-'}",
        f"connections   {facts['connections']}",
        f"sessions      {facts['sessions']}",
        f"server links  {len(facts['links'])}",
    ]
    if facts.get("draining"):
        lines.append(f"draining      {_drain(facts['draining'])}")
    if facts.get("before"):
        lines.append(f"daemon before draining {_drain(facts['before'])}")
    if facts["relay"] is not None:
        lines += _relay(facts["relay"], facts["datapath"])
    for certificate in facts["certificates"]:
        names = ", ".join(certificate["names"])
        lines.append(f"certificate   {names}, valid until {certificate['until']}")
    if facts["waiting"]:
        names = ", ".join(each["path"] for each in facts["waiting"])
        lines.append(f"settings that wait for a restart: {names}")
    if facts["links"]:
        rows = [HEADINGS]
        rows += [tuple(map(str, _link(link))) for link in facts["links"]]
        lines += ["", table(rows)]
    if facts["counters"]:
        lines += ["", table([(name, str(n)) for name, n in sorted(facts["counters"].items())])]
    return "\n".join(lines)


def _drain(facts: dict[str, Any]) -> str:
    until = datetime.datetime.fromtimestamp(facts["until"], datetime.UTC).astimezone()
    return (
        f"{facts['relays']} relays, {facts['sessions']} sessions, until {until:%Y-%m-%d %H:%M:%S}"
    )


def _relay(counters: dict[str, int], carrier: str) -> list[str]:
    lines = [f"relays        {counters['allocations']}, bound channels over UDP by {carrier}"]
    for path in ("kernel", "python"):
        packets, octets = counters[f"{path}-packets"], counters[f"{path}-octets"]
        lines.append(f"  by {path}   {packets} packets, {amount(octets)}")
    return lines


def _link(link: dict[str, Any]) -> tuple[object, ...]:
    shown = ("customer", "name", "server", "peer")
    # A server names itself; whatever it says must not fool a terminal.
    words = [plain(str(link[key])) for key in shown]
    counts = (link["sessions"], link["sent"], link["received"])
    return (*words, lasted(link["seconds"]), link["form"], *counts)
