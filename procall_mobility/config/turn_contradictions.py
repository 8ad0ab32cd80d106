"""What is wrong with the relay's settings only together: who has which port, what is carried."""

from collections.abc import Iterator
from ipaddress import ip_address

from procall_mobility.config.errors import SettingError
from procall_mobility.config.turn_settings import Turn

Place = tuple[str, int]

LAST_PORT = 65_535


def turn_contradictions(turn: Turn) -> Iterator[tuple[SettingError, tuple[str, ...]]]:
    """Yield each contradiction with the paths of the settings it is drawn from."""
    company = _company(turn) if turn.alternate else None
    if turn.alternate and company is None:
        yield _alone(turn.alternate), ("turn.alternate", "turn.udp")
    for mine in turn.dtls:
        for theirs in turn.udp:
            if _meet(mine, theirs):
                text = f"{_shown(mine)} and {_shown(theirs)} of turn.udp are one UDP port"
                yield _taken(text), ("turn.dtls", "turn.udp")
        for theirs in _discovery(turn.alternate, company) if company is not None else ():
            if _meet(mine, theirs) and not any(_meet(mine, each) for each in turn.udp):
                text = f"{_shown(mine)} takes {_shown(theirs)}, which turn.alternate needs"
                yield _taken(text), ("turn.dtls", "turn.udp", "turn.alternate")
    if turn.datapath == "kernel" and all(ip_address(host).is_loopback for host, _ in turn.udp):
        text = 'needs an address in turn.udp that others reach; "auto" needs none'
        yield SettingError("turn.datapath", text), ("turn.datapath", "turn.udp")
    if len(set(turn.interfaces)) < len(turn.interfaces):
        text = "an interface stands here twice"
        yield SettingError("turn.interfaces", text), ("turn.interfaces",)


def _alone(alternate: str) -> SettingError:
    version = ip_address(alternate).version
    example = "192.0.2.7:3478" if version == 4 else "[2001:db8::7]:3478"
    text = (
        f"needs another IPv{version} address for company in turn.udp, with the port after it free"
        f' on both, as in "{example}"; empty switches it off'
    )
    return SettingError("turn.alternate", text)


def _taken(text: str) -> SettingError:
    return SettingError("turn.dtls", f"{text}; choose another for DTLS, as 5349")


def _company(turn: Turn) -> Place | None:
    """Return the listener that gets the alternate for company.

    Which addresses a wildcard stands for only the machine can tell; it may always have a good one.
    """
    other = ip_address(turn.alternate)
    for host, port in turn.udp:
        address = ip_address(host)
        is_beside = address != other and address.is_loopback is other.is_loopback
        is_good = address.is_unspecified or is_beside
        if address.version == other.version and is_good and port < LAST_PORT:
            return host, port
    return None


def _discovery(alternate: str, company: Place) -> list[Place]:
    """Return what NAT behaviour discovery listens on beside its listener in turn.udp."""
    host, port = company
    found = [(alternate, port), (alternate, port + 1)]
    return found if ip_address(host).is_unspecified else [*found, (host, port + 1)]


def _meet(one: Place, other: Place) -> bool:
    """Whether two listeners want one port of one address; port 0 is another each time."""
    hosts = ip_address(one[0]), ip_address(other[0])
    is_one_family = hosts[0].version == hosts[1].version
    is_one_host = hosts[0] == hosts[1] or any(each.is_unspecified for each in hosts)
    return is_one_family and is_one_host and one[1] == other[1] != 0


def _shown(place: Place) -> str:
    host, port = place
    return f'"[{host}]:{port}"' if ":" in host else f'"{host}:{port}"'
