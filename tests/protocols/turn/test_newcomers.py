"""While the relay leaves, those it relays for stay, and nobody else comes."""

import pytest

from procall_mobility.protocols.turn.allocations import Newcomers
from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import UDP, A, Method
from tests.protocols.turn.plays import Play

WANTED = (A.REQUESTED_TRANSPORT, UDP)
STREAMS = [Transport.TCP, Transport.TLS]


@pytest.mark.parametrize("by", list(Transport))
def test_newcomers_are_told_to_go_elsewhere(by: Transport) -> None:
    """RFC 8656 section 7.2: 508; their other servers are asked next."""
    play = Play()
    play.allocations.newcomers = Newcomers.REFUSED
    assert play.client("alice", by=by).gets(Method.ALLOCATE, WANTED).error == 508
    assert len(play.allocations) == 0


def test_who_asks_by_datagram_is_left_to_whoever_goes_on() -> None:
    """It asks again within half a second (RFC 8489 section 6.2.1)."""
    play = Play()
    play.allocations.newcomers = Newcomers.ELSEWHERE
    assert play.client("alice").asks(Method.ALLOCATE, WANTED) is None
    assert play.counters["left-to-successor"] == 1


@pytest.mark.parametrize("by", STREAMS)
def test_who_has_a_connection_to_us_hears_no(by: Transport) -> None:
    """Asking again would reach us again; a new connection does not."""
    play = Play()
    play.allocations.newcomers = Newcomers.ELSEWHERE
    assert play.client("alice", by=by).gets(Method.ALLOCATE, WANTED).error == 508


@pytest.mark.parametrize("newcomers", [Newcomers.REFUSED, Newcomers.ELSEWHERE])
def test_who_is_relayed_goes_on(newcomers: Newcomers) -> None:
    """Also when only the answer to its Allocate was lost."""
    play = Play()
    alice, bob = play.client("alice"), play.peer()
    transaction = b"t" * 12
    first = alice.gets(Method.ALLOCATE, WANTED, transaction=transaction)
    play.allocations.newcomers = newcomers
    again = alice.gets(Method.ALLOCATE, WANTED, transaction=transaction)
    assert again.address(A.XOR_RELAYED_ADDRESS) == first.address(A.XOR_RELAYED_ADDRESS)
    assert alice.binds(0x4000, bob).ok
    assert alice.gets(Method.REFRESH).ok
    assert alice.gets(Method.ALLOCATE, WANTED).error == 437
