"""Shows the relay's credentials and sessions to people."""

import datetime
from typing import Any

from procall_mobility.commands.settings import table
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.rendering import lasted, plain

HEADINGS: tuple[str, ...] = (
    "ID", "USER", "CLIENT", "BY", "RELAYED", "FOR", "EXPIRES IN", "SENT", "RECEIVED", "KERNEL",
)  # fmt: skip

NO_RELAY = {"off": "the relay is switched off", "no-daemon": "no daemon runs"}
"""Why nobody has a relay that could be ended."""

UNITS = ("B", "kB", "MB", "GB", "TB")


def moment(unix: float) -> str:
    """Return a time as people and machines read it."""
    return _local(unix).isoformat(timespec="seconds")


def clock_time(unix: float) -> str:
    """Return a time that is about to come, for people alone."""
    return f"{_local(unix):%Y-%m-%d %H:%M:%S}"


def credential_text(facts: dict[str, Any]) -> str:
    """Return a credential for people."""
    lines = [f"url         {url}" for url in facts["urls"]]
    lines += [f"user name   {facts['username']}", f"credential  {facts['credential']}"]
    lines.append(f"good for    {lasted(facts['ttl'])}")
    return "\n".join(lines)


def sessions_text(facts: Any) -> str:
    """Return who has a relay, for people; its shape is that of the admin verb `turn-sessions`."""
    told = Answer(facts)
    rows = [HEADINGS, *(_session(each) for each in told["sessions"])]
    parts = [table(rows) if len(told["sessions"]) else "nobody has a relay"]
    counters = told["counters"].counts()
    if counters:
        parts.append(table(counters))
    return "\n\n".join(parts)


def revoked_text(facts: dict[str, Any]) -> str:
    """Return what `turn revoke` has done, for people."""
    ended = f"{facts['target']}: {facts['ended']} ended"
    why = NO_RELAY.get(facts["relay"])
    return f"{ended}, as {why}; all they had to show is taken back" if why else ended


def _session(session: Answer) -> tuple[str, ...]:
    return (
        str(session["id"]),
        # Clients choose how they are called; that must not fool a terminal.
        plain(f"{session['customer'].text}:{session['user'].text}"),
        str(session["client"]),
        str(session["transport"]),
        str(session["relayed"]),
        session["seconds"].shown(lasted),
        session["expires_in"].shown(lasted),
        session["sent_octets"].shown(amount),
        session["received_octets"].shown(amount),
        _by_kernel(session),
    )


def _by_kernel(session: Answer) -> str:
    """Return how much of it never woke the daemon; a dash where nothing could."""
    packets = (session["sent_packets"].number or 0) + (session["received_packets"].number or 0)
    carried = session["carried_packets"].number
    if not carried or carried < 0:
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


def _local(unix: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone()
