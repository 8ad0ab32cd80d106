"""Where the daemon listens: which two places are one, and how they are written."""

from ipaddress import ip_address

Place = tuple[str, int]
"""An address, and a port."""


def meet(one: Place, other: Place) -> bool:
    """Whether two listeners want one port of one address; port 0 is another each time."""
    hosts = ip_address(one[0]), ip_address(other[0])
    is_one_family = hosts[0].version == hosts[1].version
    is_one_host = hosts[0] == hosts[1] or any(each.is_unspecified for each in hosts)
    return is_one_family and is_one_host and one[1] == other[1] != 0


def shown(place: Place) -> str:
    """Return a place as it stands in the settings."""
    host, port = place
    return f'"[{host}]:{port}"' if ":" in host else f'"{host}:{port}"'
