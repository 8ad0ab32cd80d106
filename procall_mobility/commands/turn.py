"""`procall-mobility turn`: credentials for the relay, and who uses it."""

import click

from procall_mobility.commands.changes import (
    ask_daemon,
    change_turn,
    ucsid_argument,
)
from procall_mobility.commands.settings import Place, failed, json_option, show
from procall_mobility.commands.turn_check import check
from procall_mobility.commands.turn_datapath import datapath
from procall_mobility.commands.turn_facts import credential_text, revoked_text, sessions_text
from procall_mobility.commands.turn_issuing import issued
from procall_mobility.commands.turn_keys import secret, user
from procall_mobility.commands.turn_peers import peer
from procall_mobility.gateway.customers import normalized
from procall_mobility.operations import admin_client
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.protocols.turn.tenants import SHARED_SUBJECT

LONGEST_TTL = 31_536_000
"""Seconds; a year, as in the settings."""


@click.group()
def turn() -> None:
    """Let customers' clients use the STUN/TURN relay; a running daemon sees changes at once."""


@turn.command()
@ucsid_argument
@click.option("--ttl", type=click.IntRange(1, LONGEST_TTL), help="Seconds; else [ice] ttl.")
@click.option("--user", "subject", default=SHARED_SUBJECT, show_default=True, help="For whom.")
@json_option
@click.pass_obj
def credentials(place: Place, ucsid: str, ttl: int | None, subject: str, as_json: bool) -> None:
    """Issue a credential that expires, and show it."""
    facts = issued(place, ucsid, subject, ttl or place.settings().ice.ttl)
    show(facts, lambda: credential_text(facts), as_json=as_json)


@turn.command()
@json_option
@click.pass_obj
def sessions(place: Place, as_json: bool) -> None:
    """Show who has a relay, and what was relayed."""
    try:
        facts = ask_daemon(place, "turn-sessions")
    except (admin_client.NotRunningError, admin_client.AdminError) as error:
        failed(str(error))
    show(facts, lambda: sessions_text(facts), as_json=as_json)


@turn.command()
@click.argument("target", metavar="UCSID|UCSID:USER|ID")
@json_option
@click.pass_obj
def revoke(place: Place, target: str, as_json: bool) -> None:
    """End the relays of a customer or user, and take back all they have to show until now.

    An ID, as `turn sessions` shows it, ends that one relay and takes nothing back.  What a
    customer or user has is also taken back where no daemon runs, or none that relays.
    """
    if target.endswith(":"):
        raise click.UsageError(f"{target!r}: expected UCSID:USER")
    try:
        ended = Answer(ask_daemon(place, "turn-revoke", target=target))["ended"].number
        relay = "off" if ended is None else "on"
    except admin_client.NotRunningError:
        ended, relay = None, "no-daemon"
    except admin_client.AdminError as error:
        failed(str(error))
    if ended is None:
        # Nobody has a relay; but once there is one again, nobody shall get in by old means.
        key, _, subject = target.partition(":")
        ucsid = normalized(key)
        change_turn(place, ucsid, lambda store: store.revoke(ucsid, subject or None))
    facts = {"target": target, "ended": ended or 0, "relay": relay}
    show(facts, lambda: revoked_text(facts), as_json=as_json)


for command in (check, datapath, secret, user, peer):
    turn.add_command(command)
