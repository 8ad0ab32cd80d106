"""How much of everything there is (checklist D5 to D9)."""

import time

import pytest

from tests.interop.turn.caller import Caller
from tests.interop.turn.conftest import StartSite, Volume
from tests.interop.turn.servers import CUSTOMER
from tests.interop.turn.site import STREAMS, TRANSPORTS, Site, new_host
from tests.interop.turn.stun_codec import A
from tests.interop.turn.turn_client import Identity

pytestmark = pytest.mark.interop

EVEN, RESERVING = (A.EVEN_PORT, b"\0"), (A.EVEN_PORT, b"\x80")
RESERVATION = 30


def filled(site: Site, transport: str, most: int, **who: object) -> list[Caller]:
    """Allocate until it is refused."""
    callers = []
    for _ in range(most + 1):
        caller = site.caller(transport, **who)
        answer = caller.tries_to_allocate()
        if not answer.ok:
            assert answer.error == 486
            break
        callers.append(caller)
    assert len(callers) == most
    return callers


def test_users_customers_and_addresses_have_quotas(start_site: StartSite) -> None:
    """D5: 486 at each, and what is given back is free again, once."""
    limits = {
        "allocations_per_user": 4, "allocations_per_customer": 6, "allocations_per_address": 3
    }  # fmt: skip
    site = start_site(limits=limits, customers=(CUSTOMER, "other"))
    site.relay.add_user(CUSTOMER, "bob")
    bob = Identity.of(f"{CUSTOMER}:bob", "a password of alice's")
    for transport in TRANSPORTS:
        host = new_host()
        crowd = filled(site, transport, 3, host=host, identity=site.user_of("other"))
        assert crowd[0].refreshes(0).ok
        assert crowd[0].refreshes(0).error == 437, "an end is an end"
        crowd[1].close() if transport in STREAMS else crowd[1].refreshes(0)
        site.relay.until(lambda: len(site.relay.sessions()) == 1)
        crowd += filled(site, transport, 2, host=host, identity=site.user_of("other"))
        alices = filled(site, transport, 4)
        bobs = filled(site, transport, 2, identity=bob)
        for caller in (*crowd[2:], *alices, *bobs):
            assert caller.refreshes().ok, "what exists may go on"
            assert caller.refreshes(0).ok
        site.relay.until(lambda: not site.relay.sessions())


def test_expiry_gives_a_quota_back(start_site: StartSite) -> None:
    """D5: once, for each way an allocation can end."""
    site = start_site(limits={"allocations_per_user": 5}, clock=True)
    for transport in TRANSPORTS:
        filled(site, transport, 5)
        site.advance(601)
        site.relay.until(lambda: not site.relay.sessions())
    again = filled(site, "udp", 5)
    for caller in again:
        assert caller.refreshes(0).ok


def test_one_user_asks_on_and_on(start_site: StartSite, volume: Volume) -> None:
    """D5: thousands of refusals leave nothing."""
    site = start_site(limits={"allocations_per_user": 2})
    kept = filled(site, "udp", 2)
    caller = site.caller()
    assert caller.tries_to_allocate().error == 486
    before = site.relay.memory()
    for _ in range(volume(1000)):
        assert caller.tries_to_allocate().error == 486
    assert site.relay.memory() - before < 512 * 1024
    assert len(site.relay.sessions()) == 2
    assert kept[0].refreshes().ok


def test_without_free_ports_nobody_else_suffers(start_site: StartSite) -> None:
    """D6: 508; whoever has a relay keeps it, and a port that is given back is used again."""
    site = start_site(turn={"ports": "50000-50009"})
    callers = [site.allocated("udp") for _ in range(10)]
    assert {caller.relayed[1] for caller in callers} == set(range(50_000, 50_010))
    for transport in TRANSPORTS:
        assert site.caller(transport).tries_to_allocate().error == 508
    assert site.caller().tries_to_allocate(RESERVING).error == 508
    peer = site.peer()
    assert callers[0].permits(peer.address).ok
    callers[0].sends(peer.address, b"still here")
    assert peer.hear()[0] == b"still here"
    for _ in range(30):
        port = callers[5].relayed[1]
        assert callers[5].refreshes(0).ok
        assert callers[5].tries_to_allocate().ok
        assert callers[5].relayed[1] == port


def test_an_even_port_reserves_no_other(start_site: StartSite) -> None:
    """D7: however often it is asked for."""
    site = start_site(turn={"ports": "50000-50009"})
    caller = site.caller()
    for _ in range(50):
        caller.allocates(EVEN)
        assert not caller.relayed[1] % 2
        assert caller.refreshes(0).ok
    assert len([site.allocated("udp") for _ in range(10)]) == 10


def test_a_reservation_ends_by_itself(start_site: StartSite) -> None:
    """D7: after 30 seconds (RFC 8656 section 7.2), or with its use."""
    site = start_site(turn={"ports": "50000-50001"}, clock=True)
    for transport in TRANSPORTS:
        caller = site.caller(transport)
        token = caller.allocates(RESERVING).must(A.RESERVATION_TOKEN)
        assert site.caller().tries_to_allocate().error == 508
        thief = site.caller(transport)
        for bad in (bytes(8), token[::-1]):
            assert thief.tries_to_allocate((A.RESERVATION_TOKEN, bad)).error == 508
        second = site.caller(transport)
        second.allocates((A.RESERVATION_TOKEN, token))
        assert second.relayed[1] == caller.relayed[1] + 1
        assert second.refreshes(0).ok
        assert caller.refreshes(0).ok
        token = caller.allocates(RESERVING).must(A.RESERVATION_TOKEN)
        site.advance(RESERVATION + 1)
        assert site.caller(transport).tries_to_allocate((A.RESERVATION_TOKEN, token)).error == 508
        other = site.allocated(transport)
        assert other.refreshes(0).ok
        assert caller.refreshes(0).ok


def test_an_allocation_has_so_many_peers(start_site: StartSite) -> None:
    """D8: 508 for more; those it has may always be refreshed."""
    site = start_site(limits={"permissions": 20, "channels": 10, "new_peers_per_second": 10_000})
    for transport in TRANSPORTS:
        caller = site.allocated(transport)
        hosts = [(f"52.1.0.{number}", 7) for number in range(20)]
        for number, host in enumerate(hosts[:10], 0x4000):
            assert caller.binds(number, host).ok
        assert caller.binds(0x400A, ("52.1.0.0", 8)).error == 508
        for host in hosts[10:]:
            assert caller.permits(host).ok
        for _ in range(5):
            assert caller.permits(("52.2.0.1", 7)).error == 508
            assert caller.binds(0x400B, ("52.2.0.1", 7)).error == 508
        assert caller.permits(*hosts).ok
        assert caller.permits(*hosts[:19], ("52.2.0.1", 7)).error == 508
        for number, host in enumerate(hosts[:10], 0x4000):
            assert caller.binds(number, host).ok


def test_a_scan_is_slowed_down_and_told(start_site: StartSite, volume: Volume) -> None:
    """D9: new peers per second; a call has a handful, and goes on all the while."""
    site = start_site(limits={"permissions": 100, "new_peers_per_second": 5})
    for transport in TRANSPORTS:
        caller, friend = site.allocated(transport), site.peer()
        assert caller.permits(friend.address).ok
        codes = [
            caller.permits((f"52.3.{number >> 8}.{number & 255}", 7)).error
            for number in range(volume(300))
        ]
        assert set(codes) <= {0, 508}
        caller.sends(friend.address, b"still talking")
        assert friend.hear()[0] == b"still talking"
        assert caller.permits(friend.address).ok
    book = (site.relay.folder / "access.log").read_text()
    assert "too-many-peers" in book


def test_ports_of_one_host_are_peers_too(start_site: StartSite) -> None:
    """D9: a permission is for a host, but a scan of its ports is a scan."""
    site = start_site(limits={"permissions": 50, "new_peers_per_second": 5})
    for transport in TRANSPORTS:
        began = time.monotonic()
        caller, sniffer = site.allocated(transport), site.sniffer()
        assert caller.permits(("52.4.0.1", 0)).ok
        for port in range(1, 501):
            caller.sends(("52.4.0.1", port), b"anybody?")
            if port % 100 == 0:
                caller.settle()
        reached = {each.target[1] for each in sniffer.seen() if each.target[0] == "52.4.0.1"}
        # As many at once as there are permissions, and then some more a second.
        assert 40 <= len(reached) <= 50 + 5 * (time.monotonic() - began + 1)
