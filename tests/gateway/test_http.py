"""Wire 1 and 2 as clients see them, with a server behind."""

import json

import pytest
from attrs import evolve

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import JsonValue, Reject
from tests.gateway.fakes import House, login


def header(name: str, value: str) -> dict[str, object]:
    return {"headers": ((name, value),)}


@pytest.mark.parametrize("name", ["acme", "ACME ", "acme.example"])
def test_a_look_up_finds_a_connected_customer_by_any_of_its_names(name: str) -> None:
    """C3, Wire 1.1 and A-02: Content-Length is there, no trailing slash."""
    house = House()
    house.registers()
    (answer,) = house.asks("GET", "/controller/client/ucws", query=(("ucsid", name),))
    assert json.loads(answer.body) == {"redirect": "https://mobility.example.net"}
    assert answer.header("content-length") == str(len(answer.body))


def test_an_unknown_customer_and_one_that_is_away_are_indistinguishable() -> None:
    """C3: 204 and an empty body for both."""
    house = House()
    (away,) = house.asks("GET", "/controller/client/ucws", query=(("ucsid", "acme"),))
    (unknown,) = house.asks("GET", "/controller/client/ucws", query=(("ucsid", "nobody"),))
    assert away == unknown
    assert (away.status, away.body) == (204, b"")


def test_a_customer_that_is_switched_off_is_not_found() -> None:
    house = House()
    house.registers()
    acme = house.customers.customers["acme"]
    house.customers.customers["acme"] = evolve(acme, enabled=False)
    (answer,) = house.asks("GET", "/controller/client/ucws", query=(("ucsid", "acme"),))
    assert answer.status == 204


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("m.example.net", "enetctis://m.example.net:443"),
        ("m.example.net:8443", "enetctis://m.example.net:8443"),
    ],
)
def test_servers_learn_which_node_to_dial(host: str, address: str) -> None:
    """A-25, way b; the same for names nobody has."""
    for name in ("acme", "nobody"):
        query = (("ucsid", name),)
        (answer,) = House().asks("GET", "/controller/server/ucws", query=query, host=host)
        assert json.loads(answer.body) == {"redirect": [address]}


def test_servers_learn_of_other_nodes_when_there_are_some() -> None:
    addresses = ("enetctis://a.example:443", "enetctis://b.example:443")
    house = House(redirect=addresses)
    (answer,) = house.asks("GET", "/controller/server/ucws", query=(("ucsid", "acme"),))
    assert json.loads(answer.body) == {"redirect": list(addresses)}


def test_the_version_is_the_one_of_the_registration() -> None:
    """Wire 1.2, A-05; 204 when absent (A-04)."""
    house = House()
    query = (("ucsid", "acme"),)
    assert house.asks("GET", "/ws/client/ucserverversion", query=query)[0].status == 204
    house.registers()
    (answer,) = house.asks("GET", "/ws/client/ucserverversion", query=query)
    assert json.loads(answer.body) == {"ucserverprotocolversion": 70}


def test_a_bad_request_is_told_what_is_wrong_with_it() -> None:
    house = House()
    (answer,) = house.asks("GET", "/ws/client/nonsense")
    assert 400 <= answer.status < 500
    assert house.book.said() == ["request refused: bad-request"]


def test_preflights_follow_the_customers_rules() -> None:
    """Wire 1.3."""
    house = House(Customer(ucsid="acme", switches=Switches(cors_origins=("https://a.example",))))
    house.registers()
    for origin, allowed in (("https://a.example", True), ("https://b.example", False)):
        (answer,) = house.asks(
            "OPTIONS",
            "/ws/client/createsession",
            query=(("ucsid", "acme"),),
            headers=(("origin", origin),),
        )
        assert answer.status == 204
        assert (answer.header("access-control-allow-origin") is not None) is allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("OPTIONS", "/ws/client/createsession"),
        ("GET", "/controller/client/ucws"),
        ("GET", "/ws/client/ucserverversion"),
        ("POST", "/ws/client/createsession"),
        ("POST", "/ws/direct/asnX"),
        ("GET", "/ws/public/contacts"),
    ],
)
def test_no_route_tells_a_customer_that_is_away_from_one_that_does_not_exist(
    method: str, path: str
) -> None:
    """Not even by switches that are another customer's own."""
    away = Switches(
        cors_origins=("https://a.example",),
        cors_session_header=True,
        jsonp=True,
        public_contacts=True,
    )
    houses = House(Customer(ucsid="acme", switches=away)), House(Customer(ucsid="other"))
    query = (("ucsid", "acme"), ("callback", "f"), ("user", "alice"), ("pass", "alice"))
    answers = [
        house.asks(method, path, query=query, headers=(("origin", "https://b.example"),))
        for house in houses
    ]
    assert answers[0] == answers[1] != []


def test_jsonp_is_answered_only_where_it_is_switched_on() -> None:
    """A-07."""
    query = (("ucsid", "acme"), ("callback", "f"))
    for on in (False, True):
        house = House(Customer(ucsid="acme", switches=Switches(jsonp=on)))
        house.registers()
        (answer,) = house.asks("GET", "/controller/client/ucws", query=query)
        assert answer.body.startswith(b"/**/f(") is on


def test_public_contacts_are_empty_for_lack_of_a_published_source() -> None:
    """A-18: off, and nothing to tell when it is on."""
    house = House(Customer(ucsid="acme", switches=Switches(public_contacts=True)))
    house.registers()
    query = (("ucsid", "acme"),)
    (shown,) = house.asks("GET", "/ws/public/contacts", query=query)
    assert json.loads(shown.body) == {"contacts": {}}
    house = House()
    assert house.asks("GET", "/ws/public/contacts", query=query)[0].status == 204


class TestOneShotCalls:
    """Wire 2.1: `/ws/client/<operation>` inside a session."""

    def test_the_bare_result_comes_back(self) -> None:
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        answers = house.asks(
            "POST",
            "/ws/client/asnGetLoggedInContactV2",
            **header("x-ucsessionid", "SESSION1"),
            body=b"{}",
        )
        invoke = wire.asked("asnGetLoggedInContactV2")
        assert (invoke.operation_id, invoke.session_id) == (1008, "SESSION1")
        wire.answers_with(house.now, {"u8sLoggedInUser": "alice"})
        assert json.loads(answers[0].body)["u8sLoggedInUser"] == "alice"

    def test_errors_and_rejects_are_400(self) -> None:
        """A-15."""
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        session = header("x-ucsessionid", "SESSION1")
        answers = house.asks("POST", "/ws/client/asnX", **session)
        wire.errs_with(house.now, {"iErrorDetail": 5})
        assert answers[0].status == 400
        answers = house.asks("POST", "/ws/client/asnX", **session)
        wire.rejects(house.now, Reject(1))
        assert answers[0].status == 400

    def test_an_unknown_session_is_403(self) -> None:
        """A-16."""
        house = House()
        (answer,) = house.asks("POST", "/ws/client/asnX", **header("x-ucsessionid", "no"))
        assert answer.status == 403
        assert house.book.said() == ["request refused: bad-session"]

    def test_a_session_that_is_used_does_not_expire_for_lack_of_a_websocket(self) -> None:
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        for _ in range(3):
            house.later(50.0)
            house.asks("POST", "/ws/client/asnX", **header("x-ucsessionid", "SESSION1"))
            wire.answers_with(house.now, {})
        house.later(61.0)
        assert house.gateway.sessions.find("SESSION1") is None

    def test_with_a_websocket_a_call_changes_nothing_about_its_life(self) -> None:
        house = House()
        wire = house.registers()
        session, _ = house.session(wire)
        house.asks("POST", "/ws/client/asnX", **header("x-ucsessionid", "SESSION1"))
        house.later(1000.0)
        assert house.gateway.sessions.find("SESSION1") is session

    def test_no_answer_is_504(self) -> None:
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        answers = house.asks("POST", "/ws/client/asnX", **header("x-ucsessionid", "SESSION1"))
        house.later(20.0)
        assert answers[0].status == 504
        wire.answers_with(house.now, {})
        assert len(answers) == 1

    @pytest.mark.parametrize(
        "operation", ["asnCreateUserSession", "asnDestroyUserSession", "asnRegisterServerV2"]
    )
    def test_calls_between_servers_are_not_for_clients(self, operation: str) -> None:
        """Nobody may reach the link itself through a session."""
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        (answer,) = house.asks(
            "POST", f"/ws/client/{operation}", **header("x-ucsessionid", "SESSION1")
        )
        assert answer.status == 400
        assert wire.calls == []


def test_a_session_can_be_destroyed() -> None:
    """Wire 2.1: the WebSocket closes with 1000, and the server is told."""
    house = House()
    wire = house.registers()
    _, client = house.session(wire)
    query = (("ucsessionid", "SESSION1"),)
    (answer,) = house.asks("GET", "/ws/client/destroysession", query=query)
    assert answer.status == 200
    assert client.closed == (1000, "destroyed")
    wire.asked("asnDestroyUserSession")
    (again,) = house.asks("GET", "/ws/client/destroysession", query=query)
    assert again.status == 403


class TestDirectCalls:
    """Wire 2.1: `/ws/direct/<operation>`: log on, call, log off."""

    def test_three_steps_and_the_bare_result(self) -> None:
        house = House()
        wire = house.registers()
        answers = house.asks("POST", "/ws/direct/asnGetUserToken", **login(), body=b'{"iType":1}')
        wire.answers_with(house.now, {"u8sSessionID": "D1", "negotiateresult": {}})
        wire.answers_with(house.now, {"u8sLoggedInUser": "alice", "ownContact": {}})
        invoke = wire.asked("asnGetUserToken")
        assert invoke.session_id == "D1"
        assert invoke.argument == JsonValue('{"iType":1}')
        wire.answers_with(house.now, {"sToken": "t"})
        assert json.loads(answers[0].body)["sToken"] == "t"
        wire.asked("asnDestroyUserSession")
        assert len(house.gateway.sessions) == 0

    def test_a_token_is_verified_without_a_log_on(self) -> None:
        """Wire 2.6."""
        house = House()
        wire = house.registers()
        answers = house.asks(
            "POST",
            "/ws/direct/asnTokenVerifyV2",
            **header("x-ucsid", "acme"),
            body=b'{"u8sToken":"t"}',
        )
        wire.answers_with(house.now, {"u8sSessionID": "D1", "negotiateresult": {}})
        wire.asked("asnTokenVerifyV2")
        wire.answers_with(house.now, {})
        assert answers[0].status == 200

    def test_a_lost_link_is_502(self) -> None:
        house = House()
        wire = house.registers()
        answers = house.asks("POST", "/ws/direct/asnGetUserToken", **login())
        wire.answers_with(house.now, {"u8sSessionID": "D1", "negotiateresult": {}})
        wire.answers_with(house.now, {"u8sLoggedInUser": "alice", "ownContact": {}})
        house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
        assert answers[0].status == 502

    def test_without_a_server_there_is_none(self) -> None:
        (answer,) = House().asks("POST", "/ws/direct/asnGetUserToken", **login())
        assert answer.status == 502


def test_a_connection_nobody_let_in_is_a_line_in_the_book() -> None:
    house = House()
    house.gateway.connection_refused("192.0.2.1", Reason.SILENT)
    assert house.book.said() == ["connection refused: silent"]
