"""A client names its push tokens over its session, and gets its pushes there."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

from procall_mobility.gateway import push_presence
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.push_presence import (
    MOST_OFFERED,
    MOST_TOKENS,
    SILENT_AFTER,
    SessionPresence,
)
from procall_mobility.gateway.push_waiting import device_of
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import Session
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
from tests.gateway.fakes import CLIENT, FakeClientWire, FakeLinkWire, House, event, login
from tests.gateway.push_fakes import KEY, call, push

ID = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
DEVICE = device_of("acme", "phone", "t", KEY)


@define(eq=False)
class Hall:
    """A house whose sessions may have pushes."""

    home: House = field(factory=lambda: House(Customer(ucsid="acme"), Customer(ucsid="other")))
    presence: SessionPresence = field(init=False)
    came: list[bytes] = field(factory=list)
    answered: list[tuple[str, str, float]] = field(factory=list)
    taken: list[tuple[str, bool]] = field(factory=list)
    server: FakeLinkWire = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.presence = SessionPresence(
            call=self.home.gateway.relay.call_client,
            key=KEY,
            came=lambda device, now: self.came.append(device),
            answered=lambda *told: self.answered.append(told),
        )
        self.presence.offers(self.home.own)
        self.home.gateway.sessions.watch = self.presence
        self.server = self.home.registers()

    def enters(self, session_id: str = "SESSION1", *tokens: str) -> tuple[Session, FakeClientWire]:
        session, wire = self.home.session(self.server, session_id)
        self.names(session, *tokens or ("t",))
        wire.sent.clear()
        return session, wire

    def names(self, session: Session, *tokens: str) -> None:
        self.says(session, tokens=[{"channel": "phone", "token": each} for each in tokens])

    def says(self, session: Session, operation: str = "mobilityPushPresent", **told: Any) -> None:
        invoke = Invoke(5, 0, operation, JsonValue.of(told))
        self.home.gateway.client_says(session, invoke, self.home.now)

    def offers(self, number: int = 1, device: bytes = DEVICE) -> bool:
        made = push(number, token="t")
        return self.presence.offer(
            device, made, lambda taken: self.taken.append((made.id, taken)), self.home.now
        )

    def hears(self, session: Session, answer: Any) -> None:
        self.home.gateway.client_says(session, answer, self.home.now)


@define(eq=False)
class Fragile(FakeClientWire):
    """A WebSocket that breaks when something is sent."""

    ends: Callable[[], None] = field(kw_only=True)

    def send(self, message: Message, operation: str | None) -> None:
        self.ends()


def error_of(wire: FakeClientWire) -> tuple[int, str]:
    answer = wire.sent.pop()
    assert isinstance(answer, Error)
    told = answer.error.value()  # type: ignore[union-attr]
    return told["iErrorDetail"], told["u8sErrorString"].partition(":")[0]


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


class TestClaims:
    def test_a_later_list_takes_the_place_of_an_earlier_one(self) -> None:
        hall = Hall()
        session, _ = hall.enters("SESSION1", "t", "u")
        hall.offers(1)
        hall.names(session, "u", "v")
        assert not hall.presence.knows(DEVICE)
        assert hall.presence.knows(device_of("acme", "phone", "v", KEY))
        hall.names(session)
        assert hall.presence._hosts == {}
        hall.hears(session, Result(1, JsonValue("{}")))
        assert hall.taken == [(push(1).id, True)], "what was given before may be confirmed still"

    def test_the_session_that_names_a_token_last_has_it(self) -> None:
        """A phone that comes back with another session, before its old one is known to be dead."""
        hall = Hall()
        old, old_wire = hall.enters("SESSION1")
        _, new_wire = hall.enters("SESSION2")
        hall.offers()
        assert (old_wire.sent, len(new_wire.sent)) == ([], 1)
        hall.home.gateway.sessions.end(old, Reason.GRACE_OVER, hall.home.now)
        assert hall.presence.knows(DEVICE)

    def test_no_session_gets_the_pushes_of_another_customers_devices(self) -> None:
        """Not even one that knows their tokens."""
        hall = Hall()
        theirs = hall.home.registers(ucsid="other", system_id="S2")
        answers = hall.home.asks("POST", "/ws/client/createsession", **login(ucsid="other"))
        theirs.answers_with(hall.home.now, {"u8sSessionID": "THEIRS", "negotiateresult": {}})
        theirs.answers_with(
            hall.home.now, {"u8sLoggedInUser": "eve", "iValidContact": 1, "ownContact": {}}
        )
        assert [each.status for each in answers] == [200]
        eve = hall.home.gateway.attach("THEIRS", FakeClientWire(), CLIENT, hall.home.now)
        assert eve is not None
        hall.names(eve, "t")
        assert not hall.presence.knows(DEVICE)
        assert not hall.offers()
        assert hall.presence.knows(device_of("other", "phone", "t", KEY)), "their own phone"

    @pytest.mark.parametrize(
        "told",
        [
            {},
            {"tokens": "t"},
            {"tokens": [{"channel": "phone", "token": "t"}] * (MOST_TOKENS + 1)},
            {"tokens": ["t"]},
            {"tokens": [{"channel": "phone"}]},
            {"tokens": [{"token": "t"}]},
            {"tokens": [{"channel": "phone", "token": "t" * 4097}]},
        ],
    )
    def test_what_is_no_list_of_tokens_changes_nothing(self, told: dict[str, Any]) -> None:
        hall = Hall()
        session, wire = hall.enters()
        hall.says(session, **told)
        assert error_of(wire) == (400, "bad-body")
        assert hall.presence.knows(DEVICE)

    def test_devices_are_bounded_in_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(push_presence, "MOST_DEVICES", 3)
        hall = Hall()
        hall.enters("SESSION1", "a", "b")
        session, wire = hall.enters("SESSION2", "c")
        hall.names(session, "c", "d")
        assert error_of(wire) == (503, "too-many-tokens")
        hall.names(session, "c")
        assert wire.sent == [Result(5, JsonValue('{"tokens":1}'))]

    def test_no_token_is_kept_or_shown(self) -> None:
        hall = Hall()
        hall.enters("SESSION1", "a-secret-token")
        assert "a-secret-token" not in repr(hall.presence)
        assert KEY.decode() not in repr(hall.presence)
        kept = [*hall.presence._hosts]
        assert kept == [device_of("acme", "phone", "a-secret-token", KEY)]


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
