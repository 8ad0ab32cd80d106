"""Which addresses are public, whatever clothes they wear.

An IPv6 address may carry an IPv4 one that a translator or tunnel on the way unwraps: whoever asks
about an address asks about all its `forms`.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(each)
    for each in (
        # The registry of special-purpose addresses (RFC 6890) and what is not unicast.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        # Only 2000::/3 is global unicast; of that, what is not.
        "::/3", "4000::/2", "8000::/1",
        "2001::/23",  # Teredo, benchmarks, ORCHID and other protocol assignments.
        "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip

WELL_KNOWN_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Tell whether an address is global unicast."""
    return not any(address in each for each in NOT_PUBLIC if each.version == address.version)


# Bounded: strangers choose what is looked up here.
@lru_cache(4096)
def forms(address: Address, nat64: tuple[IPv6Network, ...]) -> tuple[Address, ...]:
    """Return an address and every IPv4 address that may come out of it."""
    if isinstance(address, IPv4Address):
        return (address,)
    number = int(address)
    low, high = number & 0xFFFFFFFF, number >> 32
    found = []
    # IPv4-mapped, SIIT (RFC 2765), IPv4-compatible (RFC 4291 2.5.5; `::` and `::1` are not).
    if high in (0xFFFF, 0xFFFF0000) or (not high and low > 1):
        found.append(low)
    if number >> 112 == 0x2002:  # 6to4 (RFC 3056).
        found.append(number >> 80 & 0xFFFFFFFF)
    if number >> 96 == 0x20010000:  # Teredo (RFC 4380): server, and client in ones' complement.
        found += [number >> 64 & 0xFFFFFFFF, low ^ 0xFFFFFFFF]
    if high & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE):  # ISATAP (RFC 5214 section 6.1).
        found.append(low)
    lengths = [each.prefixlen for each in nat64 if address in each]
    if not lengths and number >> 80 == 0x0064FF9B0001:
        lengths = [48, 56, 64, 96]  # RFC 8215: somebody's prefix, of whatever length.
    found += [_embedded(number, length) for length in lengths]
    return address, *map(IPv4Address, dict.fromkeys(found))


def _embedded(number: int, prefix: int) -> int:
    """Return the IPv4 address in a NAT64 address (RFC 6052 2.2): bits 64 to 71 are none."""
    if prefix == 96:
        return number & 0xFFFFFFFF
    without = number >> 64 << 56 | number & 0x00FFFFFFFFFFFFFF
    return without >> (120 - prefix - 32) & 0xFFFFFFFF
