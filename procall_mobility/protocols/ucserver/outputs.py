"""What a server link wants done, and the news it brings."""

from attrs import field, frozen

from procall_mobility.protocols.rose.messages import Error, Invoke, Reject, Result
from procall_mobility.protocols.ucserver.calls import Caller
from procall_mobility.protocols.ucserver.registration import Capability, Registration


@frozen
class Transmit:
    """Send these octets (raw TCP), or this message (WebSocket; `binary` tells the frame type)."""

    octets: bytes = field(repr=False)
    binary: bool = False


@frozen
class BeginTls:
    """Start TLS on this connection once everything before has been flushed; we are the server."""


@frozen
class CloseLink:
    """Flush and close; `reason` is a reason code."""

    reason: str


@frozen
class Registering:
    """The server asks to be let in; the owner calls `accept`, `redirect` or `refuse`."""

    registration: Registration


@frozen
class LinkInvoked:
    """The server called us, or sent an event, outside every session; arguments are JSON."""

    invoke: Invoke


@frozen
class SessionInvoked:
    """The server called, or sent an event to, the client of a session."""

    session_id: str = field(repr=False)
    invoke: Invoke


@frozen
class SessionEnded:
    """The server ended a session by itself (asnUserSessionDestroyed)."""

    session_id: str = field(repr=False)


@frozen
class CapabilitiesChanged:
    """The server told what it can do (asnUCSCapabilitiesChanged)."""

    capabilities: tuple[Capability, ...]


@frozen
class CallAnswered:
    """The server answered a call of ours; ids in `answer` are ours and mean nothing outside."""

    caller: Caller
    operation: str | None
    answer: Result | Error | Reject


@frozen
class Surprise:
    """Something worth a line in the service log, in our words."""

    text: str


Output = (
    Transmit
    | BeginTls
    | CloseLink
    | Registering
    | LinkInvoked
    | SessionInvoked
    | SessionEnded
    | CapabilitiesChanged
    | CallAnswered
    | Surprise
)
