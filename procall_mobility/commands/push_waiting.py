"""`push queue`, `push retry`, `push feedback`, `push trace`: what waits, and what became of it."""

import datetime
from typing import Any

import click

from procall_mobility.commands.changes import ask_daemon
from procall_mobility.commands.settings import Place, failed, json_option, show, table
from procall_mobility.commands.turn_facts import moment
from procall_mobility.gateway.customers import normalized
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.rendering import lasted

MOST_NUMBER = 2**63 - 1
"""More does no database count."""

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
    show(facts, lambda: queue_text(facts), as_json=as_json)


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
    show(facts, lambda: retried_text(facts), as_json=as_json)


@click.command()
@customer_option
@click.option(
    "--after", type=click.IntRange(0, MOST_NUMBER), default=0, help="The number of the last seen."
)
@json_option
@click.pass_obj
def feedback(place: Place, customer: str | None, after: int, as_json: bool) -> None:
    """Show dead tokens that were found, by stand-ins for their devices; 1000 at most.

    Customers' servers get the tokens themselves.
    """
    facts = _asked(place, "push-feedback", customer=customer, after=after)
    show(facts, lambda: feedback_text(facts), as_json=as_json)


@click.command()
@click.argument("push", metavar="ID")
@json_option
@click.pass_obj
def trace(place: Place, push: str, as_json: bool) -> None:
    """Show what happened to the push of a call, step by step; for an hour."""
    facts = _asked(place, "push-trace", id=push)
    show(facts, lambda: trace_text(facts), as_json=as_json)


def _asked(place: Place, verb: str, **members: Any) -> Any:
    """Ask the daemon; ends the program when it refuses, or when there is none."""
    told = {name: value for name, value in members.items() if value is not None}
    try:
        return ask_daemon(place, verb, **told)
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))


def queue_text(facts: Any) -> str:
    """Return what waits for people; its shape is that of the admin verb `push-queue`."""
    told, lines = Answer(facts), []
    if told["restored"].said is False:
        lines.append("the queue of the last run is still being read; there is more")
    if not len(told["queue"]):
        return "\n".join([*lines, "nothing waits"])
    rows = [("lane", "class", "customer", "waiting", "in flight", "oldest", "next", "trouble")]
    rows += [
        (
            str(each["lane"]),
            str(each["class"]),
            str(each["customer"]),
            str(each["waiting"]),
            str(each["in_flight"]),
            each["oldest"].shown(lasted),
            each["next"].shown(_due),
            str(each["trouble"]),
        )
        for each in told["queue"]
    ]
    return "\n".join([*lines, table(rows)])


def retried_text(facts: Any) -> str:
    """Return what is due now for people; its shape is that of the admin verb `push-retry`."""
    told = Answer(facts)
    lanes = told["lanes"] or "none"
    pushes = f"{told['pushes']} delayed pushes are due now"
    return f"{pushes}\nlanes that try their provider at once: {lanes}"


def feedback_text(facts: Any) -> str:
    """Return dead tokens for people; its shape is that of the admin verb `push-feedback`."""
    told = Answer(facts)
    if not len(told["feedback"]):
        return "no dead tokens"
    rows = [("number", "customer", "channel", "device", "reason", "at")]
    rows += [
        (
            str(each["number"]),
            str(each["customer"]),
            str(each["channel"]),
            str(each["device"]),
            str(each["reason"]),
            each["at"].shown(moment),
        )
        for each in told["feedback"]
    ]
    return table(rows)


def trace_text(facts: Any) -> str:
    """Return what became of a push for people; its shape is that of the admin verb."""
    told = Answer(facts)
    head = [
        ("push", str(told["id"])),
        ("customer", str(told["customer"])),
        ("channel", str(told["channel"])),
        ("kind", str(told["kind"])),
        ("device", str(told["device"])),
        ("accepted", told["accepted"].shown(_fine_moment)),
        ("status", str(told["status"])),
    ]
    steps = [("", "ms", "step", "by", "http", "reason")]
    steps += [
        (
            "",
            each["ms"].shown("{:.1f}".format),
            str(each["step"]).replace("_", " "),
            str(each["lane"]),
            str(each["http_status"]),
            str(each["reason"]),
        )
        for each in told["steps"]
    ]
    lines = [table(head), table(steps)]
    if told["left_out"]:
        lines.append(f"{told['left_out']} steps in the middle are left out")
    return "\n".join(lines)


def _due(seconds: float) -> str:
    # Rounded up: nothing is due before it is.
    return "due" if seconds == 0 else f"in {lasted(seconds + 0.999)}"


def _fine_moment(unix: float) -> str:
    local = datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone()
    return local.isoformat(timespec="milliseconds")
