"""A-41: operations of our own, over links and in sessions, and that nobody else ever sees them."""

from typing import Any

import pytest

from procall_mobility.gateway.links import Link
from procall_mobility.gateway.own_calls import Declined, OwnCalls, Tell, members, text_of
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import (
    BerValue,
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from tests.gateway.fakes import House, event

UNRECOGNISED = Problem(ProblemKind.INVOKE, InvokeProblem.UNRECOGNISED_OPERATION)


def invoke(name: str = "mobilityEcho", value: Any = None, *, number: int = 7) -> Invoke:
    return Invoke(number, 0, name, JsonValue.of({"said": 1} if value is None else value))


def echo(party: Link | Session, argument: JsonValue, tell: Tell, now: float) -> None:
    tell({"heard": members(argument)})


def decline(party: Link | Session, argument: JsonValue, tell: Tell, now: float) -> None:
    raise Declined(404, "unknown-push", "no such push")


def house(**members: Any) -> House:
    made = House()
    made.own.for_servers |= {"mobilityEcho": echo, "mobilityNo": decline}
    made.own.for_clients |= {"mobilityEcho": echo, "mobilityNo": decline}
    return made


def test_a_server_is_answered() -> None:
    home = house()
    wire = home.registers()
    home.gateway.link_invoked(wire, invoke(), home.now)
    assert wire.answers == [Result(7, JsonValue('{"heard":{"said":1}}'))]


def test_what_is_declined_is_an_error_that_every_form_can_say() -> None:
    home = house()
    wire = home.registers()
    home.gateway.link_invoked(wire, invoke("mobilityNo"), home.now)
    (answer,) = wire.answers
    assert isinstance(answer, Error)
    assert isinstance(answer.error, JsonValue)
    assert answer.error.value() == {
        "_type": "AsnRequestError",
        "iErrorDetail": 404,
        "u8sErrorString": "unknown-push: no such push",
    }


def test_one_of_ours_that_we_do_not_know_is_rejected() -> None:
    home = house()
    wire = home.registers()
    home.gateway.link_invoked(wire, invoke("mobilityTomorrow"), home.now)
    assert wire.answers == [Reject(7, UNRECOGNISED, "unrecognisedOperation")]


def test_a_client_is_answered_and_its_server_hears_nothing() -> None:
    home = house()
    wire = home.registers()
    session, client = home.session(wire)
    home.gateway.client_says(session, invoke(), home.now)
    assert client.sent == [Result(7, JsonValue('{"heard":{"said":1}}'))]
    assert (wire.calls, wire.told) == ([], [])


def test_a_client_is_told_what_we_do_not_know() -> None:
    home = house()
    session, client = home.session(home.registers())
    home.gateway.client_says(session, invoke("mobilityTomorrow"), home.now)
    assert client.sent == [Reject(7, UNRECOGNISED, "unrecognisedOperation")]


def test_events_of_ours_lead_nowhere() -> None:
    home = house()
    wire = home.registers()
    session, client = home.session(wire)
    told = list(wire.told)
    home.gateway.client_says(session, event("mobilityEcho"), home.now)
    home.gateway.link_invoked(wire, event("mobilityEcho"), home.now)
    assert (client.sent, wire.answers, wire.told) == ([], [], told)


def test_no_argument_is_an_empty_one() -> None:
    home = house()
    wire = home.registers()
    home.gateway.link_invoked(wire, Invoke(7, 0, "mobilityEcho"), home.now)
    home.gateway.link_invoked(wire, Invoke(8, 0, "mobilityEcho", BerValue(b"0\0")), home.now)
    assert wire.answers == [Result(each, JsonValue('{"heard":{}}')) for each in (7, 8)]


def test_over_http_there_are_none_of_ours() -> None:
    """They would reach the customer's server there, which does not know them."""
    home = house()
    wire = home.registers()
    home.session(wire)
    (answer,) = home.asks(
        "POST", "/ws/client/mobilityEcho", headers=(("x-ucsessionid", "SESSION1"),), body=b"{}"
    )
    assert (answer.status, wire.calls) == (404, [])


def test_switched_off_our_names_are_a_servers_own() -> None:
    """A-41: should a server ever have such operations of its own, ours are not in the way."""
    home = house()
    home.own.is_on = False
    wire = home.registers()
    session, _ = home.session(wire)
    home.gateway.client_says(session, invoke(), home.now)
    assert wire.asked("mobilityEcho").session_id == "SESSION1"
    home.gateway.link_invoked(wire, invoke(), home.now)
    assert wire.answers == [Reject(7, UNRECOGNISED, "unrecognisedOperation")]


class TestOurCallsToClients:
    def test_an_answer_finds_who_called(self) -> None:
        home = house()
        session, client = home.session(home.registers())
        heard: list[Any] = []
        called = home.gateway.relay.call_client(
            session, invoke("mobilityKnock"), lambda answer, now: heard.append((answer, now)), 5.0
        )
        assert called
        assert client.sent == [invoke("mobilityKnock", number=1)]
        home.gateway.client_says(session, Result(1, JsonValue("{}")), 6.0)
        home.gateway.client_says(session, Result(1, JsonValue("{}")), 7.0)
        assert heard == [(Result(1, JsonValue("{}")), 6.0)]

    def test_they_share_ids_and_bounds_with_the_servers(self) -> None:
        home = House(server_calls_per_session=2)
        wire = home.registers()
        session, client = home.session(wire)
        knock = invoke("mobilityKnock")
        assert home.gateway.relay.call_client(session, knock, lambda *_: None, 5.0)
        home.gateway.session_invoked(wire, "SESSION1", Invoke(44, 0, "asnAsk"), 5.0)
        assert not home.gateway.relay.call_client(session, knock, lambda *_: None, 5.0)
        assert [each.invoke_id for each in client.sent if isinstance(each, Invoke)] == [1, 2]
        home.gateway.client_says(session, Result(2, JsonValue("{}")), 6.0)
        assert [each.invoke_id for each in wire.answers if isinstance(each, Result)] == [44]


@pytest.mark.parametrize("value", [[], "text", 7])
def test_an_argument_is_an_object(value: Any) -> None:
    with pytest.raises(Declined, match="bad-body"):
        members(JsonValue.of(value))


def test_an_argument_that_is_too_deep_for_where_it_is_read_again_is_none() -> None:
    """A fault of ours there would end the session, or the link and all its sessions."""
    with pytest.raises(Declined, match="bad-body"):
        members(JsonValue("[" * 100_000 + "]" * 100_000))


@pytest.mark.parametrize("told", [{}, {"id": ""}, {"id": "abcd"}, {"id": 3}])
def test_a_text_that_is_needed_has_a_length(told: dict[str, Any]) -> None:
    with pytest.raises(Declined, match="`id` has 1 to 3 characters"):
        text_of(told, "id", 3)
    assert text_of({"id": "abc"}, "id", 3) == "abc"


def test_where_they_are_on_only_our_names_are_ours() -> None:
    own = OwnCalls()
    assert own.takes("mobilityPushMessages")
    assert not own.takes("asnChatTextMessage")
    assert not own.takes(None)
