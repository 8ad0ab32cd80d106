"""Which addresses the settings name to listen on."""

from collections.abc import Iterator

from attrs import frozen

from procall_mobility.config import Settings
from procall_mobility.transports.own_addresses import spelled_out


@frozen
class Named:
    """An address in the settings."""

    setting: str
    host: str
    port: int
    is_udp: bool


def named(settings: Settings) -> Iterator[Named]:
    """Yield all of them."""
    listen, turn, admin = settings.listen, settings.turn, settings.admin
    for setting, addresses in (
        ("listen.tls", listen.tls),
        ("listen.http", listen.http),
        ("listen.link", listen.link),
        ("turn.tcp", turn.tcp),
        ("turn.tls", turn.tls),
        ("admin.http", admin.http),
    ):
        yield from (Named(setting, host, port, is_udp=False) for host, port in addresses)
    for setting, addresses in (("turn.udp", turn.udp), ("turn.dtls", turn.dtls)):
        # The daemon opens a socket for each address that a wildcard stands for.
        for host, port in spelled_out(addresses):
            yield Named(setting, host, port, is_udp=True)
