"""Wire 2.3 to 2.7, 5.5: log-ons over a link, their failures and bounds."""

import json

import pytest

from procall_mobility.gateway.access import User
from procall_mobility.gateway.customers import Customer, LogonStyle, Switches
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import (
    Invoke,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
)
from tests.gateway.fakes import FakeLinkWire, House, login

WRONG = {"_type": "AsnLogonError", "iErrorDetail": 101, "u8sErrorString": "no"}


CREATED = {"u8sSessionID": "SESSION1", "negotiateresult": {"optionalParams": {"Auth_Basic": ""}}}


def fails(house: House, wire: FakeLinkWire, user: str = "alice", client: str = "192.0.2.1") -> int:
    members = {**login(user), "client_address": client}
    answers = house.asks("POST", "/ws/client/createsession", **members)
    if not answers:
        wire.answers_with(house.now, CREATED)
        wire.errs_with(house.now, WRONG)
        wire.answers_with(house.now, {})
    return int(answers[0].status if answers[0].header("retry-after") is None else 131)


def test_a_log_on_creates_a_session_and_is_written_down() -> None:
    """Wire 5.5 B."""
    house = House()
    wire = house.registers()
    (answer,) = house.logs_in(wire)
    assert answer.status == 200
    assert json.loads(answer.body)["sessionid"] == "SESSION1"
    entry = house.book.entries[-1]
    assert (entry.event, entry.customer, entry.app, entry.via) == (
        "session opened",
        "acme",
        "web",
        "node1",
    )
    assert entry.user == User("alice")


def test_calls_of_a_log_on_carry_the_new_session() -> None:
    house = House()
    wire = house.registers()
    house.asks("POST", "/ws/client/createsession", **login())
    assert wire.asked("asnCreateUserSession").session_id is None
    wire.answers_with(house.now, CREATED)
    assert wire.asked("asnLogon").session_id == "SESSION1"


def test_a_wrong_password_ends_the_session_at_the_server() -> None:
    """Wire 5.5 D: and the client gets 401."""
    house = House()
    wire = house.registers()
    answers = house.asks("POST", "/ws/client/createsession", **login())
    wire.answers_with(house.now, CREATED)
    wire.errs_with(house.now, WRONG)
    assert answers[0].status == 401
    destroyed = wire.asked("asnDestroyUserSession")
    assert isinstance(destroyed.argument, JsonValue)
    assert destroyed.argument.value()["u8sSessionID"] == "SESSION1"
    assert house.book.said()[-1] == "login refused: logon-refused"


def test_failures_from_one_address_are_slowed_down_until_a_success() -> None:
    """Five are free, then each doubles the wait."""
    house = House()
    wire = house.registers()
    assert [fails(house, wire, user=f"u{n}") for n in range(7)] == [401] * 6 + [131]
    house.later(1.0)
    assert fails(house, wire, user="x") == 401
    house.later(1.0)
    assert fails(house, wire, user="x") == 131
    assert house.book.said()[-1] == "login refused: too-many-attempts"


def test_failures_for_one_user_are_slowed_down_from_wherever_they_come() -> None:
    house = House()
    wire = house.registers()
    results = [fails(house, wire, client=f"192.0.2.{n}") for n in range(12)]
    assert results == [401] * 11 + [131]


def test_a_success_is_a_clean_slate() -> None:
    house = House()
    wire = house.registers()
    for _ in range(5):
        fails(house, wire, client="203.0.113.57")
    house.logs_in(wire)
    for _ in range(5):
        assert fails(house, wire, client="203.0.113.57") == 401


def test_a_request_without_credentials_learns_the_schemes_and_they_are_remembered() -> None:
    """Wire 2.4 and A-30: no session is made for the second one."""
    house = House()
    wire = house.registers()
    bare = {"headers": (("x-ucsid", "acme"),)}
    answers = house.asks("GET", "/ws/client/createsession", **bare)
    wire.answers_with(house.now, CREATED)
    assert answers[0].status == 401
    assert answers[0].header("www-authenticate") is not None
    wire.asked("asnDestroyUserSession")
    wire.answers_with(house.now, {})
    assert house.asks("GET", "/ws/client/createsession", **bare)[0].status == 401
    assert wire.calls == []
    house.later(301.0)
    assert house.asks("GET", "/ws/client/createsession", **bare) == []
    assert "login refused" not in " ".join(house.book.said())


def test_a_server_that_does_not_answer_costs_its_client_twenty_seconds() -> None:
    """Wire 2.7: 504; and the session it makes too late is destroyed."""
    house = House()
    wire = house.registers()
    answers = house.asks("POST", "/ws/client/createsession", **login())
    house.later(19.9)
    assert answers == []
    house.later(0.2)
    assert answers[0].status == 504
    assert house.book.said()[-1] == "login refused: server-timeout"
    wire.answers_with(house.now, CREATED)
    wire.asked("asnDestroyUserSession")


def test_a_link_that_is_lost_fails_the_log_on_at_once() -> None:
    """Wire 2.7: 502, so that the client looks up again."""
    house = House()
    wire = house.registers()
    answers = house.asks("POST", "/ws/client/createsession", **login())
    house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
    assert answers[0].status == 502


def test_a_link_that_takes_no_more_calls_makes_its_clients_wait() -> None:
    house = House()
    wire = house.registers()
    wire.deaf = True
    (answer,) = house.asks("POST", "/ws/client/createsession", **login())
    assert (answer.status, answer.header("retry-after")) == (503, "5")


def test_clients_of_a_slow_server_are_asked_to_come_back() -> None:
    house = House()
    wire = house.registers()
    house.gateway.link_paused(wire, house.now)
    (answer,) = house.asks("POST", "/ws/client/createsession", **login())
    assert answer.status == 503
    assert house.book.said()[-1] == "login refused: server-busy"


def test_only_so_many_log_ons_are_under_way_at_once() -> None:
    house = House(logins_per_customer=2)
    wire = house.registers()
    for _ in range(2):
        assert house.asks("POST", "/ws/client/createsession", **login()) == []
    (answer,) = house.asks("POST", "/ws/client/createsession", **login())
    assert answer.status == 503
    assert house.book.said()[-1] == "login refused: too-many-logins"
    house.later(21.0)
    assert house.asks("POST", "/ws/client/createsession", **login()) == []
    assert wire.calls


def test_a_busy_server_says_when_to_come_back() -> None:
    """Wire 2.7: ServerBusyTimeout."""
    house = House()
    wire = house.registers()
    answers = house.asks("POST", "/ws/client/createsession", **login())
    busy = Reject(1, Problem(ProblemKind.INVOKE, 10), "serverBusy")
    wire.rejects(house.now, busy)
    assert answers[0].status == 503
    assert house.book.said()[-1] == "login refused: server-busy"


def test_an_unknown_customer_and_one_that_is_away_look_the_same() -> None:
    """Wire 2.7: 502, WsError 119; the books know the difference."""
    house = House()
    (away,) = house.asks("POST", "/ws/client/createsession", **login())
    (unknown,) = house.asks("POST", "/ws/client/createsession", **login(ucsid="nobody"))
    assert away.status == unknown.status == 502
    assert away.body.replace(b"acme", b"nobody") == unknown.body
    assert house.book.said() == [
        "login refused: server-not-connected",
        "login refused: unknown-customer",
    ]


def test_a_customer_holds_only_so_many_sessions() -> None:
    house = House(Customer(ucsid="acme", switches=Switches(sessions=1)))
    wire = house.registers()
    house.logs_in(wire)
    (answer,) = house.logs_in(wire, "SESSION2")
    assert answer.status == 503
    destroyed = wire.asked("asnDestroyUserSession")
    assert isinstance(destroyed.argument, JsonValue)
    assert destroyed.argument.value()["u8sSessionID"] == "SESSION2"


def test_a_server_cannot_take_over_a_session_by_repeating_its_id() -> None:
    """Ids are made by customers' servers, one of which may be hostile."""
    house = House(Customer(ucsid="acme"), Customer(ucsid="evil"))
    wire, evil = house.registers(), house.registers(ucsid="evil", system_id="E")
    house.logs_in(wire)
    (answer,) = house.logs_in(evil, "SESSION1", ucsid="evil")
    assert answer.status == 503
    session = house.gateway.sessions.find("SESSION1")
    assert session is not None
    assert session.link.wire is wire
    assert evil.calls == []


def test_entra_id_is_only_relayed() -> None:
    """Wire 2.5, step 1."""
    house = House()
    wire = house.registers()
    answers = house.asks(
        "GET",
        "/ws/client/createsession",
        query=(("format", "json"),),
        headers=(
            ("x-ucsid", "acme"),
            ("authorization", 'Basic realm="acme", scope="entraid fragment"'),
        ),
    )
    wire.answers_with(house.now, CREATED)
    url = "https://login.example.net/guid/oauth2"
    wire.answers_with(house.now, {"redirect": url, "u8sRedirectTo": url})
    assert answers[0].status in (200, 400)


def test_a_customer_of_the_newer_calls_is_asked_with_them() -> None:
    """Wire 5.5, V2 style."""
    house = House(Customer(ucsid="acme", switches=Switches(logon_style=LogonStyle.V2)))
    wire = house.registers()
    house.asks("POST", "/ws/client/createsession", **login())
    wire.answers_with(house.now, CREATED)
    wire.asked("asnLoginV2")


def test_a_ber_link_is_asked_only_what_has_a_public_id() -> None:
    """Wire 5.6, points 2 and 3: no optionalParams, asnLoginV2."""
    house = House()
    wire = house.registers(FakeLinkWire(heard=house.now, speaks_ber=True))
    members = login()
    members["body"] = json.dumps(
        {"negotiate": {"iClientProtocolVersion": 70, "optionalParams": {"ClientDeviceId": "x"}}}
    ).encode()
    house.asks("POST", "/ws/client/createsession", **members)
    created: Invoke = wire.asked("asnCreateUserSession")
    assert isinstance(created.argument, JsonValue)
    assert created.argument.value()["negotiate"] == {"iClientProtocolVersion": 70}
    wire.answers_with(house.now, CREATED)
    wire.asked("asnLoginV2")


@pytest.mark.parametrize("lost_after", ["asnCreateUserSession", "asnLogon"])
def test_a_lost_link_leaves_nothing_behind(lost_after: str) -> None:
    house = House()
    wire = house.registers()
    answers = house.asks("POST", "/ws/client/createsession", **login())
    if lost_after == "asnLogon":
        wire.answers_with(house.now, CREATED)
    house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
    assert answers[0].status == 502
    assert len(house.gateway.sessions) == 0
    house.later(1000)
    assert house.gateway.wake_at() is None
