"""Shortens addresses, as they are kept after their time (/24 and /56)."""

import ipaddress
import re
from collections.abc import Collection
from typing import Final

# Neither asks what stands around it: a word, a port or a dot next to an address is no reason to
# show it.
_V4: Final = re.compile(r"(?<![\d.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?P<bits>/\d{1,2})?(?!\d)")
_V6: Final = re.compile(
    r"(?P<address>(?:[0-9A-Fa-f]{0,4}:){2,}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}))"
    r"(?P<bits>/\d{1,3})?"
)

_BITS: Final = {4: 24, 6: 56}

_LEAST_GROUPS: Final = 3
"""Of an IPv6 address between colons; `::` has three empty ones."""

_MOST_GROUPS: Final = 9
"""`1:2:3:4:5:6:7::` has an empty one more."""

_6TO4: Final = ipaddress.IPv6Network("2002::/16")
"""Addresses with a whole IPv4 address behind the first 16 bits (RFC 3056)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def shorten(text: str, keep: Collection[str] = ()) -> str:
    """Return a text in which every address is its network only.

    Loopback and the wildcards stay as they are: they are nobody's.

    Args:
        text: of one or more lines.
        keep: addresses that stand in the settings, which are this machine's or its operator's.
    """

    def v4(found: re.Match[str]) -> str:
        try:
            address = ipaddress.IPv4Address(found["address"])
        except ValueError:
            return found[0]  # A number with dots.
        return found[0] if str(address) in keep else _network(address, found["bits"])

    def v6(colons: str, bits: str | None) -> str:
        before, address, after = _address_in(colons)
        if address is None:
            return f"{colons}{bits or ''}"  # A time, or a fingerprint.
        own = None if after else bits
        spelled = colons[len(before) : len(colons) - len(after)]
        is_kept = str(address) in keep
        shown = f"{spelled}{own or ''}" if is_kept else _network(address, own)
        return f"{v6(before, None)}{shown}{v6(after, bits) if after else ''}"

    return _V4.sub(v4, _V6.sub(lambda found: v6(found["address"], found["bits"]), text))


def _address_in(text: str) -> tuple[str, ipaddress.IPv6Address | None, str]:
    """Find the longest address between colons; returns it with what stands before and after it.

    A shorter one may be the beginning of it, as `::` is of `name:::ffff:1`.
    """
    groups = text.split(":")
    for length in range(min(len(groups), _MOST_GROUPS), _LEAST_GROUPS - 1, -1):
        for first in range(len(groups) - length + 1):
            end = first + length
            found = groups[first:end]
            if all(len(each) == 2 for each in found):
                continue  # Octets, as of a fingerprint.
            try:
                address = ipaddress.IPv6Address(":".join(found))
            except ValueError:
                continue
            before = ":".join((*groups[:first], "")) if first else ""
            after = ":".join(("", *groups[end:])) if end < len(groups) else ""
            return before, address, after
    return text, None, ""


def _network(address: Address, bits: str | None) -> str:
    """Return an address's network; `bits` is what follows it, `/48` or nothing."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{_network(address.ipv4_mapped, bits)}"
    if address.is_loopback or address.is_unspecified:
        return f"{address}{bits or ''}"
    most = 40 if address in _6TO4 else _BITS[address.version]
    told = min(most, int(bits[1:])) if bits else most
    network = ipaddress.ip_network((address, told), strict=False)
    # Where there is nothing to hide it may be a word: `std::vector` has `d::` in it.
    is_bare = bits is None and address.version == 6 and network.network_address == address
    return str(address) if is_bare else str(network)
