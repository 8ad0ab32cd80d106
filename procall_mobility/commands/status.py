"""Shows what a running daemon says of itself."""

from typing import Any

from procall_mobility.commands.settings import table
from procall_mobility.commands.turn_facts import amount, clock_time
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.rendering import lasted, plain

HEADINGS: tuple[str, ...] = (
    "CUSTOMER", "LINK", "SERVER", "FROM", "FOR", "FORM", "SESSIONS", "SENT", "RECEIVED",
)  # fmt: skip


def status_text(facts: Any) -> str:
    """Return the status for people; its shape is that of the admin verb `status`."""
    told = Answer(facts)
    up = told["uptime"].shown(lasted)
    lines = [
        f"procall-mobility {told['version']}, node {told['node']}, up {up}",
        "",
        f"listening     {told['listening']}",
        f"connections   {told['connections']}",
        f"sessions      {told['sessions']}",
        f"server links  {len(told['links'])}",
    ]
    if told["draining"]:
        lines.append(f"draining      {_drain(told['draining'])}")
    if told["before"]:
        lines.append(f"daemon before draining {_drain(told['before'])}")
    if told["relay"]:
        lines += _relay(told["relay"], told["datapath"])
    for certificate in told["certificates"]:
        lines.append(f"certificate   {certificate['names']}, valid until {certificate['until']}")
    if told["waiting"]:
        names = ", ".join(str(each["path"]) for each in told["waiting"])
        lines.append(f"settings that wait for a restart: {names}")
    if len(told["links"]):
        lines += ["", table([HEADINGS, *(_link(each) for each in told["links"])])]
    counters = told["counters"].counts()
    if counters:
        lines += ["", table(counters)]
    return "\n".join(lines)


def _drain(told: Answer) -> str:
    until = told["until"].shown(clock_time)
    return f"{told['relays']} relays, {told['sessions']} sessions, until {until}"


def _relay(counters: Answer, carrier: Answer) -> list[str]:
    lines = [f"relays        {counters['allocations']}, bound channels over UDP by {carrier}"]
    for path in ("kernel", "python"):
        octets = counters[f"{path}-octets"].shown(amount)
        lines.append(f"  by {path}   {counters[f'{path}-packets']} packets, {octets}")
    return lines


def _link(link: Answer) -> tuple[str, ...]:
    shown = ("customer", "name", "server", "peer")
    # A server names itself; whatever it says must not fool a terminal.
    words = [plain(str(link[key].said)) if link[key] else "-" for key in shown]
    counts = (str(link["sessions"]), str(link["sent"]), str(link["received"]))
    return (*words, link["seconds"].shown(lasted), str(link["form"]), *counts)
