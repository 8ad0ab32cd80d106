"""`turn peer`: which peers a customer's clients may reach through the relay."""

from typing import Any

import click

from procall_mobility.commands.changes import change_turn, read_turn, ucsid_argument
from procall_mobility.commands.settings import Place, json_option, show
from procall_mobility.protocols.turn.peer_rules import PeerRule


def _rule(_context: click.Context, _parameter: click.Parameter, value: str) -> PeerRule:
    try:
        return PeerRule.parse(value)
    except ValueError as error:
        expected = "as in 192.0.2.0/24, 192.0.2.7:5000-6000 or [2001:db8::/32]:443"
        raise click.BadParameter(f"{error}; {expected}") from error


rule_argument = click.argument("rule", metavar="RULE", callback=_rule)


@click.group()
def peer() -> None:
    """Change which peers a customer's clients may reach; without a rule, public addresses."""


@peer.command()
@ucsid_argument
@rule_argument
@json_option
@click.pass_obj
def allow(place: Place, ucsid: str, rule: PeerRule, as_json: bool) -> None:
    """Allow a network, or some of its ports, although it is not public."""
    change_turn(place, ucsid, lambda store: store.set_rule(ucsid, rule))
    _show(place, ucsid, as_json=as_json)


@peer.command()
@ucsid_argument
@rule_argument
@json_option
@click.pass_obj
def deny(place: Place, ucsid: str, rule: PeerRule, as_json: bool) -> None:
    """Deny a network, or some of its ports; this goes before what is allowed."""
    denied = PeerRule.parse(str(rule), allow=False)
    change_turn(place, ucsid, lambda store: store.set_rule(ucsid, denied))
    _show(place, ucsid, as_json=as_json)


@peer.command()
@ucsid_argument
@rule_argument
@json_option
@click.pass_obj
def forget(place: Place, ucsid: str, rule: PeerRule, as_json: bool) -> None:
    """Take a rule away."""
    change_turn(place, ucsid, lambda store: store.forget_rule(ucsid, rule))
    _show(place, ucsid, as_json=as_json)


@peer.command("list")
@ucsid_argument
@json_option
@click.pass_obj
def list_(place: Place, ucsid: str, as_json: bool) -> None:
    """List a customer's rules."""
    _show(place, ucsid, as_json=as_json)


def _show(place: Place, ucsid: str, *, as_json: bool) -> None:
    rules = read_turn(place, lambda store: store.stored_of(ucsid)).rules
    facts: list[dict[str, Any]] = [{"rule": str(each), "allow": each.allow} for each in rules]
    lines = [f"{'allow' if each.allow else 'deny':5}  {each}" for each in rules]
    show(facts, lambda: "\n".join(lines) or "no rules of its own", as_json=as_json)
