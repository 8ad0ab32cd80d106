"""Renders lines of the access book for people and for machines (service.md section 1)."""

import datetime
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import lru_cache

from procall_mobility.gateway.access import AccessEntry, Device, Event, User

LONGEST_VALUE = 200
"""Characters of one value; longer ones are cut, so that a line fits a journal datagram."""

ABOUT_LINKS = frozenset(event for event in Event if event.name.startswith("LINK_"))
ABOUT_PUSHES = frozenset(event for event in Event if event.name.startswith("PUSH_"))

COUNTS = ("sent", "received", "sent_octets", "received_octets", "left_out")

Local = Callable[[float], datetime.datetime]
"""Turns unix seconds into local time with its offset."""


DATE_AND_TIME = len("2026-11-22T09:14:03")
"""Characters before the offset."""


class Stamps:
    """Local time as it stands in a line: to the second for people, finer for machines.

    The text of a second is made once: telling the time costs as much as all the rest of a line.
    """

    def __init__(self, wall_clock: Callable[[], float], local: Local, *, fine: bool) -> None:
        self._wall_clock = wall_clock
        self._local = local
        self._fine = fine
        self._second = -1
        self._text = ""

    def now(self) -> str:
        """Return the time."""
        unix = self._wall_clock()
        second = int(unix)
        if second != self._second:
            self._second = second
            self._text = self._local(second).isoformat(timespec="seconds")
        if not self._fine:
            return self._text
        thousandth = min(999, round((unix - second) * 1e6) // 1000)
        return f"{self._text[:DATE_AND_TIME]}.{thousandth:03}{self._text[DATE_AND_TIME:]}"


MOST_NAMES = 1024
"""Names whose stand-ins are remembered: most users appear in several lines at a time."""


class Pseudonyms:
    """Stands keyed hashes in for names: `user#7f3a91`."""

    def __init__(self, key: bytes) -> None:
        """Take the key of this node."""
        self._key = key
        self._made: dict[tuple[str | None, str], str] = {}

    def of(self, customer: str | None, user: User) -> str:
        """Return the stand-in; the same name at two customers has two of them."""
        asked = (customer, user.name)
        made = self._made.get(asked)
        if made is None:
            if len(self._made) >= MOST_NAMES:
                self._made.clear()
            text = f"{customer or ''}\0{user.name.strip().lower()}".encode(
                "utf-8", "surrogatepass"
            )
            made = "user#" + hmac.digest(self._key, text, hashlib.sha256).hex()[:6]
            self._made[asked] = made
        return made

    def of_device(self, customer: str | None, device: Device) -> str:
        """Return the stand-in for a device: `device#91c2ab`."""
        named = (customer or "").encode("utf-8", "surrogatepass") + b"\0" + device.digest
        # There may be thousands a second, each another one: BLAKE2 takes a fifth of HMAC's time.
        return "device#" + hashlib.blake2b(named, key=self._key, digest_size=3).hexdigest()


def plain(value: str) -> str:
    """Return a value that cannot begin a line or a field of its own, or fool a terminal."""
    shown = escaped(value)
    if shown and not (" " in shown or "=" in shown or '"' in shown):
        return shown
    return '"' + shown.replace('"', '\\"') + '"'


def escaped(text: str) -> str:
    """Return a text with its control characters and backslashes visible, and cut."""
    return visible(text[:LONGEST_VALUE])


def visible(text: str) -> str:
    """Return a text with its control characters and backslashes visible."""
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(c if c.isprintable() and c != "\\" else repr(c)[1:-1] for c in text)


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


def took(seconds: float) -> str:
    """Return a duration of which the first second counts: `38 ms`, `2.1 s`, then as `lasted`."""
    if seconds < 1:
        return f"{max(0, round(seconds * 1000))} ms"
    return f"{seconds:.1f} s" if seconds < 10 else lasted(seconds)


def as_text(entry: AccessEntry, time: str, names: Pseudonyms) -> str:
    """Return one line for people: who, what, how long; then the circumstances; then why."""
    if entry.event in ABOUT_PUSHES:
        return _push_as_text(entry, time, names)
    is_about_link = entry.event in ABOUT_LINKS
    what = f"{time} {plain(entry.customer or '-')} {entry.event}"
    if is_about_link and entry.via is not None:
        what += f" {plain(entry.via)}"
    if entry.duration is not None:
        what += f" after {lasted(entry.duration)}"
    circumstances = _circumstances(entry, names, via=None if is_about_link else entry.via)
    parts = [what]
    if circumstances:
        parts.append(" ".join(circumstances))
    if entry.reason is not None:
        parts.append(f"reason={plain(entry.reason)}")
    if entry.note is not None:
        parts.append(escaped(entry.note))
    return "  ".join(parts)


def _push_as_text(entry: AccessEntry, time: str, names: Pseudonyms) -> str:
    """Return the line of a push, of which there may be thousands a second."""
    after = "" if entry.duration is None else f" after {took(entry.duration)}"
    why = "" if entry.why is None else f"  reason={plain(entry.why)}"
    which = ""
    if entry.device is not None:
        device = names.of_device(entry.customer, entry.device)
        which = (
            f"  {entry.urgency} lane={_plain_lane(entry.lane or '-')} {device} push={entry.push}"
        )
    return f"{time} {plain(entry.customer or '-')} {entry.event.value}{after}{which}{why}"


@lru_cache(maxsize=1024)
def _plain_lane(lane: str) -> str:
    return plain(lane)


def _circumstances(entry: AccessEntry, names: Pseudonyms, via: str | None) -> list[str]:
    said = []
    if entry.client is not None:
        said.append(f"client={plain(entry.client)}")
    if entry.app is not None:
        said.append(f"app={plain(entry.app)}")
    if entry.user is not None:
        said.append(names.of(entry.customer, entry.user))
    if via is not None:
        said.append(f"via={plain(via)}")
    if entry.server is not None:
        said.append(f"server={plain(entry.server)}")
    for name in COUNTS:
        count = getattr(entry, name)
        if count is not None:
            said.append(f"{name}={count}")
    if entry.allocation is not None:
        said.append(f"allocation={plain(entry.allocation)}")
    return said


def as_json(entry: AccessEntry, time: str, names: Pseudonyms) -> str:
    """Return one JSON object for machines."""
    members = {
        "time": time,
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
        "left_out": entry.left_out,
        "class": entry.urgency,
        "lane": entry.lane,
        "device": names.of_device(entry.customer, entry.device) if entry.device else None,
        "push": entry.push,
        "reason": str(entry.reason) if entry.reason is not None else entry.why,
        "note": entry.note,
    }
    kept = {
        key: value[:LONGEST_VALUE] if isinstance(value, str) else value
        for key, value in members.items()
        if value is not None
    }
    return json.dumps(kept)
