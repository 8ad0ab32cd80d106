"""What clients are told to find the relay by (RFC 7064 section 3, RFC 7065 section 3)."""

from collections.abc import Sequence

Address = tuple[str, int]
"""Where we listen; the host may be the wildcard."""


def made_urls(
    host: str, *, udp: Sequence[Address], tcp: Sequence[Address], tls: Sequence[Address]
) -> tuple[str, ...]:
    """Return the URLs for the relay's listeners, the cheapest way first.

    Browsers try every one they are told, so one for each transport is enough.

    Args:
        host: what clients reach us by, a name or an address.
        udp: listeners for UDP, the preferred first, and so on; empty where there is none.
        tcp: listeners for TCP.
        tls: listeners for TLS.
    """
    name = f"[{host}]" if ":" in host else host
    ways = (("turn", udp, "udp"), ("turn", tcp, "tcp"), ("turns", tls, "tcp"))
    return tuple(
        f"{scheme}:{name}:{listeners[0][1]}?transport={transport}"
        for scheme, listeners, transport in ways
        if listeners
    )
