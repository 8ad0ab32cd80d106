"""The links customers' servers hold to us, and which one a client is led to."""

from collections import OrderedDict
from collections.abc import Callable
from weakref import ReferenceType, ref

from attrs import define, field

from procall_mobility.gateway.alarms import Alarm
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.ports import LinkWire
from procall_mobility.protocols.ucserver.registration import Capability, Registration

MOST_STICKY = 50_000
"""Client addresses whose link is remembered; the least recent is forgotten first."""


@define(eq=False)
class Link:
    """One registered server link."""

    customer: Customer
    wire: LinkWire
    registration: Registration
    peer: str
    number: int
    """1 for a customer's first link, 2 for its second: `node1`, `node2` in the access book."""
    since: float
    sessions: set[str] = field(factory=set, repr=False)
    capabilities: tuple[Capability, ...] = ()
    paused: bool = False
    """The server's connection takes nothing more for now."""
    stall: Alarm = field(factory=Alarm)
    """Rings when the server has taken nothing for too long."""
    logins: int = 0
    """Log-ons under way."""
    one_shots: int = 0
    """Calls over HTTP under way, beside log-ons."""
    asked: list[int] = field(factory=list, repr=False)
    """What the server has asked of us and has no answer to: its invoke ids."""
    sent: int = 0
    received: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether somebody who has asked over HTTP, or the server, waits for an answer."""
        return self.one_shots > 0 or bool(self.asked)

    @property
    def name(self) -> str:
        """Return how the access book calls it."""
        return f"node{self.number}"


class LinkTable:
    """All links by customer."""

    def __init__(self, stickiness: float) -> None:
        self._stickiness = stickiness
        self._links: dict[str, list[Link]] = {}
        self.sent = self.received = 0
        """Messages of links that are no more."""
        self.left: Callable[[Link], None] = lambda _: None
        """Is called with every link that is no more."""
        # By weak reference: a link that is lost is not kept by those who once used it.
        self._sticky: OrderedDict[tuple[str, str], tuple[ReferenceType[Link], float]] = (
            OrderedDict()
        )

    def all(self) -> list[Link]:
        """Return every link, by customer."""
        return [link for _, links in sorted(self._links.items()) for link in links]

    def of(self, ucsid: str) -> list[Link]:
        """Return a customer's links, oldest first."""
        return list(self._links.get(ucsid, ()))

    def free_number(self, ucsid: str) -> int:
        """Return the lowest number none of the customer's links has."""
        taken = {link.number for link in self._links.get(ucsid, ())}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def add(self, link: Link) -> None:
        """Take a link in."""
        self._links.setdefault(link.customer.ucsid, []).append(link)

    def remove(self, link: Link) -> None:
        """Forget a link that was taken in."""
        links = self._links[link.customer.ucsid]
        links.remove(link)
        if not links:
            del self._links[link.customer.ucsid]
        self.sent += link.sent
        self.received += link.received
        self.left(link)

    def choose(self, ucsid: str, client: str, now: float) -> Link | None:
        """Return the link for a client: the one it had lately (A-03), else the least used."""
        links = self._links.get(ucsid)
        if not links:
            return None
        key = (ucsid, client)
        sticky = self._sticky.pop(key, None)
        link = min(links, key=lambda each: (each.paused, len(each.sessions)))
        if sticky is not None and now - sticky[1] <= self._stickiness:
            lately = sticky[0]()
            link = lately if lately in links else link
        self._sticky[key] = (ref(link), now)
        while len(self._sticky) > MOST_STICKY:
            self._sticky.popitem(last=False)
        return link
