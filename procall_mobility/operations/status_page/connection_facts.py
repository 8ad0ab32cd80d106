"""What the status page says of links and sessions: customers are named, nobody else is."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from attrs import define, field

from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.links import Link

MOST_ROWS: Final = 200
"""Of a table: a page is for people, and more than that is for metrics."""

COUNTED_AT_ONCE: Final = 1000
"""Sessions, which takes half a millisecond."""


@define(eq=False, kw_only=True)
class ConnectionFacts:
    """Their table."""

    gateway: Gateway
    _attached: Counter[str] = field(factory=Counter, init=False)
    _apps: Counter[str] = field(factory=Counter, init=False)

    def links(self, now: float) -> dict[str, Any]:
        """Return the links; those whose server takes nothing come first."""
        links = sorted(self.gateway.links.all(), key=lambda link: not link.paused)
        return table([_link(link, now) for link in links[:MOST_ROWS]], len(links))

    def count(self) -> Iterator[None]:
        """Count the sessions, some in each turn."""
        attached, apps = Counter[str](), Counter[str]()
        for number, session in enumerate(self.gateway.sessions, 1):
            if not number % COUNTED_AT_ONCE:
                yield
            apps[session.app] += 1
            attached[session.link.customer.ucsid] += session.wire is not None
        self._attached, self._apps = attached, apps

    def sessions(self) -> dict[str, Any]:
        """Return how many sessions each customer has, as `count` has left it; most come first."""
        links, sessions = Counter[str](), Counter[str]()
        most: dict[str, int] = {}
        for link in self.gateway.links.all():
            ucsid = link.customer.ucsid
            links[ucsid] += 1
            sessions[ucsid] += len(link.sessions)
            most[ucsid] = link.customer.switches.sessions
        rows = [
            {
                "customer": ucsid,
                "links": links[ucsid],
                "sessions": count,
                "attached": self._attached[ucsid],
                "most": most[ucsid],
            }
            for ucsid, count in sessions.most_common(MOST_ROWS)
        ]
        return {
            "attached": self._attached.total(),
            "apps": dict(self._apps.most_common(MOST_APPS)),
            **table(rows, len(sessions)),
            "total": len(self.gateway.sessions),
        }


MOST_APPS: Final = 20
"""Kinds of applications: clients may say any number, which is shown as one word."""


def table(rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """Return rows with how many there are in all."""
    return {"total": total, "rows": rows, "left_out": total - len(rows)}


def _link(link: Link, now: float) -> dict[str, Any]:
    registered = link.registration
    return {
        "customer": link.customer.ucsid,
        "name": link.name,
        "server": f"{registered.server_name} {registered.server_version}".strip(),
        "form": "ber" if link.wire.speaks_ber else "json",
        "seconds": round(now - link.since),
        "paused": link.paused,
        "sessions": len(link.sessions),
        "sent": link.sent,
        "received": link.received,
    }
