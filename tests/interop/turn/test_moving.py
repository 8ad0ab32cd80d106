"""Mobility tickets in the wrong hands, and allocations without a client (checklist B17, B18)."""

import os

import pytest

from tests.interop.turn.caller import Caller
from tests.interop.turn.conftest import StartSite, Volume
from tests.interop.turn.servers import CUSTOMER
from tests.interop.turn.site import ALICE, STREAMS, TRANSPORTS, Site
from tests.interop.turn.stun_codec import A
from tests.interop.turn.turn_client import Identity, lifetime

pytestmark = pytest.mark.interop

WANTED = (A.MOBILITY_TICKET, b"")


def mobile(site: Site, transport: str, identity: Identity = ALICE) -> Caller:
    caller = site.allocated(transport, WANTED, identity=identity)
    assert caller.talk.ticket
    return caller


def resume(caller: Caller, ticket: bytes, *parts: tuple[int, bytes]) -> int:
    answer = caller.refreshes(None, (A.MOBILITY_TICKET, ticket), *parts)
    if answer.ok:
        caller.talk.ticket = answer.get(A.MOBILITY_TICKET) or b""
    return answer.error


@pytest.mark.parametrize("to", TRANSPORTS)
def test_an_allocation_moves_from_any_transport_to_any(
    site: Site, transport: str, to: str
) -> None:
    """B17: RFC 8016 section 3.2; the peer notices nothing."""
    caller, peer = mobile(site, transport), site.peer()
    relayed, ticket = caller.relayed, caller.talk.ticket
    assert caller.binds(0x4000, peer.address).ok
    moved = site.caller(to)
    assert resume(moved, ticket) == 0
    assert moved.talk.ticket not in (b"", ticket)
    moved.says(0x4000, b"from elsewhere")
    assert peer.hear() == (b"from elsewhere", relayed)
    peer.say(b"to elsewhere", relayed)
    assert moved.hear() == (0x4000, b"to elsewhere")
    assert moved.refreshes(0).ok


def test_a_ticket_is_good_for_its_owner_alone(site: Site, transport: str) -> None:
    """B17: 441 for another user, 437 for a ticket nobody has."""
    site.relay.add_user(CUSTOMER, "bob")
    caller = mobile(site, transport)
    for name in (f"{CUSTOMER}:bob", "other:alice"):
        thief = site.caller(transport, Identity(name.encode(), ALICE.password))
        assert resume(thief, caller.talk.ticket) == 441
        assert resume(thief, caller.talk.ticket, lifetime(0)) == 441
    stranger = site.caller(transport)
    for ticket in (os.urandom(16), b"", bytes(4), os.urandom(64)):
        assert resume(stranger, ticket) == 437
    assert caller.refreshes().ok


def test_moving_again_and_again_costs_nothing(site: Site, volume: Volume) -> None:
    """B17: old tickets are worth nothing, and nothing of a former place is kept."""
    caller = mobile(site, "udp")
    ticket, relay = caller.talk.ticket, site.relay
    old = [ticket]

    def move(times: int) -> None:
        nonlocal ticket
        for _ in range(times):
            moved = site.caller()
            assert resume(moved, ticket) == 0
            moved.says(0x4000, b"here I am")
            ticket = moved.talk.ticket
            moved.close()

    move(100)
    sessions, before = len(relay.sessions()), relay.memory()
    move(volume(300))
    assert len(relay.sessions()) == sessions
    assert relay.memory() - before < 512 * 1024
    last = site.caller()
    assert resume(last, old[0]) == 437
    assert resume(last, ticket, lifetime(0)) == 0


def test_a_quota_follows_the_owner(start_site: StartSite) -> None:
    """B17: an allocation that has moved is counted once, for whom and where it was made."""
    site = start_site(limits={"allocations_per_user": 2, "allocations_per_address": 2})
    first, second = mobile(site, "udp"), mobile(site, "udp")
    assert site.caller().tries_to_allocate().error == 486
    moved = site.caller()
    assert resume(moved, first.talk.ticket) == 0
    assert site.caller().tries_to_allocate().error == 486
    assert moved.refreshes(0).ok
    again = site.allocated("udp")
    assert site.caller().tries_to_allocate().error == 486
    assert second.refreshes(0).ok
    assert again.refreshes(0).ok


def test_a_lost_connection_gives_no_quota_back(start_site: StartSite) -> None:
    """B18: a mobile allocation lives on without its connection, and is counted."""
    site = start_site(limits={"allocations_per_user": len(STREAMS)})
    callers = [mobile(site, transport) for transport in STREAMS]
    for caller in callers:
        caller.close()
    site.relay.until(lambda: all(each["client"] is None for each in site.relay.sessions()))
    assert len(site.relay.sessions()) == len(callers)
    assert site.caller().tries_to_allocate().error == 486
    for caller in callers:
        back = site.caller("tcp")
        assert resume(back, caller.talk.ticket) == 0
        assert back.refreshes(0).ok
    assert site.caller().tries_to_allocate().ok


def test_mobility_may_be_switched_off(start_site: StartSite) -> None:
    """RFC 8016 section 3.1.2: 405."""
    site = start_site(turn={"mobility": False})
    assert site.caller().tries_to_allocate(WANTED).error == 405
    assert resume(site.caller(), os.urandom(16)) == 405
