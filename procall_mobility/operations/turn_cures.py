"""Says in plain words what keeps clients from the relay, and what an operator does about it."""

from attrs import frozen

from procall_mobility.operations.turn_reports import Failure, Fault, Report, Step
from procall_mobility.protocols.stun.codes import Code
from procall_mobility.protocols.stun.uris import Carrier, Uri


@frozen
class Explanation:
    """What is wrong, and what helps."""

    why: str
    cure: str


LISTENERS = {
    Carrier.UDP: "turn.udp",
    Carrier.TCP: "turn.tcp",
    Carrier.TLS: "listen.tls or turn.tls",
    Carrier.DTLS: "turn.dtls",
}
"""Which setting makes the daemon listen for whom."""

CREDENTIALS = Explanation(
    "The relay refuses the credentials that were made for this check.",
    "What answers there is another relay, or it reads another store: compare the URL and"
    " store.path. Clocks that differ do the same.",
)

ANSWERS = {
    Code.UNAUTHENTICATED: CREDENTIALS,
    Code.STALE_NONCE: CREDENTIALS,
    Code.WRONG_CREDENTIALS: CREDENTIALS,
    Code.FORBIDDEN: Explanation(
        "The relay forbids what was asked for.",
        "Look for the customer's rules with `turn peer list`, and for turn.peers.deny: relays"
        " of this installation have to reach each other.",
    ),
    Code.ADDRESS_FAMILY_NOT_SUPPORTED: Explanation(
        "The relay has no IPv4 address to lend.", "Name one in turn.relay."
    ),
    Code.ALLOCATION_QUOTA_REACHED: Explanation(
        "The customer, the user or this address has as many relays as it may.",
        "See who has them with `turn sessions`, and raise the limit under turn.limits.",
    ),
    Code.INSUFFICIENT_CAPACITY: Explanation(
        "The relay has no port left, or none of its addresses is on this machine.",
        "Compare turn.relay with `ip address`, and widen turn.ports.",
    ),
}


def explain(report: Report, failure: Failure) -> Explanation:
    """Explain a failure."""
    uri = report.uri
    if uri is None:
        return Explanation("This is no STUN or TURN address.", "Correct turn.urls, or --url.")
    match failure.fault:
        case Fault.UNTRIED:
            return Explanation("This check does not speak DTLS.", "Try it from a client.")
        case Fault.UNKNOWN_HOST:
            return Explanation(
                f"The name {uri.host} leads nowhere ({failure.detail}).",
                "Add an A or AAAA record for it, or name another host in turn.urls or"
                " service.origin.",
            )
        case Fault.UNREACHABLE:
            return Explanation(
                f"There is no way from here to {report.address} ({failure.detail}).",
                "Give this machine a route to it, or take the address out of the DNS.",
            )
        case Fault.NOBODY:
            return Explanation(
                f"Nobody listens at {_place(report, uri)}.",
                f"Compare {LISTENERS[uri.carrier]} with the URL; a firewall may also refuse"
                " instead of dropping.",
            )
        case Fault.SILENCE:
            return _silence(report, uri, failure)
        case Fault.UNTRUSTED:
            return Explanation(
                f"The certificate for {uri.host} is not good: {failure.detail}.",
                "Install one in tls.certificate, with its whole chain, that names this host"
                " and is of an authority clients know; --ca FILE adds one for this check.",
            )
        case Fault.NO_TLS | Fault.LOST:
            return _stranger(report, uri, failure)
        case Fault.NOT_PUBLIC:
            return Explanation(
                f"The relay lends {report.relayed}, which nobody outside can reach.",
                'Behind a 1:1 NAT set turn.external, as in "10.0.0.5=198.51.100.7"; otherwise'
                " name a public address in turn.relay.",
            )
        case Fault.ERROR | Fault.MALFORMED:
            return _answer(failure)


def _silence(report: Report, uri: Uri, failure: Failure) -> Explanation:
    if failure.step is Step.RELAY:
        return Explanation(
            f"The relay at {report.relayed} was lent, but no data came through it.",
            "Look for faults in the service log, and at turn.relay and turn.ports.",
        )
    protocol = "UDP" if uri.carrier is Carrier.UDP else "TCP"
    return Explanation(
        f"{_place(report, uri)} does not answer over {protocol}.",
        f"Usually a firewall drops it: open port {uri.port} for {protocol}, here and with the"
        " provider. `status` shows whether the daemon is busy.",
    )


def _stranger(report: Report, uri: Uri, failure: Failure) -> Explanation:
    spoken = "TLS" if failure.fault is Fault.NO_TLS else "STUN"
    said = f" ({failure.detail})" if failure.detail else ""
    return Explanation(
        f"Whoever answers at {_place(report, uri)} does not speak {spoken}{said}.",
        "Another program has the port, or a proxy is in between; a load balancer has to pass"
        f" TCP on as it comes. The daemon listens where {LISTENERS[uri.carrier]} says.",
    )


def _answer(failure: Failure) -> Explanation:
    found = next((each for code, each in ANSWERS.items() if code == failure.code), None)
    if found is not None:
        return found
    phrase = next((f" {code.phrase}" for code in Code if code == failure.code), "")
    return Explanation(
        f"The relay answers with error {failure.code}{phrase}.",
        "Look for a fault in its service log at this time.",
    )


def _place(report: Report, uri: Uri) -> str:
    host = report.address or uri.host
    return f"[{host}]:{uri.port}" if ":" in host else f"{host}:{uri.port}"
