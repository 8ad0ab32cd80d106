"""`push queue`, `push retry`, `push feedback`, `push trace`: what waits, and what became of it."""

import datetime
from typing import Any

import click

from procall_mobility.commands.changes import ask_daemon
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.gateway.customers import normalized
from procall_mobility.operations import admin_client
from procall_mobility.operations.rendering import lasted

customer_option = click.option(
    "--customer",
    metavar="UCSID",
    callback=lambda _context, _parameter, value: None if value is None else normalized(value),
    help="Of this customer alone.",
)
lane_option = click.option("--lane", help="Of this lane alone, as `push lanes` names it.")


@click.command()
@customer_option
@lane_option
@json_option
@click.pass_obj
def queue(place: Place, customer: str | None, lane: str | None, as_json: bool) -> None:
    """Show what waits: by lane, class and customer, since when, and when it is tried next."""
    facts = _asked(place, "push-queue", customer=customer, lane=lane)
    show(facts, lambda: _queue_text(facts), as_json=as_json)


@click.command()
@click.argument("push", metavar="ID", required=False)
@customer_option
@lane_option
@json_option
@click.pass_obj
def retry(
    place: Place, push: str | None, customer: str | None, lane: str | None, as_json: bool
) -> None:
    """Make due now what waits for its time: all of it, one lane, one customer, or one push.

    A lane that is suspended or held back for its failures tries its provider at once.
    """
    if push is not None and (customer or lane):
        raise click.UsageError("a push is named by its ID alone")
    facts = _asked(place, "push-retry", id=push, customer=customer, lane=lane)

    def text() -> str:
        pushes = f"{facts['pushes']} delayed pushes are due now"
        lanes = ", ".join(facts["lanes"]) or "none"
        return f"{pushes}\nlanes that try their provider at once: {lanes}"

    show(facts, text, as_json=as_json)


@click.command()
@customer_option
@click.option("--after", type=click.IntRange(0), default=0, help="The number of the last seen.")
@json_option
@click.pass_obj
def feedback(place: Place, customer: str | None, after: int, as_json: bool) -> None:
    """Show dead tokens that were found, by stand-ins for their devices; 1000 at most.

    Customers' servers get the tokens themselves.
    """
    facts = _asked(place, "push-feedback", customer=customer, after=after)
    show(facts, lambda: _feedback_text(facts), as_json=as_json)


@click.command()
@click.argument("push", metavar="ID")
@json_option
@click.pass_obj
def trace(place: Place, push: str, as_json: bool) -> None:
    """Show what happened to the push of a call, step by step; for an hour."""
    facts = _asked(place, "push-trace", id=push)
    show(facts, lambda: _trace_text(facts), as_json=as_json)


def _asked(place: Place, verb: str, **members: Any) -> Any:
    """Ask the daemon; ends the program when it refuses, or when there is none."""
    told = {name: value for name, value in members.items() if value is not None}
    try:
        return ask_daemon(place, verb, **told)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))


def _queue_text(facts: dict[str, Any]) -> str:
    lines = []
    if not facts["restored"]:
        lines.append("the queue of the last run is still being read; there is more")
    if not facts["queue"]:
        return "\n".join([*lines, "nothing waits"])
    rows = [("lane", "class", "customer", "waiting", "in flight", "oldest", "next", "trouble")]
    for each in facts["queue"]:
        due = "-" if each["next"] is None else "due" if each["next"] == 0 else _in(each["next"])
        rows.append(
            (
                each["lane"],
                each["class"],
                each["customer"],
                str(each["waiting"]),
                str(each["in_flight"]),
                lasted(each["oldest"]),
                due,
                each["trouble"] or "-",
            )
        )
    return "\n".join([*lines, table(rows)])


def _in(seconds: float) -> str:
    return f"in {lasted(seconds + 0.999)}"  # Rounded up: nothing is due before it is.


def _feedback_text(facts: dict[str, Any]) -> str:
    if not facts["feedback"]:
        return "no dead tokens"
    rows = [("number", "customer", "channel", "device", "reason", "at")]
    rows += [
        (
            str(each["number"]),
            each["customer"],
            each["channel"],
            each["device"],
            each["reason"],
            _time(each["at"], "seconds"),
        )
        for each in facts["feedback"]
    ]
    return table(rows)


def _trace_text(facts: dict[str, Any]) -> str:
    head = [
        ("push", facts["id"]),
        ("customer", facts["customer"]),
        ("channel", facts["channel"]),
        ("kind", facts["kind"]),
        ("device", facts["device"]),
        ("accepted", _time(facts["accepted"], "milliseconds")),
        ("status", facts["status"]),
    ]
    steps = [("", "ms", "step", "by", "http", "reason")]
    steps += [
        (
            "",
            f"{each['ms']:.1f}",
            each["step"].replace("_", " "),
            each.get("lane", "-"),
            str(each.get("http_status", "-")),
            each.get("reason", "-"),
        )
        for each in facts["steps"]
    ]
    lines = [table(head), table(steps)]
    if "left_out" in facts:
        lines.append(f"{facts['left_out']} steps in the middle are left out")
    return "\n".join(lines)


def _time(unix: float, timespec: str) -> str:
    local = datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone()
    return local.isoformat(timespec=timespec)
