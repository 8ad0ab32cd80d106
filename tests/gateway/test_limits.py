"""Nobody can take more than their share, and nobody else notices who tries."""

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import ENVELOPE, weight
from procall_mobility.protocols.rose.messages import (
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from tests.gateway.fakes import CLIENT, FakeClientWire, House, event

LIMITED = Problem(ProblemKind.INVOKE, InvokeProblem.RESOURCE_LIMITATION)


def test_a_slow_client_loses_its_session_and_nobody_else_notices() -> None:
    house = House(queue_octets=10_000)
    wire = house.registers()
    session, slow = house.session(wire, "S1")
    _, other = house.session(wire, "S2")
    house.gateway.client_paused(session, slow)
    long = event("asnChatEvent", {"x": "y" * 5000})
    for _ in range(2):
        house.gateway.session_invoked(wire, "S1", long, house.now)
        house.gateway.session_invoked(wire, "S2", long, house.now)
    assert slow.closed == (1013, "slow-client")
    assert len(other.sent) == 2
    assert house.book.said()[-1] == "session closed: slow-client"


def test_what_waited_is_sent_in_order_when_the_client_recovers() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_paused(session, client)
    for number in range(3):
        one = event("asnChatEvent", {"n": number})
        house.gateway.session_invoked(wire, "SESSION1", one, house.now)
    assert client.sent == []
    assert session.queued > 0
    house.gateway.client_resumed(session, client)
    numbers = [m.argument.value()["n"] for m in client.sent]  # type: ignore[union-attr]
    assert numbers == [0, 1, 2]
    assert session.queued == 0


def test_a_client_that_talks_too_much_loses_its_session() -> None:
    house = House(frames_per_second=1.0, frame_burst=3.0)
    session, client = house.session(house.registers())
    for _ in range(3):
        house.gateway.client_says(session, event("asnX"), house.now)
    house.later(1.0)
    house.gateway.client_says(session, event("asnX"), house.now)
    assert client.closed is None
    house.gateway.client_says(session, event("asnX"), house.now)
    assert client.closed == (1008, "too-many-frames")


def test_a_server_has_only_so_many_unanswered_calls_to_one_client() -> None:
    house = House(server_calls_per_session=1)
    wire = house.registers()
    house.session(wire)
    for number in (1, 2):
        asked = Invoke(number, 0, "asnX", None, "SESSION1")
        house.gateway.session_invoked(wire, "SESSION1", asked, house.now)
    assert wire.answers == [Reject(2, LIMITED, "serverBusy", "SESSION1")]


def test_a_slow_server_holds_back_its_own_clients_until_it_recovers() -> None:
    house = House(Customer(ucsid="acme"), Customer(ucsid="other"))
    wire, other = house.registers(), house.registers(ucsid="other")
    _, client = house.session(wire)
    house.logs_in(wire, "S2")
    house.logs_in(other, "S3", ucsid="other")
    stranger = FakeClientWire()
    house.gateway.attach("S3", stranger, CLIENT, house.now)
    house.gateway.link_paused(wire, house.now)
    house.gateway.link_paused(wire, house.now)
    late = FakeClientWire()
    house.gateway.attach("S2", late, CLIENT, house.now)
    assert (client.held, late.held, stranger.held) == (True, True, False)
    house.gateway.link_resumed(wire, house.now)
    house.gateway.link_resumed(wire, house.now)
    assert (client.held, late.held) == (False, False)
    house.later(100.0)
    assert not wire.aborted


def test_a_server_that_takes_nothing_for_a_minute_is_cut_off() -> None:
    house = House()
    wire = house.registers()
    house.logs_in(wire)
    house.gateway.link_paused(wire, house.now)
    house.gateway.link_resumed(wire, house.now)
    house.gateway.link_paused(wire, house.now)
    house.later(60.0)
    assert wire.aborted
    house.gateway.link_lost(wire, Reason.CONNECTION_LOST, house.now)
    assert house.book.said()[-1] == "server link lost: slow-server"


def test_messages_weigh_what_they_hold() -> None:
    held = JsonValue("x" * 100)
    for message in (Invoke(1, argument=held), Result(1, held), Error(1, held)):
        assert weight(message) == ENVELOPE + 100
    assert weight(Reject(1)) == weight(Invoke(1)) == ENVELOPE
