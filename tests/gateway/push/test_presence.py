"""A client names its push tokens over its session, and gets its pushes there."""

from collections.abc import Callable

import pytest
from attrs import define, field

from procall_mobility.gateway.push.presence import MOST_OFFERED, SILENT_AFTER
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import (
    Error,
    Invoke,
    JsonValue,
    Message,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from tests.gateway.fakes import CLIENT, FakeClientWire, House, event
from tests.gateway.push.fakes import KEY, call, push
from tests.gateway.push.hall import DEVICE, Hall

ID = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
ASK = Invoke(44, 0, "asnAsk")


@define(eq=False)
class Fragile(FakeClientWire):
    """A WebSocket that breaks when something is sent."""

    ends: Callable[[], None] = field(kw_only=True)

    def send(self, message: Message, operation: str | None) -> None:
        self.ends()


def test_a_client_that_has_named_its_token_is_there() -> None:
    hall = Hall()
    session, wire = hall.home.session(hall.server)
    assert not hall.presence.knows(DEVICE)
    assert not hall.offers()
    hall.names(session, "t", "voip")
    assert wire.sent == [Result(5, JsonValue('{"tokens":2}'))]
    assert hall.presence.knows(DEVICE)
    assert set(hall.came) == {DEVICE, device_of("acme", "phone", "voip", KEY)}
    assert (hall.server.calls, hall.server.told) == ([], []), "its server hears nothing of it"


def test_a_push_arrives_and_is_confirmed() -> None:
    hall = Hall()
    session, wire = hall.enters()
    assert hall.offers()
    made = push(1)
    (invoke,) = wire.sent
    assert isinstance(invoke, Invoke)
    assert invoke.operation_name == "mobilityPushArrived"
    assert invoke.argument == JsonValue.of(
        {"id": made.id, "channel": "phone", "kind": "chat", "payload": {"data": "sealed"}}
    )
    hall.hears(session, Result(invoke.invoke_id, JsonValue("{}")))
    hall.hears(session, Result(invoke.invoke_id, JsonValue("{}")))
    assert hall.taken == [(made.id, True)]


@pytest.mark.parametrize(
    "answer", [Error(1, JsonValue("{}")), Reject(1, Problem(ProblemKind.INVOKE, 1))]
)
def test_a_client_that_does_not_want_it_leaves_it_to_the_provider(answer: Error | Reject) -> None:
    hall = Hall()
    session, _ = hall.enters()
    hall.offers()
    hall.hears(session, answer)
    assert hall.taken == [(push(1).id, False)]


@pytest.mark.parametrize(
    "reason", [Reason.GRACE_OVER, Reason.LOGGED_OFF, Reason.SLOW_CLIENT, Reason.LINK_LOST]
)
def test_a_session_that_ends_gives_back_what_it_has_not_confirmed(reason: Reason) -> None:
    hall = Hall()
    session, _ = hall.enters()
    hall.offers(1)
    hall.offers(2)
    hall.home.gateway.sessions.end(session, reason, hall.home.now)
    assert hall.taken == [(push(1).id, False), (push(2).id, False)]
    assert not hall.presence.knows(DEVICE)
    assert (hall.presence._guests, hall.presence._hosts) == ({}, {})


def test_a_session_without_its_websocket_is_away_until_it_is_back() -> None:
    hall = Hall()
    session, wire = hall.enters()
    hall.offers(1)
    hall.home.gateway.client_gone(session, wire, hall.home.now)
    assert hall.taken == [(push(1).id, False)]
    assert not hall.presence.knows(DEVICE)
    assert not hall.offers(2)
    hall.came.clear()
    again = FakeClientWire()
    hall.home.gateway.attach("SESSION1", again, CLIENT, hall.home.now)
    assert hall.came == [DEVICE], "it need not name its token again"
    assert hall.offers(2)
    assert len(again.sent) == 1
    hall.home.gateway.client_gone(session, wire, hall.home.now)
    assert hall.presence.knows(DEVICE), "the loss of the old one comes late"


def test_what_went_out_over_a_websocket_that_was_replaced_may_be_lost() -> None:
    hall = Hall()
    session, _ = hall.enters()
    hall.offers(1)
    hall.home.gateway.attach("SESSION1", FakeClientWire(), CLIENT, hall.home.now)
    assert hall.taken == [(push(1).id, False)]
    hall.hears(session, Result(1, JsonValue("{}")))
    assert hall.taken == [(push(1).id, False)], "an answer that comes all the same is no news"


def test_what_was_lost_with_websockets_takes_no_room_from_calls_of_the_server() -> None:
    """A telephone in a train is back a hundred times in the life of its session."""
    hall = Hall()
    session, _ = hall.enters()
    hall.home.gateway.session_invoked(hall.server, "SESSION1", ASK, hall.home.now)
    for number in range(200):
        assert hall.offers(number)
        hall.home.gateway.attach("SESSION1", FakeClientWire(), CLIENT, hall.home.now)
    hall.home.gateway.session_invoked(hall.server, "SESSION1", ASK, hall.home.now)
    assert hall.server.answers == []
    hall.hears(session, Result(1, JsonValue("{}")))
    assert hall.server.answers == [Result(44, JsonValue("{}"), session_id="SESSION1")]


def test_sessions_that_name_nothing_are_none_of_our_business() -> None:
    hall = Hall()
    session, wire = hall.home.session(hall.server)
    hall.home.gateway.client_gone(session, wire, hall.home.now)
    hall.home.gateway.attach("SESSION1", FakeClientWire(), CLIENT, hall.home.now)
    hall.home.gateway.sessions.end(session, Reason.LOGGED_OFF, hall.home.now)
    assert (hall.came, hall.taken) == ([], [])


def test_a_session_that_takes_nothing_at_the_moment_is_given_nothing() -> None:
    hall = Hall()
    session, wire = hall.enters()
    hall.home.gateway.client_paused(session, wire)
    assert not hall.presence.knows(DEVICE)
    assert not hall.offers()
    hall.home.gateway.session_invoked(hall.server, "SESSION1", event("asnX"), hall.home.now)
    session.paused = False
    assert not hall.presence.knows(DEVICE), "what waits goes first"


def test_a_session_that_has_been_silent_is_trusted_no_more_until_it_speaks() -> None:
    """Its connection may be dead; only the first call has to wait for that to be found out."""
    hall = Hall()
    session, _ = hall.enters()
    assert hall.offers(1)
    hall.home.now += SILENT_AFTER
    assert not hall.offers(2)
    hall.hears(session, Result(1, JsonValue("{}")))
    assert hall.taken == [(push(1).id, True)], "better late than never"
    assert hall.offers(2)


def test_what_a_session_has_not_confirmed_is_bounded() -> None:
    hall = Hall()
    hall.enters()
    offered = [hall.offers(number) for number in range(1, MOST_OFFERED + 2)]
    assert offered == [True] * MOST_OFFERED + [False]


def test_a_push_is_offered_once_at_a_time() -> None:
    hall = Hall()
    hall.enters()
    assert hall.offers(1)
    assert not hall.offers(1)


def test_where_too_many_calls_to_the_client_are_open_it_is_not_there() -> None:
    hall = Hall(home=House(server_calls_per_session=1))
    hall.enters()
    assert hall.offers(1)
    assert not hall.offers(2)
    assert hall.taken == []


def test_a_session_that_ends_over_a_push_has_not_taken_it() -> None:
    hall = Hall()
    session, _ = hall.enters()

    def ends() -> None:
        hall.home.gateway.client_refused(session, Reason.INTERNAL, hall.home.now)

    hall.home.gateway.attach("SESSION1", Fragile(ends=ends), CLIENT, hall.home.now)
    assert not hall.offers(1)
    assert hall.taken == [(push(1).id, False)]


def test_a_client_says_that_a_call_was_answered() -> None:
    """For the ring trace."""
    hall = Hall()
    session, wire = hall.enters()
    hall.says(session, "mobilityPushAnswered", id=ID.upper())
    assert wire.sent == [Result(5, JsonValue("{}"))]
    assert hall.answered == [("acme", ID, hall.home.now)]


def test_calls_have_their_kind() -> None:
    hall = Hall()
    _, wire = hall.enters()
    made = call(1, token="t")
    assert hall.presence.offer(DEVICE, made, lambda taken: None, hall.home.now)
    (invoke,) = wire.sent
    assert isinstance(invoke, Invoke)
    assert invoke.argument.value()["kind"] == made.notification.kind  # type: ignore[union-attr]
