"""Where the relay of these tests stands, and policies written in a line."""

from ipaddress import IPv6Network

from procall_mobility.protocols.public_addresses import WELL_KNOWN_NAT64
from procall_mobility.protocols.turn.peer_rules import PeerRule
from procall_mobility.protocols.turn.peers import PeerPolicy, Surroundings

OWN, RELAY, BOUND = "20.9.9.9", "20.9.9.10", "10.0.0.1"
AROUND = Surroundings(
    relay_hosts=frozenset((RELAY, BOUND)),
    own_hosts=frozenset((OWN, RELAY, BOUND, "2a00::9")),
    services=frozenset((3478, 8081)),
    resolvers=frozenset(("10.0.0.53", "20.9.9.53", "127.0.0.53", "2a00::53")),
    nat64=(WELL_KNOWN_NAT64, *(IPv6Network(f"2a00:{n:x}::/{n}") for n in (32, 40, 48, 56, 64))),
)


def policy(*rules: str, around: Surroundings = AROUND) -> PeerPolicy:
    """Write rules; those that deny have a minus."""
    return PeerPolicy(
        [PeerRule.parse(each.lstrip("-"), allow=not each.startswith("-")) for each in rules],
        around,
    )
