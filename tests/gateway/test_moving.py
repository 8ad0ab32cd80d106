"""Everybody is moved away: what was accepted is answered first, then links and sockets end."""

from collections.abc import Callable
from typing import Any

import pytest

from procall_mobility.gateway.links import Link
from procall_mobility.gateway.own_calls import Tell
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import Invoke, JsonValue, Result
from tests.gateway.fakes import House, event, login
from tests.gateway.moves import MOVED, RELEASING, call, move, rejected


def test_who_has_nothing_unanswered_is_moved_at_once() -> None:
    """The server first, which needs longer to come back; 1012 has clients look up again."""
    house = House()
    wire = house.registers()
    _, client = house.session(wire)
    move(house)
    assert wire.closed is Reason.MOVED
    house.later(0.0)
    assert client.closed == MOVED
    assert len(house.gateway.sessions) == 0
    assert house.book.said()[-2:] == ["server link lost: moved", "session closed: moved"]
    assert wire.calls == [], "the session has ended with its link"


def test_a_call_of_a_client_is_answered_before_its_socket_closes() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    move(house)
    assert client.held, "it says nothing new meanwhile"
    assert wire.closed is None
    wire.answers_with(house.now, {"iResult": 0})
    house.later(0.02)
    (answer,) = client.sent
    assert isinstance(answer, Result)
    house.later(0.0)
    assert (wire.closed, client.closed) == (Reason.MOVED, MOVED)


def test_what_was_read_already_is_passed_on_and_answered() -> None:
    """Reading is held, but a frame may be in our hands."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    move(house)
    house.gateway.client_says(session, call(2), house.now)
    wire.answers_with(house.now, {}, at=0)
    house.later(0.02)
    assert wire.closed is None
    wire.answers_with(house.now, {})
    house.later(0.02)
    assert [answer.invoke_id for answer in client.sent if isinstance(answer, Result)] == [1, 2]
    assert wire.closed is Reason.MOVED


def test_a_client_is_read_until_it_has_answered_its_server() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.session_invoked(wire, session.id, call(40), house.now)
    move(house)
    assert not client.held
    (asked,) = client.sent
    assert isinstance(asked, Invoke)
    house.gateway.client_says(session, Result(asked.invoke_id, JsonValue.of({})), house.now)
    house.later(0.02)
    assert [answer.invoke_id for answer in wire.answers] == [40]
    assert client.held
    assert wire.closed is Reason.MOVED


def test_a_server_asks_no_more_of_clients_that_leave() -> None:
    """Its events still go through: nobody answers those."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    move(house)
    house.gateway.session_invoked(wire, session.id, call(41), house.now)
    house.gateway.session_invoked(wire, session.id, event("asnChatEvent"), house.now)
    assert [rejected(answer) for answer in wire.answers] == [(41, RELEASING)]
    assert len(client.sent) == 1


def test_calls_without_an_answer_are_refused_when_patience_is_over() -> None:
    """Of both sides: whoever has asked learns that there will be no answer."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    house.gateway.session_invoked(wire, session.id, call(40), house.now)
    move(house, patience=5.0)
    house.later(4.9)
    assert wire.closed is None
    house.later(0.2)
    assert [rejected(each) for each in client.sent[1:]] == [(1, RELEASING)]
    assert [rejected(each) for each in wire.answers] == [(40, RELEASING)]
    assert wire.closed is Reason.MOVED


@pytest.mark.parametrize("path", ["/ws/client/asnChatOverview", "/ws/direct/asnChatOverview"])
def test_calls_over_http_are_answered_first(path: str) -> None:
    house = House()
    wire = house.registers()
    house.session(wire)
    asked = login() if "direct" in path else {"query": (("ucsessionid", "SESSION1"),)}
    answers = house.asks("POST", path, **asked)
    if "direct" in path:
        wire.answers_with(house.now, {"u8sSessionID": "ONCE", "negotiateresult": {}})
        wire.answers_with(house.now, {"u8sLoggedInUser": "alice", "iValidContact": 1})
    move(house)
    assert wire.closed is None
    wire.answers_with(house.now, {"n": 1})
    house.later(0.02)
    assert answers[0].status == 200
    assert wire.closed is Reason.MOVED


def test_calls_over_http_that_find_no_answer_are_answered_too() -> None:
    house = House()
    wire = house.registers()
    house.session(wire)
    answers = house.asks(
        "POST", "/ws/client/asnChatOverview", query=(("ucsessionid", "SESSION1"),)
    )
    move(house, patience=5.0)
    house.later(5.0)
    assert answers[0].status == 502
    assert wire.closed is Reason.MOVED


@pytest.mark.parametrize("asks", ["server", "client"])
def test_what_is_asked_of_us_is_answered_first(asks: str) -> None:
    """A-41: answers of our own may take their time; one that comes too late says nothing."""
    house = House()
    tells: list[Tell] = []

    def later(party: Link | Session, argument: JsonValue, tell: Tell, now: float) -> None:
        tells.append(tell)

    house.own.for_servers["mobilityLater"] = later
    house.own.for_clients["mobilityLater"] = later
    wire = house.registers()
    session, client = house.session(wire)
    said: Callable[[], list[Any]] = lambda: wire.answers if asks == "server" else client.sent  # noqa: E731
    for number in (7, 8):
        invoke = call(number, "mobilityLater")
        if asks == "server":
            house.gateway.link_invoked(wire, invoke, house.now)
        else:
            house.gateway.client_says(session, invoke, house.now)
    move(house, patience=5.0)
    tells[0]({"n": 1})
    house.later(0.02)
    assert [type(each) for each in said()] == [Result]
    assert wire.closed is None
    house.later(5.0)
    tells[1]({"n": 2})
    assert [rejected(each) for each in said()[1:]] == [(8, RELEASING)]
    assert wire.closed is Reason.MOVED
