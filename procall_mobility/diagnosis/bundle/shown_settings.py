"""The settings as a bundle shows them: what is on the list, and of the rest that it is set."""

import datetime
from collections.abc import Iterator
from typing import Any, Final

import attrs

from procall_mobility.config import Settings

SHOWN: Final = frozenset(
    {
        "service.node", "service.origin", "service.data",
        "listen.tls", "listen.http", "listen.link", "listen.proxy_from",
        "tls.certificate", "tls.key",
        "ucserver.redirect",
        "turn.udp", "turn.tcp", "turn.tls", "turn.dtls", "turn.realm", "turn.relay",
        "turn.external", "turn.ports", "turn.alternate", "turn.datapath", "turn.interfaces",
        "turn.peers.allow", "turn.peers.deny", "turn.peers.nat64",
        "push.queue", "push.key", "push.authorities",
        "ice.servers.secret_file", "ice.servers.credential_file",
        "log.access", "log.service", "log.format", "log.level", "log.pushes",
        "store.path", "admin.socket", "admin.http", "admin.token_file", "demo.web_root",
        "assumptions.a24_link_paths",
    }
)  # fmt: skip
"""Texts that are no secret, whatever an operator writes there: words of ours, addresses and
paths.  Numbers and switches are shown all.  A new text is not, until it stands here."""

WITHHELD: Final = "(set, not shown)"
UNSET: Final = "(not set)"


def shown_settings(settings: Settings) -> Iterator[str]:
    """Yield a line for each setting; those that have their default say so."""
    yield from _section(settings, "", "")


def _section(value: Any, path: str, place: str) -> Iterator[str]:
    for field in attrs.fields(type(value)):
        name = f"{path}.{field.name}" if path else field.name
        shown = f"{place}.{field.name}" if place else field.name
        inner = getattr(value, field.name)
        if "section" in field.metadata:
            yield from _section(inner, name, shown)
        elif "tables" in field.metadata:
            for index, each in enumerate(inner):
                yield from _section(each, name, f"{shown}[{index}]")
        else:
            usual = "" if inner != _default(field) else "  (default)"
            yield f"{shown} = {_shown(name, inner)}{usual}"


def _default(field: "attrs.Attribute[Any]") -> Any:
    usual: Any = field.default
    return usual.factory() if isinstance(usual, attrs.Factory) else usual  # type: ignore[arg-type]


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, dict) and all(isinstance(each, int) for each in value.values()):
        return str(value)
    if not value:
        return UNSET
    return str(_plain(value)) if name in SHOWN else WITHHELD


def _plain(value: Any) -> Any:
    """Return addresses as they stand in the file."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], int):
        host, port = value
        if isinstance(host, int):
            return f"{host}-{port}"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def own_addresses_in(settings: Settings) -> frozenset[str]:
    """Return the addresses that the settings name as this machine's own."""
    listen, turn = settings.listen, settings.turn
    listeners = (*listen.tls, *listen.http, *listen.link, *settings.admin.http)
    listeners += (*turn.udp, *turn.tcp, *turn.tls, *turn.dtls)
    pairs = [each for mapping in turn.external for each in mapping.split("=")]
    return frozenset({*(host for host, _ in listeners), *turn.relay, *pairs, turn.alternate})


def taken_at(unix: float) -> str:
    """Return a time as it stands in a bundle."""
    local = datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone()
    return local.isoformat(timespec="seconds")
