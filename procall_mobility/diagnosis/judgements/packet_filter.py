"""What a packet filter does with somebody's first packet from outside (libnftables-json(5)).

Rules may ask for what nobody can know beforehand: an address, a mark, a rate.  So every rule
matches surely, surely not, or perhaps, and a chain comes to a set of outcomes.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field, frozen


class Outcome(enum.Enum):
    """What becomes of the packet."""

    ACCEPT = "accept"
    DROP = "drop"
    GOES_ON = "goes on"
    """The chain has ended, or returned, without a word; whoever jumped to it goes on."""


class Match(enum.Enum):
    """Whether a rule is about the packet."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"


@frozen
class Packet:
    """The first one of somebody, who comes from outside."""

    protocol: str
    """`udp` or `tcp`"""
    port: int
    version: int
    """Of IP: 4 or 6"""


HOOKS: Final = ("ingress", "prerouting", "input")
"""What a packet for this machine passes."""

FAMILIES: Final[Mapping[int, tuple[str, str]]] = {4: ("ip", "inet"), 6: ("ip6", "inet")}
"""Tables that packets of a version of IP pass."""

NUMBERS: Final[Mapping[str, int]] = {"udp": 17, "tcp": 6}

_NAMES: Final[Mapping[int, Mapping[str, tuple[str, int]]]] = {
    4: {"nfproto": ("ipv4", 2), "protocol": ("ip", 0x0800)},
    6: {"nfproto": ("ipv6", 10), "protocol": ("ip6", 0x86DD)},
}
"""What `meta` calls a version of IP."""

_HEADERS: Final[Mapping[str, tuple[int, str]]] = {"ip": (4, "protocol"), "ip6": (6, "nexthdr")}
"""The headers of IP: whose they are, and where they name what is in the packet."""

ROUTING: Final = "rt"
"""What iptables calls a routing header (RFC 5095), which nobody sends us."""

MOST_JUMPS: Final = 16
"""As many as the kernel allows."""

_OTHER_PROTOCOLS: Final = frozenset(
    {"tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "udplite", "esp", "ah", "igmp"}
)

Rule = Sequence[Mapping[str, Any]]


@define(eq=False)
class PacketFilter:
    """A ruleset, as `nft -j list ruleset` tells it."""

    _rules: dict[tuple[str, str, str], list[Rule]] = field(factory=dict)
    _bases: list[Mapping[str, Any]] = field(factory=list)

    @classmethod
    def of(cls, ruleset: Iterable[Mapping[str, Any]]) -> "PacketFilter":
        """Read the members of its `nftables`."""
        made = cls()
        for each in ruleset:
            if "chain" in each:
                chain = each["chain"]
                if chain.get("hook") in HOOKS:
                    made._bases.append(chain)
            elif "rule" in each:
                rule = each["rule"]
                key = (rule["family"], rule["table"], rule["chain"])
                made._rules.setdefault(key, []).append(rule["expr"])
        return made

    def dropping(self, packet: Packet) -> tuple[str | None, bool]:
        """Return the chain that surely drops a packet, and whether any one perhaps does."""
        perhaps = False
        for chain in self._bases:
            key = (chain["family"], chain["table"], chain["name"])
            if chain["family"] not in FAMILIES[packet.version]:
                continue
            found = self._outcomes(key, packet, 0)
            if Outcome.GOES_ON in found:
                is_open = chain.get("policy", "accept") == "accept"
                found = found - {Outcome.GOES_ON} | {Outcome.ACCEPT if is_open else Outcome.DROP}
            if found == {Outcome.DROP}:
                return " ".join(key), True
            perhaps |= Outcome.DROP in found
        return None, perhaps

    def _outcomes(self, key: tuple[str, str, str], packet: Packet, depth: int) -> set[Outcome]:
        found: set[Outcome] = set()
        if depth > MOST_JUMPS:
            return set(Outcome)
        for rule in self._rules.get(key, ()):
            match, said = self._apply(rule, key, packet, depth)
            if match is Match.NO or not said:
                continue
            found |= said - {Outcome.GOES_ON}
            if match is Match.YES and Outcome.GOES_ON not in said:
                return found
            if _leaves(rule):
                found.add(Outcome.GOES_ON)
                if match is Match.YES:
                    return found
        return found | {Outcome.GOES_ON}

    def _apply(
        self, rule: Rule, key: tuple[str, str, str], packet: Packet, depth: int
    ) -> tuple[Match, set[Outcome]]:
        """Return whether a rule is about a packet, and what it may come to then."""
        match = Match.YES
        for each in rule:
            ((name, about),) = each.items()
            if name == "match":
                match = _both(match, matches(about, packet))
            elif name == "xt" and isinstance(about, dict) and about.get("name") == ROUTING:
                match = Match.NO
            elif name in ("limit", "xt", "fib", "socket"):
                match = _both(match, Match.PERHAPS)
            elif name == "vmap":
                return self._mapped(match, about, key, packet, depth)
            if match is Match.NO:
                break
            said = self._verdict(each, key, packet, depth)
            if said is not None:
                return match, said
        return match, set()

    def _verdict(
        self, each: Mapping[str, Any], key: tuple[str, str, str], packet: Packet, depth: int
    ) -> set[Outcome] | None:
        ((name, about),) = each.items()
        match name:
            case "accept":
                return {Outcome.ACCEPT}
            case "drop" | "reject":
                return {Outcome.DROP}
            case "return":
                return {Outcome.GOES_ON}
            case "queue" | "tproxy":
                return {Outcome.ACCEPT, Outcome.DROP}
            case "jump" | "goto":
                return self._outcomes((key[0], key[1], about["target"]), packet, depth + 1)
        return None

    def _mapped(
        self,
        before: Match,
        about: Mapping[str, Any],
        key: tuple[str, str, str],
        packet: Packet,
        depth: int,
    ) -> tuple[Match, set[Outcome]]:
        """Return what a map of verdicts comes to."""
        data = about["data"]
        pairs = data.get("set") if isinstance(data, dict) else None
        if pairs is None:
            return Match.PERHAPS, set(Outcome)  # One with a name, whose elements are elsewhere.
        found: set[Outcome] = set()
        for value, verdict in pairs:
            match = matches({"op": "==", "left": about["key"], "right": value}, packet)
            said = self._verdict(verdict, key, packet, depth) or set()
            if match is Match.YES:
                return _both(before, match), said
            if match is Match.PERHAPS:
                found |= said
        return (Match.PERHAPS, found) if found else (Match.NO, set())


def matches(about: Mapping[str, Any], packet: Packet) -> Match:
    """Tell whether a comparison holds for a packet."""
    value = _value(about["left"], packet)
    if value is None:
        return Match.PERHAPS
    if value is Match.NO:
        return Match.NO
    found = _among(value, about["right"])
    if about["op"] == "!=" and found is not Match.PERHAPS:
        return Match.NO if found is Match.YES else Match.YES
    return found


def _value(left: Any, packet: Packet) -> Any:
    """Return what the packet has there; None where nobody knows, NO where it has no such thing."""
    if not isinstance(left, dict):
        return None
    ((kind, about),) = left.items()
    if kind == "payload":
        protocol, name = about.get("protocol"), about.get("field")
        if protocol in (packet.protocol, "th") and name == "dport":
            return (packet.port,)
        if protocol in _HEADERS:
            version, inner = _HEADERS[protocol]
            if version != packet.version:
                return Match.NO
            if name == inner:
                return (packet.protocol, NUMBERS[packet.protocol])
            return _Unlisted() if name == "saddr" else None
        is_other = protocol in _OTHER_PROTOCOLS and protocol != packet.protocol
        return Match.NO if is_other else None
    if kind == "meta":
        return {
            "l4proto": (packet.protocol, NUMBERS[packet.protocol]),
            "iifname": _Unlisted("lo"),
            "iif": _Unlisted("lo"),
            **_NAMES[packet.version],
        }.get(about.get("key"))
    if kind == "ct" and about.get("key") == "state":
        return ("new",)
    if kind == "exthdr":
        # Nobody's first packet has one: it is there, or missing, as a whole.
        return Match.NO if "field" in about else (False,)
    if kind == "fib":
        return _routed(about)
    return None


def _routed(about: Mapping[str, Any]) -> Any:
    """Return what the table of routes says of the packet; None where nobody knows."""
    flags, result = about.get("flags", ()), about.get("result")
    if "daddr" in flags and result == "type":
        return ("local",)
    # Strangers come by the way our answers go, where a filter for reverse paths lets anybody in.
    return (True,) if "saddr" in flags and result in ("oif", "oifname") else None


@frozen
class _Unlisted:
    """What nobody knows beforehand, but that it is none of those that a rule names by itself.

    An address of a stranger: no operator names each of those; a list with a name may be one of
    half the world.  An interface: any but loopback's, `only`, is perhaps the one.
    """

    only: str | None = None


def _among(value: Any, right: Any) -> Match:
    """Tell whether a value is what stands on the right, or among it."""
    if isinstance(right, dict) and "set" in right:
        right = right["set"]
    if isinstance(right, list):
        found = [_among(value, each) for each in right]
        for match in (Match.YES, Match.PERHAPS):
            if match in found:
                return match
        return Match.NO
    if isinstance(value, _Unlisted):
        is_list = isinstance(right, str) and right.startswith("@")
        is_told = right == value.only if value.only is not None else not is_list
        return Match.NO if is_told else Match.PERHAPS
    if isinstance(right, dict) and "range" in right:
        first, last = right["range"]
        if isinstance(first, int) and isinstance(last, int):
            is_in = any(isinstance(each, int) and first <= each <= last for each in value)
            return Match.YES if is_in else Match.NO
        return Match.PERHAPS
    if isinstance(right, dict) or (isinstance(right, str) and right.startswith("@")):
        return Match.PERHAPS
    return Match.YES if right in value else Match.NO


def _both(one: Match, other: Match) -> Match:
    if Match.NO in (one, other):
        return Match.NO
    return Match.PERHAPS if Match.PERHAPS in (one, other) else Match.YES


def _leaves(rule: Rule) -> bool:
    """Tell whether nothing that comes after a rule in its chain is looked at."""
    return any(each.keys() & {"return", "goto"} for each in rule)
