"""Shows customers, to people and to machines."""

import datetime
from typing import Any

import attrs

from procall_mobility.commands.settings import show, table
from procall_mobility.commands.switches import word
from procall_mobility.gateway.customers import Customer
from procall_mobility.operations.rendering import visible
from procall_mobility.storage.customers import CustomerStore


def facts_of(store: CustomerStore, found: Customer) -> dict[str, Any]:
    """Return all that is known of a customer, but its password."""
    entry = store.entry(found.ucsid)
    created = datetime.datetime.fromtimestamp(entry.created, datetime.UTC).astimezone()
    return {
        "ucsid": found.ucsid,
        "enabled": found.enabled,
        "aliases": sorted(found.aliases),
        "created": created.isoformat(timespec="seconds"),
        "note": entry.note,
        "switches": attrs.asdict(found.switches),
    }


def show_customer(facts: dict[str, Any], *, as_json: bool) -> None:
    """Show one customer with its switches."""

    def text() -> str:
        switches = facts["switches"]
        width = max(map(len, switches))
        lines = [
            f"UCSID    {facts['ucsid']}",
            f"state    {_state(facts)}",
            f"aliases  {', '.join(facts['aliases']) or '-'}",
            f"created  {facts['created']}",
            *([f"note     {visible(facts['note'])}"] if facts["note"] else []),
            "switches",
            *(f"  {name:{width}}  {word(value)}" for name, value in switches.items()),
        ]
        return "\n".join(lines)

    show(facts, text, as_json=as_json)


def show_list(listed: list[dict[str, Any]], *, as_json: bool) -> None:
    """Show many customers, one in a line."""

    def text() -> str:
        if not listed:
            return "no customers yet; `customer add UCSID` takes one in"
        rows = [("UCSID", "STATE", "ALIASES", "NOTE")]
        rows += [
            (each["ucsid"], _state(each), ", ".join(each["aliases"]) or "-", visible(each["note"]))
            for each in listed
        ]
        return table(rows)

    show(listed, text, as_json=as_json)


def _state(facts: dict[str, Any]) -> str:
    return "on" if facts["enabled"] else "off"
