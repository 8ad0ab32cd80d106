"""Shortens addresses, as they are kept after their time (/24 and /56)."""

import ipaddress
import re
from collections.abc import Collection
from typing import Final

_V4: Final = re.compile(r"(?<![\w.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?P<bits>/\d{1,2})?(?!\w)")
_V6: Final = re.compile(
    r"(?<![\w:.])(?P<address>(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}))"
    r"(?P<bits>/\d{1,3})?(?![\w:])"
)

_BITS: Final = {4: 24, 6: 56}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def shorten(text: str, keep: Collection[str] = ()) -> str:
    """Return a text in which every address is its network only.

    Loopback and the wildcards stay as they are: they are nobody's.

    Args:
        text: of one or more lines.
        keep: addresses that stand in the settings, which are this machine's or its operator's.
    """

    def network(found: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(found["address"])
        except ValueError:
            return found[0]  # A time, or a number with dots.
        if found["bits"] is not None and int(found["bits"][1:]) <= _BITS[address.version]:
            return found[0]  # It is one already.
        return found[0] if str(address) in keep else _network(address)

    return _V4.sub(network, _V6.sub(network, text))


def _network(address: Address) -> str:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{_network(address.ipv4_mapped)}"
    if address.is_loopback or address.is_unspecified:
        return str(address)
    return str(ipaddress.ip_network((address, _BITS[address.version]), strict=False))
