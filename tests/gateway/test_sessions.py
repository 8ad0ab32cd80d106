"""Wire 3: the life of sessions."""

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from tests.gateway.fakes import CLIENT, FakeClientWire, House, event


def test_a_session_without_a_websocket_ends_after_sixty_seconds() -> None:
    """A-21."""
    house = House()
    wire = house.registers()
    house.logs_in(wire)
    house.later(59.0)
    assert house.gateway.sessions.find("SESSION1") is not None
    house.later(2.0)
    assert house.gateway.sessions.find("SESSION1") is None
    wire.asked("asnDestroyUserSession")
    assert house.book.said()[-1] == "session closed: never-attached"


def test_an_attached_session_lives_on() -> None:
    house = House()
    house.session(house.registers())
    house.later(10_000.0)
    assert len(house.gateway.sessions) == 1


def test_a_lost_websocket_ends_the_session_after_a_grace() -> None:
    """A-21: ten seconds."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_gone(session, client, house.now)
    house.later(9.0)
    assert len(house.gateway.sessions) == 1
    house.later(2.0)
    assert len(house.gateway.sessions) == 0
    wire.asked("asnDestroyUserSession")
    entry = house.book.entries[-1]
    assert (entry.reason, entry.duration) == (Reason.GRACE_OVER, 11.0)


def test_a_second_websocket_replaces_the_first() -> None:
    """A-21; the loss of the first changes nothing any more."""
    house = House()
    session, first = house.session(house.registers())
    second = FakeClientWire()
    assert house.gateway.attach("SESSION1", second, CLIENT, house.now) is session
    assert first.closed == (1000, "replaced-socket")
    house.gateway.client_paused(session, first)
    house.gateway.client_resumed(session, first)
    house.gateway.client_gone(session, first, house.now)
    house.later(100.0)
    assert session.wire is second


def test_what_comes_during_the_grace_is_delivered_to_the_next_websocket() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_gone(session, client, house.now)
    house.gateway.session_invoked(wire, "SESSION1", event("asnUpdatePresenceV2"), house.now)
    again = FakeClientWire()
    house.gateway.attach("SESSION1", again, CLIENT, house.now)
    assert len(again.sent) == 1
    house.later(100.0)
    assert len(house.gateway.sessions) == 1


def test_an_unknown_session_gets_no_websocket() -> None:
    assert House().gateway.attach("NONE", FakeClientWire(), CLIENT, 0.0) is None


def test_a_log_off_closes_with_1000() -> None:
    """Wire 3: asnLogoff, then the server says that the session is over."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, event("asnLogoff"), house.now)
    house.gateway.session_ended(wire, "SESSION1", house.now)
    assert client.closed == (1000, "logged-off")
    assert wire.calls == []


def test_a_client_that_leaves_after_its_log_off_is_not_waited_for() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, event("asnLogoff"), house.now)
    house.gateway.client_gone(session, client, house.now)
    assert len(house.gateway.sessions) == 0
    wire.asked("asnDestroyUserSession")


def test_a_session_its_server_ends_closes_with_1008() -> None:
    """Wire 5.4: asnUserSessionDestroyed; the server is not told what it said."""
    house = House()
    wire = house.registers()
    _, client = house.session(wire)
    house.gateway.session_ended(wire, "SESSION1", house.now)
    assert client.closed == (1008, "server-ended")
    assert wire.calls == []


def test_a_lost_link_closes_only_its_own_sessions_with_1012() -> None:
    """C9."""
    house = House(Customer(ucsid="acme"), Customer(ucsid="other"))
    wire, other = house.registers(), house.registers(ucsid="other")
    _, client = house.session(wire)
    house.logs_in(other, "SESSION2", ucsid="other")
    house.gateway.link_lost(wire, Reason.PING_TIMEOUT, house.now)
    assert client.closed == (1012, "link-lost")
    assert house.gateway.sessions.find("SESSION2") is not None
    assert house.book.said()[-1] == "server link lost: ping-timeout"
    house.gateway.link_lost(wire, Reason.PING_TIMEOUT, house.now)
    assert house.book.said().count("server link lost: ping-timeout") == 1


def test_a_shutdown_sends_clients_elsewhere() -> None:
    """Wire 3: 1001; clients look up again."""
    house = House()
    wire = house.registers()
    _, client = house.session(wire)
    house.gateway.shut_down(house.now)
    assert client.closed == (1001, "shutting-down")
    assert wire.closed is Reason.SHUTTING_DOWN


def test_clients_stay_with_the_link_they_had_lately() -> None:
    """A-03: sixty seconds; then the least used one."""
    house = House(links_per_customer=2)
    first, second = house.registers(), house.registers()
    for number in (1, 2):
        house.session(first, f"S{number}")
    house.later(61.0)
    house.logs_in(second, "S3")
    assert [len(link.sessions) for link in house.gateway.links.all()] == [2, 1]


def test_messages_are_counted_beyond_the_end_of_sessions_and_links() -> None:
    """A metric that only grows must not forget what those had that are gone."""
    house = House()
    wire = house.registers()
    session, _ = house.session(wire)
    link = session.link
    session.sent, session.received = 3, 2
    sessions, links = house.gateway.sessions, house.gateway.links
    assert [*sessions] == [session]
    assert (sessions.sent, links.sent) == (0, 0)
    house.gateway.session_ended(wire, session.id, house.now)
    assert [*sessions] == []
    assert (sessions.sent, sessions.received) == (3, 2)
    sent, received = link.sent, link.received
    assert sent > 0
    house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
    assert (links.sent, links.received) == (sent, received)
