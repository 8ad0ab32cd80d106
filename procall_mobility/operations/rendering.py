"""Renders lines of the access book for people and for machines (service.md section 1)."""

import datetime
import hashlib
import hmac
import json
from collections.abc import Callable

from attrs import frozen

from procall_mobility.gateway.access import AccessEntry, Event, User

LONGEST_VALUE = 200
"""Characters of one value; longer ones are cut, so that a line fits a journal datagram."""

ABOUT_LINKS = frozenset(event for event in Event if event.name.startswith("LINK_"))

Local = Callable[[float], datetime.datetime]
"""Turns unix seconds into local time with its offset."""


@frozen
class Pseudonyms:
    """Stands keyed hashes in for names: `user#7f3a91`."""

    key: bytes

    def __repr__(self) -> str:
        """Keep the key to itself."""
        return "Pseudonyms(...)"

    def of(self, customer: str | None, user: User) -> str:
        """Return the stand-in; the same name at two customers has two of them."""
        text = f"{customer or ''}\0{user.name.strip().lower()}".encode("utf-8", "surrogatepass")
        return "user#" + hmac.digest(self.key, text, hashlib.sha256).hex()[:6]


def plain(value: str) -> str:
    """Return a value that cannot begin a line or a field of its own, or fool a terminal."""
    shown = escaped(value)
    quotes = not shown or any(mark in shown for mark in ' ="')
    return '"' + shown.replace('"', '\\"') + '"' if quotes else shown


def escaped(text: str) -> str:
    """Return a text with its control characters and backslashes visible, and cut."""
    return "".join(
        c if c.isprintable() and c != "\\" else repr(c)[1:-1] for c in text[:LONGEST_VALUE]
    )


def lasted(seconds: float) -> str:
    """Return a duration as people say it: `41 s`, `6 h 12 min`, `3 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def as_text(entry: AccessEntry, time: datetime.datetime, names: Pseudonyms) -> str:
    """Return one line for people: who, what, how long; then the circumstances; then why."""
    is_about_link = entry.event in ABOUT_LINKS
    what = [time.isoformat(timespec="seconds"), plain(entry.customer or "-"), str(entry.event)]
    if is_about_link and entry.via is not None:
        what.append(plain(entry.via))
    if entry.duration is not None:
        what.append(f"after {lasted(entry.duration)}")
    circumstances = [
        *_pairs(client=entry.client, app=entry.app),
        *([names.of(entry.customer, entry.user)] if entry.user is not None else []),
        *_pairs(via=None if is_about_link else entry.via, server=entry.server),
        *_pairs(sent=entry.sent, received=entry.received),
        *_pairs(sent_octets=entry.sent_octets, received_octets=entry.received_octets),
        *_pairs(allocation=entry.allocation),
    ]
    parts = [what, circumstances, _pairs(reason=entry.reason)]
    if entry.note is not None:
        parts.append([escaped(entry.note)])
    return "  ".join(" ".join(words) for words in parts if words)


def _pairs(**values: object) -> list[str]:
    return [f"{key}={plain(str(value))}" for key, value in values.items() if value is not None]


def as_json(entry: AccessEntry, time: datetime.datetime, names: Pseudonyms) -> str:
    """Return one JSON object for machines, times to the millisecond."""
    members = {
        "time": time.isoformat(timespec="milliseconds"),
        "event": str(entry.event),
        "customer": entry.customer,
        "client": entry.client,
        "app": entry.app,
        "user": names.of(entry.customer, entry.user) if entry.user is not None else None,
        "via": entry.via,
        "server": entry.server,
        "seconds": round(entry.duration, 3) if entry.duration is not None else None,
        "sent": entry.sent,
        "received": entry.received,
        "sent_octets": entry.sent_octets,
        "received_octets": entry.received_octets,
        "allocation": entry.allocation,
        "reason": str(entry.reason) if entry.reason is not None else None,
        "note": entry.note,
    }
    kept = {
        key: value[:LONGEST_VALUE] if isinstance(value, str) else value
        for key, value in members.items()
        if value is not None
    }
    return json.dumps(kept)
