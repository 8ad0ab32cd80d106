"""The relay's mouth: what it passes to whom (`server`), and what it never does twice."""

from random import Random

import pytest

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.protocols.stun.message import Message as Heard
from tests.interop.turn.stun_codec import Kind, Method, message, parse
from tests.protocols.turn.callers import as_socket
from tests.protocols.turn.plays import LISTENING, Play

CLIENT = ("198.51.100.9", 1024)


class Reply:
    def __init__(self, to: TransportAddress) -> None:
        self.message, self.origin, self.to = b"the answer", ("203.0.113.2", 3479), to


class Behaviour:
    """Stands where `NatBehaviour` does: the sockets of RFC 5780, in memory."""

    def __init__(self, to: TransportAddress | None) -> None:
        self.to = to
        self.sent: list[tuple[bytes, TransportAddress, TransportAddress]] = []

    def reply(self, message: Heard, client: TransportAddress, server: TransportAddress) -> Reply:
        assert (client, server) == (CLIENT, LISTENING)
        if self.to is None:
            raise PeerError("protocol-error", "malformed")
        return Reply(self.to)

    def send(self, data: bytes, origin: TransportAddress, to: TransportAddress) -> None:
        self.sent.append((data, origin, to))


def asked(behaviour: Behaviour) -> list[bytes]:
    play = Play()
    play.server.nat_behaviour[as_socket(LISTENING)] = behaviour  # type: ignore[assignment]
    line = play.line(address=CLIENT)
    line.says(message(Method.BINDING))
    return line.takes()


def test_a_listener_with_a_second_address_answers_as_the_client_wishes() -> None:
    """RFC 5780 section 6.1: from the socket and to the port that was asked for."""
    behaviour = Behaviour(("198.51.100.9", 5000))
    assert asked(behaviour) == []
    assert behaviour.sent == [(b"the answer", ("203.0.113.2", 3479), ("198.51.100.9", 5000))]


def test_d3_nobody_is_answered_at_a_port_of_reflecting_services() -> None:
    """D3: not even when a client asks for it by RESPONSE-PORT."""
    behaviour = Behaviour(("198.51.100.9", 53))
    assert asked(behaviour) == []
    assert behaviour.sent == []


def test_a_wish_that_is_malformed_is_a_bad_request() -> None:
    (answer,) = asked(Behaviour(None))
    assert parse(answer).error == 400


def test_who_guesses_passwords_is_answered_no_more() -> None:
    """B19: from that source, until time has passed; who knows the password is not concerned."""
    play = Play(wrong_passwords_per_minute=3.0)
    alice = play.client("alice", address=CLIENT)
    alice.allocates()
    guesser = play.client("alice", address=(CLIENT[0], 2000), password="guess")
    answers = [guesser.asks(Method.ALLOCATE) for _ in range(6)]
    assert [each.error if each is not None else None for each in answers] == [401] * 3 + [None] * 3
    assert play.counters["too-many-wrong-passwords"] == 3
    assert alice.refreshes().ok
    assert len(play.book.lines) >= 4


@pytest.mark.parametrize("kind", [Kind.REQUEST, Kind.INDICATION, Kind.SUCCESS, Kind.ERROR])
def test_a_message_is_known_for_one_and_other_octets_are_not(kind: Kind) -> None:
    """Transports close streams of octets that are none."""
    play = Play()
    path = play.line(address=CLIENT).path
    assert play.server.hears(message(Method.BINDING, kind=kind), path, play.now)
    assert not play.server.hears(b"GET / HTTP/1.1\r\n\r\n", path, play.now)


def test_names_that_are_taken_are_not_given_twice() -> None:
    """Ids of allocations and of connections come from dice, which may repeat themselves."""
    play = Play()
    thrown = [b"again!", b"again!", b"again!", b"other!"]
    dice, chance = play.allocations.dice, Random(1)
    play.allocations.dice = lambda size: thrown.pop(0) if size == 6 else chance.randbytes(size)
    play.client("alice").allocates()
    play.client("bob").allocates()
    assert sorted(each.id for each in play.allocations) == [b"again!".hex(), b"other!".hex()]
    play.allocations.dice = dice


def test_b5_a_wrong_password_for_an_allocation_that_exists_is_a_wrong_password() -> None:
    """B5: the key of the allocation is tried first, and then its user's passwords."""
    play = Play()
    alice = play.client("alice")
    alice.allocates()
    mallory = play.client("alice", password="guess")
    mallory.line = alice.line
    assert mallory.refreshes(0).error == 401
    assert alice.refreshes().ok
