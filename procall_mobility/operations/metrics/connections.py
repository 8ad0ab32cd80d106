"""Metrics of customers' links, clients' sessions, and connections of whatever kind."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from attrs import define
from prometheus_client.metrics_core import Metric

from procall_mobility.gateway.apps import APPS
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.operations.metrics.declaring import counter, gauge, of_each_customer

CONNECTIONS: Final = gauge("procall_connections", "Connections that are open, of every kind.")
MOST_CONNECTIONS: Final = gauge(
    "procall_connections_limit", "Connections there may be in all (`connections.total`)."
)
LINKS: Final = gauge(
    "procall_links", "Links of customers' servers that are open, by the form of ROSE.", "form"
)
PAUSED_LINKS: Final = gauge(
    "procall_links_paused", "Links whose server takes nothing more for now."
)
LINK_MESSAGES: Final = counter(
    "procall_link_messages_total",
    "Messages over links, `sent` to servers and `received` from them.",
    "direction",
)
SESSIONS: Final = gauge(
    "procall_sessions", "Sessions of clients, by the application the client says it is.", "app"
)
ATTACHED: Final = gauge("procall_sessions_attached", "Sessions that have their WebSocket.")
SESSION_MESSAGES: Final = counter(
    "procall_session_messages_total",
    "Messages of sessions, `sent` to clients and `received` from them.",
    "direction",
)
CUSTOMER_LINKS: Final = of_each_customer("procall_customer_links", "Links of a customer.")
CUSTOMER_SESSIONS: Final = of_each_customer("procall_customer_sessions", "Sessions of a customer.")

DECLARED: Final = (
    CONNECTIONS,
    MOST_CONNECTIONS,
    LINKS,
    PAUSED_LINKS,
    LINK_MESSAGES,
    SESSIONS,
    ATTACHED,
    SESSION_MESSAGES,
    CUSTOMER_LINKS,
    CUSTOMER_SESSIONS,
)

KNOWN_APPS: Final = frozenset(APPS.values())
OTHER: Final = "other"
"""Clients may say any number."""

COUNTED_AT_ONCE: Final = 1000
"""Sessions, which takes half a millisecond."""


@define(kw_only=True, eq=False)
class ConnectionMetrics:
    """Their source."""

    gateway: Gateway
    connections: Callable[[], int]
    most: int
    customers: bool
    """Whether each customer has metrics of its own; both may change at any time."""

    def collect(self) -> Iterator[Metric | None]:
        """Yield them."""
        yield CONNECTIONS.of(self.connections())
        yield MOST_CONNECTIONS.of(self.most)
        yield from self._links()
        yield from self._sessions()

    def _links(self) -> Iterator[Metric]:
        table = self.gateway.links
        links = table.all()
        ber = sum(link.wire.speaks_ber for link in links)
        yield LINKS.by([(["json"], len(links) - ber), (["ber"], ber)])
        yield PAUSED_LINKS.of(sum(link.paused for link in links))
        sent = table.sent + sum(link.sent for link in links)
        received = table.received + sum(link.received for link in links)
        yield LINK_MESSAGES.by([(["sent"], sent), (["received"], received)])
        if self.customers:
            held, sessions = Counter[str](), Counter[str]()
            for link in links:
                held[link.customer.ucsid] += 1
                sessions[link.customer.ucsid] += len(link.sessions)
            yield CUSTOMER_LINKS.by(([ucsid], count) for ucsid, count in held.items())
            yield CUSTOMER_SESSIONS.by(([ucsid], count) for ucsid, count in sessions.items())

    def _sessions(self) -> Iterator[Metric | None]:
        # What ends while we count is in our list, and not in the sums of those that have ended.
        desk = self.gateway.sessions
        apps = Counter[str]()
        attached, sent, received = 0, desk.sent, desk.received
        for number, session in enumerate(desk, 1):
            if not number % COUNTED_AT_ONCE:
                yield None
            apps[session.app] += 1
            attached += session.wire is not None
            sent += session.sent
            received += session.received
        known = Counter({app: apps[app] for app in KNOWN_APPS})
        known[OTHER] = apps.total() - known.total()
        yield SESSIONS.by(([app], count) for app, count in sorted(known.items()))
        yield ATTACHED.of(attached)
        yield SESSION_MESSAGES.by([(["sent"], sent), (["received"], received)])
