"""What an engine tells."""

from attrs import define, field, frozen

from procall_mobility.protocols.push.exchange import Result


@define(eq=True)
class RequestEnded:
    """A request has its one result.  Not frozen, as there is one of it for each request."""

    stream: int
    result: Result


@frozen
class CapacityChanged:
    """The peer has said, for the first time or anew, how many requests it takes at once."""

    limit: int


@frozen
class GoingAway:
    """The peer takes no more requests on this connection; those it had taken may still end."""

    why: str
    """The name of its error code (RFC 9113 section 7)."""
    debug: bytes = field(repr=False)
    """What the peer adds, cut; APNs says a reason in JSON."""


@frozen
class Ponged:
    """The peer has answered a ping."""


Event = RequestEnded | CapacityChanged | GoingAway | Ponged
