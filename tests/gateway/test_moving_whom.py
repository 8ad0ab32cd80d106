"""Who is moved when, and who comes or goes while everybody is."""

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from tests.gateway.fakes import CLIENT, FakeClientWire, FakeLinkWire, House, event, login
from tests.gateway.moves import MOVED, RELEASING, call, move, rejected


def test_many_clients_come_back_one_after_the_other() -> None:
    """A hundred a second, with chance; the server is there before most of them."""
    house = House()
    wire = house.registers()
    clients = [house.session(wire, f"S{number}")[1] for number in range(10)]
    move(house, dice=0.5)
    assert wire.closed is Reason.MOVED
    house.later(0.04)
    assert not any(client.closed for client in clients)
    house.later(0.02)
    assert all(client.closed == MOVED for client in clients)


def test_customers_begin_one_after_the_other_as_well() -> None:
    house = House(Customer(ucsid="acme"), Customer(ucsid="ibex"))
    small, large = house.registers(), house.registers(ucsid="ibex", system_id="S2")
    house.session(small, "S1")
    for number in range(20):
        answers = house.asks("POST", "/ws/client/createsession", **login(ucsid="ibex"))
        large.answers_with(house.now, {"u8sSessionID": f"L{number}", "negotiateresult": {}})
        large.answers_with(house.now, {"u8sLoggedInUser": "alice", "iValidContact": 1})
        assert answers[0].status == 200
    move(house, dice=0.5)
    house.later(0.006)
    assert (small.closed, large.closed) == (None, Reason.MOVED)
    house.later(0.1)
    assert small.closed is Reason.MOVED


def test_a_session_that_waits_for_its_link_to_end_hears_no_to_everything() -> None:
    """Its client may have said something just before it was held."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    move(house, dice=0.5, spread=1.0)
    house.gateway.client_says(session, call(3), house.now)
    house.gateway.client_says(session, event("asnTransportKeepAlive"), house.now)
    assert [rejected(each) for each in client.sent] == [(3, RELEASING)]
    assert wire.calls == []


def test_nobody_logs_on_any_more() -> None:
    """502 sends them to the look-up; a log-on under way is undone at its server."""
    house = House()
    wire = house.registers()
    session, _ = house.session(wire)
    late = house.asks("POST", "/ws/client/createsession", **login())
    wire.answers_with(house.now, {"u8sSessionID": "LATE", "negotiateresult": {}})
    house.gateway.client_says(session, call(1), house.now)
    move(house)
    (early,) = house.asks("POST", "/ws/client/createsession", **login())
    assert early.status == 502
    wire.answers_with(house.now, {"u8sLoggedInUser": "alice", "iValidContact": 1}, at=0)
    assert late[0].status == 502
    assert wire.asked("asnDestroyUserSession")


def test_a_link_that_comes_late_is_moved_as_well() -> None:
    """Its connection was taken before, and its password compared meanwhile."""
    house = House()
    house.customers.slow = True
    wire = house.registers()
    move(house)
    house.customers.waiting.pop()()
    assert wire.accepted is not None
    assert wire.closed is Reason.MOVED


def test_a_link_lost_meanwhile_is_lost_like_any_other() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    move(house)
    house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
    house.later(1.0)
    assert client.closed == (1012, "link-lost")
    assert wire.closed is None


def test_a_server_that_takes_more_again_frees_no_client_that_leaves() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    house.gateway.link_paused(wire, house.now)
    move(house)
    house.gateway.link_resumed(wire, house.now)
    assert client.held


def test_a_second_move_changes_nothing() -> None:
    house = House()
    wire = house.registers()
    move(house)
    move(house, reason=Reason.SHUTTING_DOWN)
    assert wire.closed is Reason.MOVED


def test_the_very_end_cuts_off_who_still_waits() -> None:
    """A deadline, or a second SIGTERM: nothing is asked of a link that has ended."""
    house = House()
    wire = house.registers()
    _, client = house.session(wire)
    move(house, dice=0.5)
    house.gateway.shut_down(house.now)
    assert client.closed == (1001, "shutting-down")
    assert wire.calls == []
    house.later(1.0)
    assert len(house.gateway.sessions) == 0


def test_a_second_socket_of_a_session_that_leaves_is_held_too() -> None:
    house = House()
    wire = house.registers()
    session, _ = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    move(house)
    again = FakeClientWire()
    house.gateway.attach(session.id, again, CLIENT, house.now)
    house.later(0.02)
    assert again.held


def test_a_client_without_a_socket_is_not_waited_for() -> None:
    """It cannot answer its server; but what it has asked is waited for."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.session_invoked(wire, session.id, call(40), house.now)
    house.gateway.client_gone(session, client, house.now)
    move(house)
    assert wire.closed is Reason.MOVED
    assert [rejected(each) for each in wire.answers] == [(40, RELEASING)]


def test_servers_of_other_links_are_looked_for_one_by_one() -> None:
    """Two links of one customer each have their own sessions."""
    house = House(links_per_customer=2)
    first: FakeLinkWire = house.registers()
    second = house.registers(system_id="S2")
    move(house)
    assert (first.closed, second.closed) == (Reason.MOVED, Reason.MOVED)
