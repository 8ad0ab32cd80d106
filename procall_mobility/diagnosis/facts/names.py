"""Asks the resolver where names lead."""

import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from procall_mobility.composition.terms import turn_is_on, turn_urls
from procall_mobility.config import Settings
from procall_mobility.diagnosis.facts.waiting import within
from procall_mobility.diagnosis.judgements.names import Here, NameFacts
from procall_mobility.protocols.stun.uris import parse_uri
from procall_mobility.transports.own_addresses import own_addresses

PATIENCE = 5.0
"""Seconds; clients do not wait longer either."""

MOST_NAMES = 8
"""Names that are looked up; nobody has as many."""


def look_at_names(settings: Settings) -> list[NameFacts]:
    """Look up every name that clients are told."""
    found = dict(_names(settings))
    return [look_up(setting, host) for host, setting in list(found.items())[:MOST_NAMES]]


def look_up(setting: str, host: str) -> NameFacts:
    """Look one up, for IPv4 and IPv6."""
    try:
        answer = within(PATIENCE, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError:
        why = f"the resolver does not answer within {PATIENCE:g} s"
        return NameFacts(setting=setting, host=host, failure=why, is_temporary=True)
    except OSError as error:
        return NameFacts(
            setting=setting,
            host=host,
            failure=error.strerror or str(error),
            is_temporary=error.errno == socket.EAI_AGAIN,
        )
    addresses = dict.fromkeys(str(place[0]) for *_, place in answer)
    return NameFacts(setting=setting, host=host, addresses=tuple(addresses))


def look_around(settings: Settings) -> Here:
    """Find out where we are."""
    turn = settings.turn
    own = own_addresses()
    pairs = [each.partition("=") for each in turn.external]
    listeners = [host for host, _ in (*settings.listen.tls, *turn.udp, *turn.tcp, *turn.tls)]
    versions = {_version(each) for each in own if not ipaddress.ip_address(each).is_loopback}
    named = [ipaddress.ip_address(host) for host in listeners]
    return Here(
        own=frozenset(own),
        outside=frozenset((*(outside for _, _, outside in pairs), *turn.relay)),
        is_behind_balancer=bool(settings.listen.proxy_from),
        listens=frozenset(
            each.version for each in named if each.version in versions or each.is_loopback
        ),
        is_for_itself=all(each.is_loopback for each in named),
    )


def _names(settings: Settings) -> Iterator[tuple[str, str]]:
    host = urlsplit(settings.service.origin).hostname
    if host and not _is_address(host):
        yield host, "service.origin"
    urls = turn_urls(settings, settings.turn.relay) if turn_is_on(settings) else ()
    for url in urls:
        try:
            told = parse_uri(url).host
        except ValueError:
            continue  # `turn check` tells.
        if told != host and not _is_address(told):
            yield told, "turn.urls"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _version(address: str) -> int:
    return 6 if ":" in address else 4
