"""What has ended is let go: a node runs for months, and links come and go."""

import gc
import weakref
from collections.abc import Callable

import pytest

from procall_mobility.gateway.links import Link
from procall_mobility.gateway.reasons import Reason
from tests.gateway.fakes import FakeLinkWire, House, login

DIRECT = {
    "query": (("ucsid", "acme"), ("user", "alice"), ("pass", "alice")),
    "body": b"{}",
}


def nothing(house: House, wire: FakeLinkWire) -> None:
    """A link nobody used."""


def look_up(house: House, wire: FakeLinkWire) -> None:
    house.asks("GET", "/controller/client/ucws", query=(("ucsid", "acme"),))


def session(house: House, wire: FakeLinkWire) -> None:
    house.session(wire)


def log_on_under_way(house: House, wire: FakeLinkWire) -> None:
    house.asks("POST", "/ws/client/createsession", **login())


def direct_call_under_way(house: House, wire: FakeLinkWire) -> None:
    """Whose session is destroyed when the call fails, over the link that is lost."""
    house.asks("POST", "/ws/direct/asnX", **DIRECT)
    wire.answers_with(house.now, {"u8sSessionID": "SESSION1", "negotiateresult": {}})
    wire.answers_with(house.now, {"u8sLoggedInUser": "a", "iValidContact": 1, "ownContact": {}})
    wire.asked("asnX")


@pytest.mark.parametrize(
    "use", [nothing, look_up, session, log_on_under_way, direct_call_under_way]
)
def test_a_link_that_is_lost_is_let_go(use: Callable[[House, FakeLinkWire], None]) -> None:
    house = House()
    wire = house.registers()
    use(house, wire)
    link: weakref.ref[Link] = weakref.ref(house.gateway.links.of("acme")[0])
    house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
    house.later(1000.0)
    # The fake keeps who waits for answers; the real one goes with its connection.
    wire.calls.clear()
    gc.collect()
    assert link() is None


def test_the_password_of_a_server_is_not_kept_with_its_link() -> None:
    house = House()
    house.registers()
    (link,) = house.gateway.links.of("acme")
    assert link.registration.password == ""
    assert link.registration.ucsid == "acme"
