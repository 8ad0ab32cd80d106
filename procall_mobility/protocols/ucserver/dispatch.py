"""What an invoke on an open link means to us (Wire 5.4)."""

from procall_mobility.protocols.rose.messages import Invoke, JsonValue
from procall_mobility.protocols.ucserver.outputs import (
    CapabilitiesChanged,
    LinkInvoked,
    SessionEnded,
    SessionInvoked,
    Surprise,
)
from procall_mobility.protocols.ucserver.registration import Capability

SESSION_ENDED = ("asnUserSessionDestroyed", "asnMgmtSessionDestroyed")
CAPABILITIES_CHANGED = "asnUCSCapabilitiesChanged"

MOST_CAPABILITIES = 100
"""One is known by name (Wire 5.3); a hundred leaves room for a long future."""

News = SessionInvoked | SessionEnded | CapabilitiesChanged | LinkInvoked | Surprise


def news_of(invoke: Invoke) -> News:
    """Read an invoke of an open link, whose argument is JSON."""
    if invoke.session_id is not None:
        return SessionInvoked(invoke.session_id, invoke)
    if invoke.operation_name in SESSION_ENDED and invoke.is_event:
        session_id = _members(invoke).get("u8sSessionID")
        if isinstance(session_id, str):
            return SessionEnded(session_id)
        return Surprise("a server ended a session without naming it")
    if invoke.operation_name == CAPABILITIES_CHANGED and invoke.is_event:
        return CapabilitiesChanged(read_capabilities(_members(invoke).get("capabilities")))
    return LinkInvoked(invoke)


def read_capabilities(value: object) -> tuple[Capability, ...]:
    """Read a capability list, leaving out what is none."""
    entries = value if isinstance(value, list) else []
    return tuple(
        Capability(
            kind=entry["u8sType"],
            value=entry.get("iValue") if isinstance(entry.get("iValue"), int) else None,
            text=entry.get("u8sValue") if isinstance(entry.get("u8sValue"), str) else None,
        )
        for entry in entries[:MOST_CAPABILITIES]
        if isinstance(entry, dict) and isinstance(entry.get("u8sType"), str)
    )


def _members(invoke: Invoke) -> dict[str, object]:
    value = invoke.argument.value() if isinstance(invoke.argument, JsonValue) else None
    return value if isinstance(value, dict) else {}
