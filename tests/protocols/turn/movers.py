"""Clients that move to other addresses, with the ticket they were given (RFC 8016)."""

from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import A
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play

WANTED = (A.MOBILITY_TICKET, b"")


def mobile(play: Play, by: Transport = Transport.UDP, **how: object) -> Client:
    """Return a client with a ticket, a permission for the peer, and a channel to it."""
    alice = play.client(by=by, **how)  # type: ignore[arg-type]
    alice.allocates(WANTED)
    alice.binds(0x4000, play.peer())
    return alice


def ticket(client: Client) -> tuple[int, bytes]:
    return A.MOBILITY_TICKET, client.talk.ticket


def resumed(play: Play, alice: Client, by: Transport = Transport.UDP) -> Client:
    """Return the client as it has resumed from another address, without having sent anything."""
    moved = play.moves(alice, by)
    answer = moved.refreshes(None, ticket(alice))
    assert answer.ok, answer.summary
    moved.talk.ticket = answer.must(A.MOBILITY_TICKET)
    return moved
