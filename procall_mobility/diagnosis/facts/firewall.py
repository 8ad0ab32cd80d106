"""Reads the rules of the kernel's packet filter."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from procall_mobility.composition.terms import turn_is_on
from procall_mobility.config import Settings
from procall_mobility.diagnosis.facts.listeners import named
from procall_mobility.diagnosis.judgements.firewall import Door, FirewallFacts
from procall_mobility.diagnosis.judgements.packet_filter import Packet
from procall_mobility.transports.own_addresses import leading_addresses, own_addresses

LEGACY: Final = Path("/proc/net/ip_tables_names")
"""The tables of iptables-legacy that are in use."""

PATIENCE: Final = 10.0
"""Seconds; some have lists of a hundred thousand addresses."""

PATH: Final = "/usr/sbin:/sbin:/usr/bin:/bin"
"""Where programs of root's are; not everybody's PATH has it."""


def look_at_firewall(settings: Settings) -> FirewallFacts:
    """Read them, where they can be read."""
    doors = tuple(dict.fromkeys(_doors(settings)))
    nft = shutil.which("nft", path=PATH)
    if nft is None:
        if shutil.which("iptables", path=PATH) is None:
            return FirewallFacts(doors=doors, rules=())
        return FirewallFacts(doors=doors, rules=None, why_not="nft is not installed")
    if os.geteuid() != 0:
        return FirewallFacts(doors=doors, rules=None, why_not="only root may read them")
    try:
        done = subprocess.run(  # noqa: S603  # A program of the system's, of fixed arguments.
            [nft, "-j", "list", "ruleset"], capture_output=True, timeout=PATIENCE, check=True
        )
        rules = json.loads(done.stdout)["nftables"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return FirewallFacts(doors=doors, rules=None, why_not="nft does not tell them")
    return FirewallFacts(doors=doors, rules=rules, has_legacy=_has_legacy())


def _doors(settings: Settings) -> Iterator[Door]:
    """Yield what clients come to from outside."""
    here = {_version(each) for each in own_addresses() if not ip_address(each).is_loopback}
    for each in named(settings):
        address = ip_address(each.host)
        # Where there is no such address, nobody comes by a wildcard.
        if not address.is_loopback and (not address.is_unspecified or address.version in here):
            protocol = "udp" if each.is_udp else "tcp"
            yield Door(each.setting, Packet(protocol, each.port, address.version))
    if turn_is_on(settings):
        relays = settings.turn.relay or leading_addresses()
        for version in sorted({_version(e) for e in relays if not ip_address(e).is_loopback}):
            for port in settings.turn.ports:
                yield Door("turn.ports", Packet("udp", port, version))


def _version(address: str) -> int:
    return ip_address(address).version


def _has_legacy() -> bool:
    try:
        return "filter" in LEGACY.read_text("ascii").split()
    except OSError:
        return False
