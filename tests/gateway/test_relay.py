"""Wire 5.4: what is relayed between clients and servers."""

import pytest

from procall_mobility.gateway.customers import Customer
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    InvokeProblem,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from tests.gateway.fakes import FakeLinkWire, House, event

UNRECOGNISED = Problem(ProblemKind.INVOKE, InvokeProblem.UNRECOGNISED_OPERATION)


LIMITED = Problem(ProblemKind.INVOKE, InvokeProblem.RESOURCE_LIMITATION)


def call(invoke_id: int, name: str = "asnChatTextMessage", value: object = None) -> Invoke:
    return Invoke(invoke_id, 0, name, JsonValue.of(value if value is not None else {}))


def test_calls_travel_under_the_sessions_own_id() -> None:
    """Wire 5.4: what a client says about its session is overwritten."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    stranger = Invoke(7, 0, "asnChatTextMessage", JsonValue.of({"a": 1}), "OTHERS")
    house.gateway.client_says(session, stranger, house.now)
    invoke = wire.asked("asnChatTextMessage")
    assert (invoke.session_id, invoke.operation_id) == ("SESSION1", 1420)
    wire.answers_with(house.now, {"iResult": 0})
    (answer,) = client.sent
    assert isinstance(answer, Result)
    assert (answer.invoke_id, answer.session_id) == (7, None)
    assert client.operations == ["asnChatTextMessage"]


def test_equal_invoke_ids_of_two_sessions_do_not_mix() -> None:
    """C8."""
    house = House()
    wire = house.registers()
    alice, to_alice = house.session(wire, "SA")
    bob, to_bob = house.session(wire, "SB")
    house.gateway.client_says(alice, call(1, value={"from": "a"}), house.now)
    house.gateway.client_says(bob, call(1, value={"from": "b"}), house.now)
    wire.answers_with(house.now, {"to": "b"}, at=1)
    wire.answers_with(house.now, {"to": "a"}, at=0)
    for client, name in ((to_alice, "a"), (to_bob, "b")):
        (answer,) = client.sent
        assert isinstance(answer, Result)
        assert isinstance(answer.result, JsonValue)
        assert answer.result.value()["to"] == name


def test_errors_and_rejects_come_back_under_the_clients_id() -> None:
    """C2."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    for send in (
        lambda: wire.errs_with(house.now, {"iErrorDetail": 5}),
        lambda: wire.rejects(house.now, Reject(1, UNRECOGNISED, "unrecognisedOperation", "S")),
    ):
        house.gateway.client_says(session, call(3), house.now)
        send()
    error, reject = client.sent
    assert isinstance(error, Error)
    assert error.invoke_id == 3
    assert reject == Reject(3, UNRECOGNISED, "unrecognisedOperation")


def test_events_go_both_ways_without_answers() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    alive = event("asnTransportKeepAlive", {"dummy": None})
    house.gateway.client_says(session, alive, house.now)
    (told,) = wire.told
    assert (told.session_id, told.operation_id) == ("SESSION1", 1706)
    assert told.argument == JsonValue('{"dummy":0}')
    house.gateway.session_invoked(wire, "SESSION1", event("asnChatEvent"), house.now)
    (heard,) = client.sent
    assert isinstance(heard, Invoke)
    assert (heard.invoke_id, heard.session_id) == (EVENT_ID, None)


def test_calls_of_a_server_are_renumbered_and_answered() -> None:
    """Wire 5.4: server to client invokes are renumbered likewise."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    for number in (500, 501):
        asked = Invoke(number, 0, "asnAVAnything", JsonValue.of({}), "SESSION1")
        house.gateway.session_invoked(wire, "SESSION1", asked, house.now)
    first, second = client.sent
    assert isinstance(first, Invoke)
    assert isinstance(second, Invoke)
    assert (first.invoke_id, second.invoke_id) == (1, 2)
    house.gateway.client_says(session, Result(2, JsonValue.of({"x": None})), house.now)
    assert wire.answers == [Result(501, JsonValue("{}"), 0, "SESSION1")]


@pytest.mark.parametrize("answer", [Result(77), Error(EVENT_ID), Reject(EVENT_ID), Reject(None)])
def test_answers_to_nothing_are_dropped(answer: Result | Error | Reject) -> None:
    """C10: also the reject of an event a TypeScript peer could not decode."""
    house = House()
    wire = house.registers()
    session, _ = house.session(wire)
    house.gateway.client_says(session, answer, house.now)
    assert wire.answers == []


def test_a_repeated_invoke_id_is_rejected() -> None:
    house = House()
    session, client = house.session(house.registers())
    house.gateway.client_says(session, call(3), house.now)
    house.gateway.client_says(session, call(3), house.now)
    assert client.sent == [
        Reject(
            3,
            Problem(ProblemKind.INVOKE, InvokeProblem.DUPLICATE_INVOCATION),
            "duplicateInvocation",
        )
    ]


def test_a_client_has_only_so_many_unanswered_calls_which_age() -> None:
    house = House(calls_per_session=2)
    session, client = house.session(house.registers())
    for number in (1, 2, 3):
        house.gateway.client_says(session, call(number), house.now)
    assert client.sent == [Reject(3, LIMITED, "tooManyCalls")]
    house.later(121.0)
    house.gateway.client_says(session, call(4), house.now)
    assert len(client.sent) == 1


def test_an_answer_nobody_waits_for_any_more_is_dropped() -> None:
    house = House(calls_per_session=1)
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(1), house.now)
    house.later(121.0)
    house.gateway.client_says(session, call(2), house.now)
    wire.answers_with(house.now, {}, at=0)
    assert client.sent == []


def test_what_a_link_cannot_say_is_rejected() -> None:
    """Wire 5.6: an operation the schema does not know, on a BER link."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    wire.deaf = True
    house.gateway.client_says(session, call(3), house.now)
    house.gateway.client_says(session, event("asnChatEvent"), house.now)
    assert client.sent == [Reject(3, UNRECOGNISED, "unrecognisedOperation")]


def test_calls_between_servers_are_not_for_clients() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, call(3, "asnDestroyUserSession"), house.now)
    house.gateway.client_says(session, event("asnUserSessionDestroyed"), house.now)
    assert client.sent == [Reject(3, UNRECOGNISED, "unrecognisedOperation")]
    assert (wire.calls, wire.told) == ([], [])


def test_ids_that_are_not_published_do_not_pass() -> None:
    """One of them is asnDestroyUserSession's; names are checked, and servers resolve them."""
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    house.gateway.client_says(session, Invoke(3, 4711), house.now)
    house.gateway.client_says(session, Invoke(EVENT_ID, 4711), house.now)
    assert client.sent == [Reject(3, UNRECOGNISED, "unrecognisedOperation")]
    house.gateway.client_says(session, Invoke(4, 4711, "asnPrivate"), house.now)
    assert wire.asked("asnPrivate").operation_id == 0
    assert wire.told == []


def test_a_server_reaches_only_sessions_of_its_own() -> None:
    """Wire 5.4: an unknown sessionID is rejected with 8, an event is ignored."""
    house = House(Customer(ucsid="acme"), Customer(ucsid="evil"))
    wire, evil = house.registers(), house.registers(ucsid="evil")
    _, client = house.session(wire)
    asked = Invoke(5, 0, "asnX", None, "SESSION1")
    house.gateway.session_invoked(evil, "SESSION1", asked, house.now)
    house.gateway.session_invoked(evil, "SESSION1", event("asnX"), house.now)
    house.gateway.session_ended(evil, "SESSION1", house.now)
    invalid = Problem(ProblemKind.INVOKE, InvokeProblem.INVALID_SESSION_ID)
    assert evil.answers == [Reject(5, invalid, "invalidSessionID", "SESSION1")]
    assert (client.sent, client.closed) == ([], None)


def test_a_link_that_is_gone_says_nothing_more() -> None:
    house = House()
    stranger = FakeLinkWire()
    house.gateway.session_invoked(stranger, "SESSION1", event("asnX"), house.now)
    house.gateway.link_invoked(stranger, call(1), house.now)
    house.gateway.capabilities_changed(stranger, ())
    house.gateway.link_paused(stranger, house.now)
    house.gateway.link_resumed(stranger, house.now)
    assert stranger.answers == []
