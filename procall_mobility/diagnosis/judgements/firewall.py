"""Whether this machine's own packet filter lets clients in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from procall_mobility.diagnosis.findings import Finding, ok, unknown, warning, wrong
from procall_mobility.diagnosis.judgements.packet_filter import Packet, PacketFilter

FIREWALL: Final = "firewall"


@frozen
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
    shut = {each for doors in closed.values() for each in doors}
    for chain, doors in closed.items():
        # Whoever comes by IPv4 gets in, and most can.
        is_half = all(_is_half_open(each, facts.doors, shut) for each in doors)
        judge = warning if is_half else wrong
        yield judge(
            FIREWALL,
            "firewall-closed",
            f"This machine's packet filter drops what comes from outside to"
            f" {_named(doors, facts.doors)}, in its chain {chain}.",
            f"`nft insert rule {chain} {_rule(doors[0])} accept`, likewise for the others, and"
            " the same where your firewall's settings are kept (/etc/nftables.conf, ufw,"
            " firewalld)" + ("; or have neither settings nor DNS name IPv6." if is_half else "."),
        )
    if doubtful or facts.has_legacy:
        whom = _named(doubtful, facts.doors) if doubtful else "our ports"
        yield unknown(
            FIREWALL,
            "firewall-perhaps",
            f"This machine's packet filter may drop what comes to {whom}: it depends on who"
            " comes, or on rules of iptables-legacy.",
            "Try from another machine: `procall-mobility doctor --from-outside HOST`.",
        )
    elif not closed:
        yield ok(FIREWALL, "This machine's packet filter lets in whoever comes to our ports.")


def _named(doors: Sequence[Door], every: Sequence[Door]) -> str:
    """Name doors; with the version of IP where `every` has the other one too, and `doors` not."""
    return ", ".join(
        dict.fromkeys(
            f"{each.packet.protocol.upper()} {each.packet.port}"
            f"{_by(each) if _twin(each) in set(every) - set(doors) else ''} ({each.setting})"
            for each in doors
        )
    )


def _by(door: Door) -> str:
    return f" by IPv{door.packet.version}"


def _twin(door: Door) -> Door:
    """Return the same door for those who come by the other version of IP."""
    return evolve(door, packet=evolve(door.packet, version=10 - door.packet.version))


def _is_half_open(door: Door, every: Sequence[Door], shut: set[Door]) -> bool:
    """Tell whether a closed door is IPv6's, and IPv4's beside it is there and not closed."""
    twin = _twin(door)
    return door.packet.version == 6 and twin in every and twin not in shut


def _rule(door: Door) -> str:
    return f"{door.packet.protocol} dport {door.packet.port}"
