"""What is wrong only together: settings that are right each alone."""

from collections.abc import Iterator

from procall_mobility.config.errors import SettingError
from procall_mobility.config.places import Place, meet, shown
from procall_mobility.config.settings import IceServerSettings, Settings
from procall_mobility.config.turn_contradictions import turn_contradictions

TCP = {"listen": ("tls", "http", "link"), "turn": ("tcp", "tls"), "admin": ("http",)}
"""The settings that name TCP ports, by section."""


def contradictions(settings: Settings) -> Iterator[tuple[SettingError, tuple[str, ...]]]:
    """Yield each contradiction with the paths of the settings it is drawn from."""
    if not settings.service.origin and not settings.demo.origin_from_request:
        text = 'needed: what clients are told, as in "https://mobility.example.net"'
        drawn_from = ("service.origin", "demo.origin_from_request")
        yield SettingError("service.origin", text), drawn_from
    listen = settings.listen
    if not (listen.tls or listen.http or listen.link):
        text = "nothing would listen; name an address in listen.tls"
        yield SettingError("listen", text), ("listen.tls", "listen.http", "listen.link")
    if listen.tls or listen.link or settings.turn.tls or settings.turn.dtls:
        for name in ("certificate", "key"):
            if not getattr(settings.tls, name):
                yield SettingError(f"tls.{name}", "needed: the path of a PEM file"), ("tls",)
    if settings.ucserver.silence <= settings.ucserver.keep_alive:
        text = "must be longer than ucserver.keep_alive"
        drawn_from = ("ucserver.silence", "ucserver.keep_alive")
        yield SettingError("ucserver.silence", text), drawn_from
    for name in ("service.data", "store.path", "admin.socket"):
        section, _, key = name.partition(".")
        if not getattr(getattr(settings, section), key):
            yield SettingError(name, "needed: an absolute path"), (name,)
    queue = settings.push.queue or f"{settings.service.data}/push.sqlite"
    if settings.push.enabled and queue == settings.store.path:
        text = "pushes need a file of their own: this one has the customers (store.path)"
        yield SettingError("push.queue", text), ("push.queue", "store.path", "service.data")
    for index, server in enumerate(settings.ice.servers):
        yield from _ice_server(server, f"ice.servers[{index}]")
    yield from _same_ports(settings)
    yield from turn_contradictions(settings.turn)


def _same_ports(settings: Settings) -> Iterator[tuple[SettingError, tuple[str, ...]]]:
    """Yield each TCP port that is named twice: the second could not be opened."""
    before: list[tuple[str, Place]] = []
    for section, names in TCP.items():
        for name in names:
            path = f"{section}.{name}"
            for index, place in enumerate(getattr(getattr(settings, section), name)):
                for whose, other in before:
                    if meet(place, other):
                        text = f"{shown(place)} and {shown(other)} of {whose} are one TCP port"
                        wrong = SettingError(f"{path}[{index}]", f"{text}; name it once")
                        yield wrong, (path, whose)
                before.append((path, place))


def _ice_server(
    server: IceServerSettings, where: str
) -> Iterator[tuple[SettingError, tuple[str, ...]]]:
    drawn_from = (where,)
    if not server.urls:
        text = 'needed: at least one address, as in ["turn:turn.example.net:3478"]'
        yield SettingError(f"{where}.urls", text), drawn_from
    if server.secret_file and (server.username or server.credential_file):
        yield SettingError(where, "either secret_file or username, not both"), drawn_from
    elif bool(server.username) != bool(server.credential_file):
        yield SettingError(where, "username and credential_file belong together"), drawn_from
