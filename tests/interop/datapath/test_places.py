"""Where a relay may listen and relay, so that the kernel finds its way."""

import pytest

from bench.turn_network import RELAYS, SERVER
from tests.interop.datapath.conftest import INTERFACES, StartCrossing
from tests.interop.datapath.ways import Way

pytestmark = pytest.mark.interop


def flies_both_ways(way: Way) -> bool:
    return way.flies_up(b"to the peer") and way.flies_down(b"to the client")


def test_interfaces_are_found_by_the_relays_addresses(start_crossing: StartCrossing) -> None:
    """Without a setting: those clients come in by, and those peers do."""
    site = start_crossing(hosts=SERVER, turn={"interfaces": [], "relay": list(RELAYS)})
    assert site.datapath()["interfaces"] == INTERFACES
    for v6 in (False, True):
        assert flies_both_ways(Way(site, v6=v6))


def test_whoever_listens_everywhere_answers_from_where_it_was_asked(
    start_crossing: StartCrossing,
) -> None:
    """Wildcard listeners: what comes down has the address the client sent to."""
    everywhere = ["0.0.0.0:3478", "[::]:3478"]
    site = start_crossing(
        hosts=SERVER, turn={"udp": everywhere, "tcp": [], "interfaces": [], "relay": list(RELAYS)}
    )
    for v6 in (False, True):
        assert flies_both_ways(Way(site, v6=v6))


def test_a_relayed_address_behind_a_nat_is_seen_as_another_one(
    start_crossing: StartCrossing,
) -> None:
    """`turn.external`: clients are told the outer address, and packets have the inner one."""
    site = start_crossing(
        hosts=SERVER,
        turn={"interfaces": [], "relay": [RELAYS[0]], "external": [f"{RELAYS[0]}=198.51.100.7"]},
    )
    way = Way(site, v6=False)
    (outer, port) = way.caller.relayed
    assert outer == "198.51.100.7"
    # There is no NAT here that would translate between the two.
    way.caller.relays = [(RELAYS[0], port)]
    assert flies_both_ways(way)
