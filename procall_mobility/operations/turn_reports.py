"""What a look at the relay has found out, and how what fails is told apart."""

import enum
import socket
import ssl
from ipaddress import ip_address

from attrs import define, field, frozen

from procall_mobility.operations.turn_caller import LostError, RefusedError
from procall_mobility.protocols.public_addresses import is_public
from procall_mobility.protocols.stun.uris import Uri


class Step(enum.StrEnum):
    """What is tried, in this order."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    STUN = "stun"
    ALLOCATE = "allocate"
    RELAY = "relay"


class Fault(enum.StrEnum):
    """What can be wrong."""

    MALFORMED = "malformed"
    UNTRIED = "untried"
    UNKNOWN_HOST = "unknown-host"
    UNREACHABLE = "unreachable"
    NOBODY = "nobody-listens"
    SILENCE = "silence"
    UNTRUSTED = "certificate"
    NO_TLS = "no-tls"
    LOST = "lost"
    ERROR = "error-response"
    NOT_PUBLIC = "relay-not-public"


@frozen
class Failure:
    """Where it ended, and why."""

    step: Step
    fault: Fault
    code: int | None = None
    """Of an error response."""
    detail: str = ""
    """In the words of the system."""


@define
class Report:
    """What is known of one URL at one address."""

    url: str
    uri: Uri | None = None
    address: str | None = None
    took: dict[Step, float] = field(factory=dict)
    """Milliseconds of each step that went well; of `RELAY` a round trip through two relays."""
    seen_as: str | None = None
    relayed: str | None = None
    failure: Failure | None = None


def leads_outside(server: str, relay: str) -> bool:
    """Tell whether peers out there can reach a relay: a public server has to have public ones.

    Relays that face each other do not show it, as what they pass stays within the daemon.
    """
    return is_public(ip_address(relay)) or not is_public(ip_address(server.partition("%")[0]))


def failure_of(error: Exception, step: Step) -> Failure:
    """Return what an error of a `TurnCaller` or of its socket means."""
    match error:
        case RefusedError():
            return Failure(step, Fault.ERROR, error.code)
        case LostError():
            return Failure(step, Fault.LOST, detail=str(error))
        case socket.gaierror():
            return Failure(step, Fault.UNKNOWN_HOST, detail=error.strerror or "")
        case ssl.SSLCertVerificationError():
            return Failure(step, Fault.UNTRUSTED, detail=error.verify_message)
        case ssl.SSLError() | ssl.SSLEOFError():
            return Failure(step, Fault.NO_TLS, detail=error.reason or "")
        case TimeoutError():
            return Failure(step, Fault.SILENCE)
        case ConnectionRefusedError():
            return Failure(step, Fault.NOBODY)
        case ConnectionError():
            # A connection cut while TLS is agreed upon.
            return Failure(step, Fault.LOST, detail="the connection was closed")
    text = error.strerror if isinstance(error, OSError) else str(error)
    return Failure(step, Fault.UNREACHABLE, detail=text or "")
