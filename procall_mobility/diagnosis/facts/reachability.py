"""Sends STUN binding requests to the relay as clients do before they ask for more."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from procall_mobility.composition.terms import turn_is_on, turn_urls
from procall_mobility.config import Settings
from procall_mobility.operations.turn_caller import Login
from procall_mobility.operations.turn_probe import probe
from procall_mobility.operations.turn_reports import Report
from procall_mobility.protocols.stun.uris import Carrier, parse_uri
from procall_mobility.transports.own_addresses import leading_addresses

PATIENCE = 1.5
"""Seconds; on the machine itself an answer takes less than one thousandth of that."""

FAR_PATIENCE = 4.0

STUN, HTTPS = 3478, 443

NOBODY = Login("", "")
"""Binding requests need no login."""


def call_relay(settings: Settings) -> list[Report]:
    """Call it over UDP from this machine; a daemon has to run.

    The public name leads by the public address wherever this machine has that, and through the
    NAT where that is one that turns round.
    """
    if not turn_is_on(settings):
        return []
    relays = settings.turn.relay or leading_addresses()
    urls = _over_udp(turn_urls(settings, relays))
    return probe(urls, NOBODY, patience=PATIENCE)


def call_from_outside(host: str, authorities: Path | None) -> list[Report]:
    """Call a relay on another machine, by the ports it usually has.

    Args:
        host: a name or address, or `stun:` and `stuns:` URLs with commas between.
        authorities: PEM file of those to trust besides the system's.

    Raises:
        OSError: the file cannot be read, or has no certificate.
    """
    if host.startswith(("stun:", "stuns:")):
        urls: Sequence[str] = host.split(",")
    else:
        name = f"[{host}]" if ":" in host else host
        urls = (f"stun:{name}:{STUN}", f"stuns:{name}:{HTTPS}")
    return probe(urls, NOBODY, authorities, patience=FAR_PATIENCE)


def _over_udp(urls: Iterable[str]) -> list[str]:
    """Return the ways over UDP, each as a URL that asks for nothing but an answer (RFC 7064)."""
    found = []
    for url in urls:
        try:
            uri = parse_uri(url)
        except ValueError:
            continue  # `turn check` tells.
        if uri.carrier is Carrier.UDP:
            host = f"[{uri.host}]" if ":" in uri.host else uri.host
            found.append(f"stun:{host}:{uri.port}")
    return found
