"""Other rules take the place of those in force, while everybody is at it (docs/reload.md)."""

from typing import Any

from attrs import evolve

from procall_mobility.gateway.back_off import BackOffRules
from procall_mobility.gateway.ice import IceIssuer, IceServer
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from tests.gateway.fakes import CLIENT, FakeClientWire, FakeLinkWire, House, event, login

ICE = IceIssuer(
    servers=(IceServer(urls=("stun:turn.example.net:3478",)),),
    ttl=60,
    wall_clock=lambda: 1_795_336_432.0,
)

ASSUMED = ClientAssumptions()


def changes(
    house: House,
    ice: IceIssuer = ICE,
    assumed: ClientAssumptions = ASSUMED,
    **rules: Any,
) -> None:
    house.gateway.change(GatewayRules(**rules), assumed, ice)


def shows_a_wrong_password(house: House, wire: FakeLinkWire) -> None:
    house.asks("POST", "/ws/client/createsession", **login())
    wire.asked("asnCreateUserSession")
    wire.answers_with(house.now, {"u8sSessionID": "S9", "negotiateresult": {}})
    wire.asked("asnLogon")
    wire.errs_with(house.now, {"iErrorDetail": 2})


def test_a_session_may_say_more_from_now_on_or_less() -> None:
    house = House(frames_per_second=1.0, frame_burst=2.0)
    session, client = house.session(house.registers())
    changes(house, frames_per_second=1000.0, frame_burst=1000.0)
    house.later(1.0)
    for _ in range(1000):
        house.gateway.client_says(session, event("asnX"), house.now)
    assert client.closed is None
    changes(house, frames_per_second=1.0, frame_burst=1.0)
    house.later(1.0)
    for _ in range(2):
        house.gateway.client_says(session, event("asnX"), house.now)
    assert client.closed == (1008, "too-many-frames")


def test_what_waits_for_a_slow_client_is_bounded_anew() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_paused(session, client)
    changes(house, queue_octets=10_000)
    for _ in range(2):
        house.gateway.session_invoked(
            wire, "SESSION1", event("asnX", {"x": "y" * 6000}), house.now
        )
    assert client.closed == (1013, "slow-client")


def test_a_session_outlives_its_socket_by_the_time_it_says_now() -> None:
    house = House(grace=10.0)
    session, client = house.session(house.registers())
    changes(house, grace=100.0)
    house.gateway.client_gone(session, client, house.now)
    house.later(90.0)
    assert house.gateway.sessions.find("SESSION1") is session


def test_calls_wait_for_the_time_it_says_now() -> None:
    house = House(answer_timeout=20.0)
    house.registers()
    changes(house, answer_timeout=5.0)
    answers = house.asks("POST", "/ws/client/createsession", **login())
    house.later(6.0)
    (answer,) = answers
    assert answer.status == 504


def test_log_ons_under_way_are_bounded_anew() -> None:
    house = House()
    house.registers()
    assert house.asks("POST", "/ws/client/createsession", **login("alice")) == []
    changes(house, logins_per_customer=1, retry_after=77)
    (answer,) = house.asks("POST", "/ws/client/createsession", **login("bob"))
    assert (answer.status, dict(answer.headers)["Retry-After"]) == (503, "77")


def test_log_ons_are_slowed_down_by_other_rules() -> None:
    house = House()
    wire = house.registers()
    none_free = BackOffRules(free=0, base=60.0)
    changes(house, user_back_off=none_free)
    shows_a_wrong_password(house, wire)
    (answer,) = house.asks("POST", "/ws/client/createsession", **login())
    assert b"too many attempts" in answer.body


def test_registrations_are_slowed_down_and_sent_elsewhere_by_other_rules() -> None:
    house = House()
    changes(house, server_back_off=BackOffRules(free=0, base=60.0))
    house.registers(password="wrong")
    assert house.registers().refusal is not None
    changes(house, redirect=("enetctis://node2.example.net:443",))
    house.later(100.0)
    assert house.registers().redirected == ("enetctis://node2.example.net:443",)


def test_what_is_assumed_of_clients_changes_for_the_next_answer() -> None:
    house = House()
    house.registers()
    changes(house, assumed=evolve(ClientAssumptions(), bad_session_status=404))
    (answer,) = house.asks("POST", "/ws/client/oneshot/asnX", query=(("x-ucsessionid", "NONE"),))
    assert answer.status == 404


def test_servers_hear_of_other_ice_servers_and_of_nothing_else() -> None:
    """Wire 5.3: they fetch them anew; those that stay what they are need not."""
    house = House()
    wire = house.registers()
    changes(house)
    (told,) = wire.told
    assert told.operation_name == "asnWebServiceCapabilitiesChanged"
    changes(house, grace=1.0)
    assert len(wire.told) == 1
    changes(house, evolve(ICE, servers=()))
    assert wire.told[1].argument.value()["capabilities"][0]["iValue"] == 0


def test_what_exists_stays() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    changes(house, links_per_customer=8, logins_per_customer=1, calls_per_session=1)
    assert (client.closed, wire.closed) == (None, None)
    assert house.gateway.attach("SESSION1", FakeClientWire(), CLIENT, house.now) is session
