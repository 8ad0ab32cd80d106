"""Whether this machine's own packet filter lets clients in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, wrong
from procall_mobility.diagnosis.judgements.packet_filter import Packet, PacketFilter

FIREWALL: Final = "firewall"


@frozen(kw_only=True)
class Door:
    """What has to be open, and which setting says so."""

    setting: str
    packet: Packet


@frozen(kw_only=True)
class FirewallFacts:
    """The rules, and what has to get through."""

    doors: tuple[Door, ...]
    rules: Sequence[Mapping[str, Any]] | None
    """As `nft -j` tells them; None where they cannot be read."""
    why_not: str = ""
    """Why they cannot be read."""
    has_legacy: bool = False
    """There are rules of the old kind too, which `nft` does not show."""


def judge_firewall(facts: FirewallFacts) -> Iterator[Finding]:
    """Judge it."""
    if facts.rules is None:
        yield unknown(
            FIREWALL,
            "firewall-unread",
            f"The packet filter's rules cannot be read: {facts.why_not}.",
            "Look again as root, and with nftables installed; or try from another machine:"
            " `procall-mobility doctor --from-outside HOST`.",
        )
        return
    packets = PacketFilter.of(facts.rules)
    closed: dict[str, list[Door]] = {}
    doubtful: list[Door] = []
    for door in facts.doors:
        chain, perhaps = packets.dropping(door.packet)
        if chain is not None:
            closed.setdefault(chain, []).append(door)
        elif perhaps:
            doubtful.append(door)
    for chain, doors in closed.items():
        yield wrong(
            FIREWALL,
            "firewall-closed",
            f"This machine's packet filter drops what comes from outside to {_named(doors)}, in"
            f" its chain {chain}.",
            f"`nft insert rule {chain} {_rule(doors[0])} accept`, likewise for the others, and"
            " the same where your firewall's settings are kept (/etc/nftables.conf, ufw,"
            " firewalld).",
        )
    if doubtful or facts.has_legacy:
        whom = _named(doubtful) if doubtful else "our ports"
        yield unknown(
            FIREWALL,
            "firewall-perhaps",
            f"This machine's packet filter may drop what comes to {whom}: it depends on who"
            " comes, or on rules of iptables-legacy.",
            "Try from another machine: `procall-mobility doctor --from-outside HOST`.",
        )
    elif not closed:
        yield ok(FIREWALL, "This machine's packet filter lets in whoever comes to our ports.")


def _named(doors: Sequence[Door]) -> str:
    return ", ".join(
        f"{each.packet.protocol.upper()} {each.packet.port} ({each.setting})" for each in doors
    )


def _rule(door: Door) -> str:
    return f"{door.packet.protocol} dport {door.packet.port}"
