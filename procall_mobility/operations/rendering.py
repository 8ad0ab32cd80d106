"""Renders lines of the access book for people and for machines (service.md section 1)."""

import datetime
import hashlib
import hmac
import json
from collections.abc import Callable

from attrs import frozen

from procall_mobility.gateway.access import AccessEntry, User

LONGEST_VALUE = 200
"""Characters of one value; longer ones are cut."""

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
    """Return a value that cannot begin a line of its own or fool a terminal."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value[:LONGEST_VALUE])
    return f'"{shown}"' if " " in shown or "=" in shown else shown


def lasted(seconds: float) -> str:
    """Return a duration as people say it: `41 s`, `6 h 12 min`, `3 d 4 h`."""
    whole = int(seconds)
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
    """Return one line for people."""
    words = [time.isoformat(timespec="seconds"), plain(entry.customer or "-"), entry.event]
    if entry.duration is not None:
        words.append(f"after {lasted(entry.duration)}")
    if entry.user is not None:
        words.append(names.of(entry.customer, entry.user))
    details = {
        "client": entry.client,
        "app": entry.app,
        "via": entry.via,
        "server": entry.server,
        "sent": entry.sent,
        "received": entry.received,
        "reason": entry.reason,
    }
    words += [f"{key}={plain(str(value))}" for key, value in details.items() if value is not None]
    if entry.note is not None:
        words.append(f" {entry.note}")
    return " ".join(words)


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
        "reason": str(entry.reason) if entry.reason is not None else None,
        "note": entry.note,
    }
    kept = {key: value for key, value in members.items() if value is not None}
    return json.dumps(kept, ensure_ascii=True)
