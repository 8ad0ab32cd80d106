"""Links and sessions, from the tables the gateway has anyway."""

from prometheus_client.metrics_core import Metric

from procall_mobility.gateway.customers import Customer
from procall_mobility.operations.metrics.connections import ConnectionMetrics
from tests.gateway.fakes import FakeLinkWire, House
from tests.operations.metrics.told import told, value

ACME, OTHER = Customer(ucsid="acme"), Customer(ucsid="other")


def metrics(house: House, *, customers: bool = False) -> list[Metric | None]:
    source = ConnectionMetrics(
        gateway=house.gateway, connections=lambda: 7, most=50_000, customers=customers
    )
    return list(source.collect())


def test_links_are_told_by_their_form() -> None:
    house = House(ACME, OTHER)
    house.registers()
    house.registers(FakeLinkWire(speaks_ber=True), ucsid="other")
    found = metrics(house)
    assert value(found, "procall_links", form="json") == 1
    assert value(found, "procall_links", form="ber") == 1
    assert value(found, "procall_links_paused") == 0
    assert value(found, "procall_connections") == 7
    assert value(found, "procall_connections_limit") == 50_000


def test_a_link_whose_server_takes_nothing_is_seen() -> None:
    house = House()
    wire = house.registers()
    house.gateway.link_paused(wire, house.now)
    assert value(metrics(house), "procall_links_paused") == 1


def test_sessions_are_told_by_their_application() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.logs_in(wire, "SESSION2", "bob")
    found = metrics(house)
    assert value(found, "procall_sessions", app="web") == 2
    assert value(found, "procall_sessions", app="mobile") == 0
    assert value(found, "procall_sessions_attached") == 1
    house.gateway.client_gone(session, client, house.now)
    assert value(metrics(house), "procall_sessions_attached") == 0


def test_what_clients_make_up_is_no_label() -> None:
    """`clientappid` is any number a client likes."""
    house = House()
    session, _ = house.session(house.registers())
    session.app = "app#4711"
    found = metrics(house)
    assert value(found, "procall_sessions", app="other") == 1
    assert "4711" not in repr(told(found))


def test_messages_only_grow() -> None:
    house = House()
    wire = house.registers()
    session, _ = house.session(wire)
    session.sent, session.received = 5, 3
    before = metrics(house)
    assert value(before, "procall_session_messages_total", direction="sent") == 5
    assert value(before, "procall_session_messages_total", direction="received") == 3
    to_server = value(before, "procall_link_messages_total", direction="sent")
    house.gateway.shut_down(house.now)
    after = metrics(house)
    assert value(after, "procall_session_messages_total", direction="sent") == 5
    assert value(after, "procall_link_messages_total", direction="sent") >= to_server > 0


def test_customers_are_named_only_where_that_is_wanted() -> None:
    house = House(ACME, OTHER)
    house.session(house.registers())
    house.registers(ucsid="other")
    assert "acme" not in repr(told(metrics(house)))
    found = metrics(house, customers=True)
    assert value(found, "procall_customer_links", customer="acme") == 1
    assert value(found, "procall_customer_sessions", customer="acme") == 1
    assert value(found, "procall_customer_sessions", customer="other") == 0


def test_no_user_and_no_address_is_in_it() -> None:
    house = House()
    session, _ = house.session(house.registers())
    text = repr(told(metrics(house, customers=True)))
    assert session.user.name not in text
    assert session.client not in text
