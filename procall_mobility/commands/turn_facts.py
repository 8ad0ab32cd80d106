"""Shows the relay's credentials and sessions to people."""

import datetime
from typing import Any

from procall_mobility.commands.settings import table
from procall_mobility.operations.rendering import lasted, plain

HEADINGS: tuple[str, ...] = (
    "ID", "USER", "CLIENT", "BY", "RELAYED", "FOR", "EXPIRES IN", "SENT", "RECEIVED", "KERNEL",
)  # fmt: skip

NO_RELAY = {"off": "the relay is switched off", "no-daemon": "no daemon runs"}
"""Why nobody has a relay that could be ended."""

UNITS = ("B", "kB", "MB", "GB", "TB")


def moment(unix: float) -> str:
    """Return a time as people and machines read it."""
    local = datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone()
    return local.isoformat(timespec="seconds")


def credential_text(facts: dict[str, Any]) -> str:
    """Return a credential for people."""
    lines = [f"url         {url}" for url in facts["urls"]]
    lines += [f"user name   {facts['username']}", f"credential  {facts['credential']}"]
    lines.append(f"good for    {lasted(facts['ttl'])}")
    return "\n".join(lines)


def sessions_text(facts: dict[str, Any]) -> str:
    """Return who has a relay, for people; its shape is that of the admin verb `turn-sessions`."""
    sessions, counters = facts["sessions"], facts["counters"]
    rows = [HEADINGS, *(tuple(map(str, _session(each))) for each in sessions)]
    parts = [table(rows) if sessions else "nobody has a relay"]
    if counters:
        parts.append(table([(name, str(count)) for name, count in sorted(counters.items())]))
    return "\n\n".join(parts)


def revoked_text(facts: dict[str, Any]) -> str:
    """Return what `turn revoke` has done, for people."""
    ended = f"{facts['target']}: {facts['ended']} ended"
    why = NO_RELAY.get(facts["relay"])
    return f"{ended}, as {why}; all they had to show is taken back" if why else ended


def _session(session: dict[str, Any]) -> tuple[object, ...]:
    return (
        session["id"],
        # Clients choose how they are called; that must not fool a terminal.
        plain(f"{session['customer']}:{session['user']}"),
        session["client"] or "-",
        session["transport"] or "-",
        ", ".join(session["relayed"]),
        lasted(session["seconds"]),
        lasted(session["expires_in"]),
        amount(session["sent_octets"]),
        amount(session["received_octets"]),
        _by_kernel(session),
    )


def _by_kernel(session: dict[str, Any]) -> str:
    """Return how much of it never woke the daemon; a dash where nothing could."""
    packets, carried = (
        session["sent_packets"] + session["received_packets"],
        session["carried_packets"],
    )
    if not carried:
        return "0 %" if session["carried_channels"] else "-"
    # Not all of it unless it is all: whoever looks for the first packets shall find them.
    return f"{100 if carried >= packets else min(99, round(100 * carried / packets))} %"


def amount(octets: float) -> str:
    """Return octets as people read them."""
    for unit in UNITS[:-1]:
        if octets < 1000:
            return f"{octets:.3g} {unit}"
        octets /= 1000
    return f"{octets:.3g} {UNITS[-1]}"
