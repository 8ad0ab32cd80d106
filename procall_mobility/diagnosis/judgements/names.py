"""Whether the names that clients are told lead here."""

import ipaddress
from collections.abc import Iterable, Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, warning, wrong
from procall_mobility.protocols.public_addresses import is_public

DNS = "dns"


@frozen(kw_only=True)
class NameFacts:
    """A name, and where it leads."""

    setting: str
    host: str
    addresses: tuple[str, ...] = ()
    failure: str | None = None
    """Why it leads nowhere, in the system's words."""
    is_temporary: bool = False
    """The failure is one of the resolver, not of the name."""


@frozen(kw_only=True)
class Here:
    """Where we are."""

    own: frozenset[str]
    """Addresses of this machine."""
    outside: frozenset[str]
    """Those it is known by outside, as the settings have it."""
    is_behind_balancer: bool
    """Connections come by load balancers, whose addresses a name may have."""
    listens: frozenset[int]
    """4 and 6, as far as somebody may come by them."""
    is_for_itself: bool = False
    """Nobody but this machine can come at all: a demonstration."""


def judge_names(names: Iterable[NameFacts], here: Here) -> Iterator[Finding]:
    """Judge where each name leads."""
    for name in names:
        found = list(_judge(name, here))
        yield from found
        if not found:
            yield ok(DNS, f"{name.host} leads here: {', '.join(name.addresses)}.")


def _judge(name: NameFacts, here: Here) -> Iterator[Finding]:
    if name.failure is not None:
        yield _nowhere(name)
        return
    addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in name.addresses]
    shown = ", ".join(map(str, addresses))
    foreign = [each for each in addresses if str(each) not in here.own | here.outside]
    if all(each.is_loopback for each in addresses):
        if here.is_for_itself:
            return
        yield warning(
            DNS,
            "name-loopback",
            f"On this machine {name.host} leads to itself, {shown}: what it is outside cannot be"
            " told from here.",
            "Look into /etc/hosts, and ask from outside: `host"
            f" {name.host}`; or `procall-mobility doctor --from-outside {name.host}` there.",
        )
    elif foreign and not here.is_behind_balancer:
        yield warning(
            DNS,
            "name-elsewhere",
            f"{name.host} leads to {', '.join(map(str, foreign))}, which is no address of this"
            " machine.",
            "Correct the A and AAAA records. Behind a 1:1 NAT name the address in turn.external;"
            " behind load balancers name them in listen.proxy_from.",
        )
    elif here.outside and not any(map(is_public, addresses)) and _any_public(here.outside):
        yield warning(
            DNS,
            "name-not-public",
            f"{name.host} leads to {shown}, which nobody outside can reach.",
            "Have the DNS that is asked outside tell the public address.",
        )
    for version in sorted({each.version for each in addresses} - here.listens):
        record = "AAAA" if version == 6 else "A"
        yield wrong(
            DNS,
            "name-family",
            f"{name.host} has an {record} record, and nobody can come here by IPv{version}.",
            f"Take the {record} record out of the DNS, or give this machine IPv{version} and"
            " listen for it (listen.tls).",
        )


def _nowhere(name: NameFacts) -> Finding:
    if name.is_temporary:
        return unknown(
            DNS,
            "dns-silent",
            f"Where {name.host} leads could not be found out: {name.failure}.",
            "Look at /etc/resolv.conf, and whether the resolver it names answers: `host"
            f" {name.host}`. Pushes need it, too.",
        )
    return wrong(
        DNS,
        "name-unknown",
        f"The name {name.host} of {name.setting} leads nowhere: {name.failure}.",
        f"Add an A or AAAA record for it, or correct {name.setting}.",
    )


def _any_public(addresses: Iterable[str]) -> bool:
    return any(is_public(ipaddress.ip_address(each)) for each in addresses)
