"""What is wrong with the relay's settings only together: who has which port, what is carried."""

from collections.abc import Iterator
from ipaddress import ip_address

from procall_mobility.config.errors import SettingError
from procall_mobility.config.places import Place, meet, shown
from procall_mobility.config.turn_settings import Turn

LAST_PORT = 65_535


def turn_contradictions(turn: Turn) -> Iterator[tuple[SettingError, tuple[str, ...]]]:
    """Yield each contradiction with the paths of the settings it is drawn from."""
    company = _company(turn) if turn.alternate else None
    if turn.alternate and company is None:
        yield _alone(turn.alternate), ("turn.alternate", "turn.udp")
    for mine in turn.dtls:
        for theirs in turn.udp:
            if meet(mine, theirs):
                text = f"{shown(mine)} and {shown(theirs)} of turn.udp are one UDP port"
                yield _taken(text), ("turn.dtls", "turn.udp")
        for theirs in _discovery(turn.alternate, company) if company is not None else ():
            if meet(mine, theirs) and not any(meet(mine, each) for each in turn.udp):
                text = f"{shown(mine)} takes {shown(theirs)}, which turn.alternate needs"
                yield _taken(text), ("turn.dtls", "turn.udp", "turn.alternate")
    if turn.datapath == "kernel" and all(ip_address(host).is_loopback for host, _ in turn.udp):
        text = 'needs an address in turn.udp that others reach; "auto" needs none'
        yield SettingError("turn.datapath", text), ("turn.datapath", "turn.udp")
    if len(set(turn.interfaces)) < len(turn.interfaces):
        text = "an interface stands here twice"
        yield SettingError("turn.interfaces", text), ("turn.interfaces",)
    if turn.longest_lifetime < turn.lifetime:
        text = f"must be at least turn.lifetime, which is {turn.lifetime}"
        drawn_from = ("turn.longest_lifetime", "turn.lifetime")
        yield SettingError("turn.longest_lifetime", text), drawn_from
    yield from _relay_addresses(turn)


def _relay_addresses(turn: Turn) -> Iterator[tuple[SettingError, tuple[str, ...]]]:
    for index, host in enumerate(turn.relay):
        if ip_address(host).is_unspecified:
            text = f"{host} is nobody's address: name those of this machine, or none for all"
            yield SettingError(f"turn.relay[{index}]", text), ("turn.relay",)


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
