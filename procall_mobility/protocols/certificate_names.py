"""Which hosts a certificate is good for (RFC 9525 section 6)."""

import ipaddress
from collections.abc import Iterable


def covers(names: Iterable[str], addresses: Iterable[str], host: str) -> bool:
    """Tell whether clients take a certificate with these names and addresses for `host`.

    A name that begins with `*.` is good for each host with one label in its place; an address is
    good for itself, however it is written.
    """
    try:
        wanted = ipaddress.ip_address(host)
    except ValueError:
        return any(_matches(name, host) for name in names)
    return any(_address(each) == wanted for each in addresses)


def _matches(name: str, host: str) -> bool:
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    if not name.startswith("*."):
        return name == host
    label, _, rest = host.partition(".")
    return bool(label) and rest == name[2:]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
