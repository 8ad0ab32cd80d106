"""Wire 5.2: who may hold a server link."""

import pytest
from attrs import evolve

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucserver.registration import Capability, Refusal
from tests.gateway.fakes import FakeLinkWire, House

TURN = "asnWebServiceCapabilityTypeTurn"


def test_a_server_with_the_right_password_is_let_in_and_told_of_turn() -> None:
    """Wire 5.3: iValue 1 says that TURN is available."""
    house = House()
    wire = house.registers()
    assert wire.accepted == (Capability(kind=TURN, value=1),)
    assert house.book.said() == ["server link opened"]
    (link,) = house.gateway.links.all()
    assert (link.customer.ucsid, link.name, link.peer) == ("acme", "node1", "198.51.100.9")


def test_a_customer_without_turn_is_told_so() -> None:
    house = House(Customer(ucsid="acme", switches=Switches(turn=False)))
    assert house.registers().accepted == (Capability(kind=TURN, value=0),)


@pytest.mark.parametrize(
    ("members", "refusal", "reason"),
    [
        ({"ucsid": "nobody"}, Refusal.INVALID_SERVER_ID, Reason.UNKNOWN_SERVER_ID),
        ({"ucsid": "acme.example"}, Refusal.INVALID_SERVER_ID, Reason.UNKNOWN_SERVER_ID),
        ({"ucsid": "x" * 300}, Refusal.INVALID_SERVER_ID, Reason.UNKNOWN_SERVER_ID),
        ({"password": "wrong"}, Refusal.INVALID_LOGIN, Reason.WRONG_PASSWORD),
        ({"version": 50}, Refusal.INVALID_PROTOCOL_VERSION, Reason.VERSION),
    ],
)
def test_refusals_have_their_number_and_a_readable_text(
    members: dict[str, object], refusal: Refusal, reason: Reason
) -> None:
    """C12: errors 2 and 3, and 1 for an old version; the text shows on the admin's page."""
    house = House()
    wire = house.registers(**members)
    assert wire.refusal == (refusal, reason.text, reason)
    assert house.book.said() == [f"server link refused: {reason}"]


def test_an_unknown_ucsid_can_be_made_to_look_like_a_wrong_password() -> None:
    """Wire 5.2: so that strangers cannot enumerate; the text gives nothing away either."""
    house = House(hide_unknown_servers=True)
    wire = house.registers(ucsid="nobody")
    assert wire.refusal == (
        Refusal.INVALID_LOGIN,
        Reason.WRONG_PASSWORD.text,
        Reason.UNKNOWN_SERVER_ID,
    )


def test_a_customer_that_is_switched_off_is_turned_away() -> None:
    house = House(Customer(ucsid="acme", enabled=False))
    wire = house.registers()
    assert wire.refusal == (
        Refusal.GENERAL,
        Reason.CUSTOMER_DISABLED.text,
        Reason.CUSTOMER_DISABLED,
    )


def test_failures_from_one_address_are_slowed_down() -> None:
    house = House()
    for _ in range(6):
        assert house.registers(password="wrong").refusal[0] is Refusal.INVALID_LOGIN  # type: ignore[index]
    wire = house.registers()
    assert wire.refusal is not None
    assert wire.refusal[2] == Reason.TOO_MANY_ATTEMPTS
    house.later(1.0)
    assert house.registers().accepted is not None


def test_a_flood_of_strangers_makes_no_password_wrong() -> None:
    """The admin of a real server must not read there that its password is another."""
    house = House()
    house.customers.busy = True
    for _ in range(10):
        wire = house.registers()
        assert wire.refusal == (Refusal.GENERAL, Reason.NODE_BUSY.text, Reason.NODE_BUSY)
    house.customers.busy = False
    assert house.registers().accepted is not None


def test_servers_can_be_sent_to_other_nodes() -> None:
    """A-25."""
    addresses = ("enetctis://a.example.net:443", "enetctis://b.example.net:443")
    house = House(redirect=addresses)
    assert house.registers().redirected == addresses
    assert house.book.said() == ["server link redirected: redirected"]


def test_the_same_server_replaces_its_own_old_link() -> None:
    """A-27: same system and hardware id; clients look up again with 1012."""
    house = House()
    old = house.registers()
    _, client = house.session(old)
    new = house.registers()
    assert new.accepted is not None
    assert old.closed is Reason.REPLACED
    assert client.closed == (1012, "link-lost")
    assert [link.wire for link in house.gateway.links.all()] == [new]


def test_another_server_is_refused_while_the_old_one_shows_life() -> None:
    """A-27: probed, alive, so error 5."""
    house = House()
    old = house.registers()
    new = house.registers(system_id="S2")
    assert (old.probes, new.accepted, new.refusal) == (1, None, None)
    old.heard = house.now + 1
    house.later(3.0)
    assert new.refusal is not None
    assert new.refusal[0] is Refusal.DUPLICATE_LOGON


def test_another_server_replaces_one_that_is_silent_when_probed() -> None:
    house = House()
    old = house.registers(FakeLinkWire(heard=0.0))
    new = house.registers(system_id="S2")
    house.later(3.0)
    assert new.accepted is not None
    assert old.closed is Reason.REPLACED


def test_another_server_is_let_in_when_the_old_one_leaves_meanwhile() -> None:
    house = House()
    old = house.registers()
    new = house.registers(system_id="S2")
    house.gateway.link_lost(old, Reason.PEER_CLOSED, house.now)
    house.later(3.0)
    assert new.accepted is not None


def test_a_customer_may_hold_as_many_links_as_the_node_allows() -> None:
    house = House(links_per_customer=2)
    first, second = house.registers(), house.registers()
    assert [link.name for link in house.gateway.links.all()] == ["node1", "node2"]
    house.gateway.link_lost(first, Reason.PEER_CLOSED, house.now)
    assert house.book.entries[-1].note == "other link: up"
    house.registers()
    assert {link.name for link in house.gateway.links.all()} == {"node1", "node2"}
    assert second.closed is None


def test_a_server_that_left_while_its_password_was_compared_has_no_link() -> None:
    house = House()
    house.customers.slow = True
    wire = house.registers()
    wire.alive = False
    house.customers.waiting.pop()()
    assert house.gateway.links.all() == []
    assert house.book.entries == []


def test_a_server_without_a_system_id_is_never_taken_for_the_same() -> None:
    house = House()
    house.registers(system_id="")
    wire = house.registers(system_id="")
    assert wire.accepted is None


def test_a_server_hears_when_turn_is_switched() -> None:
    """Wire 5.3: asnWebServiceCapabilitiesChanged, and only when something has changed."""
    house = House()
    wire = house.registers()
    acme = house.customers.customers["acme"]
    for turn, events in ((True, 0), (False, 1), (False, 1)):
        house.customers.customers["acme"] = evolve(acme, switches=Switches(turn=turn))
        house.gateway.customer_changed("acme", credentials=False)
        assert len(wire.told) == events
    (told,) = wire.told
    assert told.operation_name == "asnWebServiceCapabilitiesChanged"
    assert told.argument == JsonValue.of({"capabilities": [{"u8sType": TURN, "iValue": 0}]})


def test_changes_of_a_customer_reach_its_links_at_once() -> None:
    house = House()
    wire = house.registers()
    acme = house.customers.customers["acme"]

    house.customers.customers["acme"] = evolve(acme, switches=Switches(sessions=1))
    house.gateway.customer_changed("acme", credentials=False)
    assert house.gateway.links.all()[0].customer.switches.sessions == 1
    assert wire.closed is None

    house.gateway.customer_changed("acme", credentials=True)
    assert wire.closed is Reason.WRONG_PASSWORD

    house.customers.customers["acme"] = evolve(acme, enabled=False)
    house.gateway.customer_changed("acme", credentials=False)
    assert wire.closed is Reason.CUSTOMER_DISABLED

    del house.customers.customers["acme"]
    house.gateway.customer_changed("acme", credentials=False)
    assert wire.closed is Reason.CUSTOMER_DISABLED


def test_a_server_whose_credentials_for_the_relay_were_taken_back_is_told_to_ask_again() -> None:
    """It fetches new ones and tells its clients (asnSTUNandTURNConfigChanged is its own event)."""
    house = House()
    wire = house.registers()
    house.gateway.customer_changed("acme", credentials=False, relay=True)
    (told,) = wire.told
    assert told.operation_name == "asnWebServiceCapabilitiesChanged"
    assert told.argument == JsonValue.of({"capabilities": [{"u8sType": TURN, "iValue": 1}]})
