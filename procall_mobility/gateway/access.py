"""The access book: what one line says, before anybody renders it (service.md section 1)."""

import enum

from attrs import frozen

from procall_mobility.gateway.reasons import Reason


class Event(enum.StrEnum):
    """What happened, in the words of the book."""

    LINK_OPENED = "server link opened"
    LINK_LOST = "server link lost"
    LINK_REFUSED = "server link refused"
    LINK_REDIRECTED = "server link redirected"
    SESSION_OPENED = "session opened"
    SESSION_CLOSED = "session closed"
    LOGIN_REFUSED = "login refused"
    REQUEST_REFUSED = "request refused"
    CONNECTION_REFUSED = "connection refused"
    RELAY_OPENED = "relay opened"
    RELAY_GOES_ON = "relay goes on"
    RELAY_ENDED = "relay ended"
    RELAY_REFUSED = "relay refused"
    PUSH_SENT = "push handed over"
    PUSH_REJECTED = "push rejected"
    PUSH_EXPIRED = "push expired"
    PUSH_REPLACED = "push replaced"
    PUSH_TOKEN_GONE = "push token gone"  # noqa: S105  # A word, no secret.
    PUSH_NOT_ACCEPTED = "push not accepted"


@frozen
class User:
    """A user's name; every sink shows a keyed hash of it instead (`user#7f3a`)."""

    name: str

    def __repr__(self) -> str:
        """Show that there is a name, never the name."""
        return "User(...)"


@frozen
class Device:
    """A digest of a device's push token; every sink shows a keyed hash instead (`device#91c2`)."""

    digest: bytes

    def __repr__(self) -> str:
        """Show that there is a device, never which."""
        return "Device(...)"


@frozen(kw_only=True)
class AccessEntry:
    """One line of the access book.  The sink adds the time, and renders text or JSON."""

    event: Event
    customer: str | None = None
    client: str | None = None
    """Address of the peer, IPv4 or IPv6 text without port."""
    app: str | None = None
    """Which application (`mobile`, `web` ...), from clientappid."""
    user: User | None = None
    via: str | None = None
    """The link: `node1`, `node2` in the order a customer's servers came; of a relay, by which
    transport its client comes."""
    server: str | None = None
    """The server's own name and version as it registered."""
    duration: float | None = None
    """Seconds, for what has ended."""
    sent: int | None = None
    """Messages sent to the peer, for what has ended; of a relay, datagrams to its peers."""
    received: int | None = None
    sent_octets: int | None = None
    """Octets relayed to peers."""
    received_octets: int | None = None
    allocation: str | None = None
    """The id of a relay's allocation."""
    urgency: str | None = None
    """The class of a push: `call`, `alert`, `background`."""
    lane: str | None = None
    """By which provider and credential a push went."""
    device: Device | None = None
    push: str | None = None
    """The id of a push."""
    reason: Reason | None = None
    why: str | None = None
    """Why a push ended as it did: a word of ours, or of its provider's."""
    left_out: int | None = None
    """How many more of the same were refused, without a line for each (`refusal_lines`)."""
    note: str | None = None
    """A readable remark of ours, never a peer's words."""
