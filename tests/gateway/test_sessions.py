"""Wire 3 and 5.4: the life of sessions, and what is relayed in them."""

import pytest

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import ENVELOPE, weight
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
from tests.gateway.fakes import CLIENT, FakeClientWire, FakeLinkWire, House, event

UNRECOGNISED = Problem(ProblemKind.INVOKE, InvokeProblem.UNRECOGNISED_OPERATION)
LIMITED = Problem(ProblemKind.INVOKE, InvokeProblem.RESOURCE_LIMITATION)


def call(invoke_id: int, name: str = "asnChatTextMessage", value: object = None) -> Invoke:
    return Invoke(invoke_id, 0, name, JsonValue.of(value if value is not None else {}))


class TestLife:
    def test_a_session_without_a_websocket_ends_after_sixty_seconds(self) -> None:
        """A-21."""
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        house.later(59.0)
        assert house.gateway.sessions.find("SESSION1") is not None
        house.later(2.0)
        assert house.gateway.sessions.find("SESSION1") is None
        wire.asked("asnDestroyUserSession")
        assert house.book.said()[-1] == "session closed: never-attached"

    def test_an_attached_session_lives_on(self) -> None:
        house = House()
        house.session(house.registers())
        house.later(10_000.0)
        assert len(house.gateway.sessions) == 1

    def test_a_lost_websocket_ends_the_session_after_a_grace(self) -> None:
        """A-21: ten seconds."""
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_gone(session, client, house.now)
        house.later(9.0)
        assert len(house.gateway.sessions) == 1
        house.later(2.0)
        assert len(house.gateway.sessions) == 0
        wire.asked("asnDestroyUserSession")
        entry = house.book.entries[-1]
        assert (entry.reason, entry.duration) == (Reason.GRACE_OVER, 11.0)

    def test_a_second_websocket_replaces_the_first(self) -> None:
        """A-21; the loss of the first changes nothing any more."""
        house = House()
        session, first = house.session(house.registers())
        second = FakeClientWire()
        assert house.gateway.attach("SESSION1", second, CLIENT, house.now) is session
        assert first.closed == (1000, "replaced-socket")
        house.gateway.client_paused(session, first)
        house.gateway.client_resumed(session, first)
        house.gateway.client_gone(session, first, house.now)
        house.later(100.0)
        assert session.wire is second

    def test_what_comes_during_the_grace_is_delivered_to_the_next_websocket(self) -> None:
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_gone(session, client, house.now)
        house.gateway.session_invoked(wire, "SESSION1", event("asnUpdatePresenceV2"), house.now)
        again = FakeClientWire()
        house.gateway.attach("SESSION1", again, CLIENT, house.now)
        assert len(again.sent) == 1
        house.later(100.0)
        assert len(house.gateway.sessions) == 1

    def test_an_unknown_session_gets_no_websocket(self) -> None:
        assert House().gateway.attach("NONE", FakeClientWire(), CLIENT, 0.0) is None

    def test_a_log_off_closes_with_1000(self) -> None:
        """Wire 3: asnLogoff, then the server says that the session is over."""
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_says(session, event("asnLogoff"), house.now)
        house.gateway.session_ended(wire, "SESSION1", house.now)
        assert client.closed == (1000, "logged-off")
        assert wire.calls == []

    def test_a_client_that_leaves_after_its_log_off_is_not_waited_for(self) -> None:
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_says(session, event("asnLogoff"), house.now)
        house.gateway.client_gone(session, client, house.now)
        assert len(house.gateway.sessions) == 0
        wire.asked("asnDestroyUserSession")

    def test_a_session_its_server_ends_closes_with_1008(self) -> None:
        """Wire 5.4: asnUserSessionDestroyed; the server is not told what it said."""
        house = House()
        wire = house.registers()
        _, client = house.session(wire)
        house.gateway.session_ended(wire, "SESSION1", house.now)
        assert client.closed == (1008, "server-ended")
        assert wire.calls == []

    def test_a_lost_link_closes_only_its_own_sessions_with_1012(self) -> None:
        """C9."""
        house = House(Customer(ucsid="acme"), Customer(ucsid="other"))
        wire, other = house.registers(), house.registers(ucsid="other")
        _, client = house.session(wire)
        house.logs_in(other, "SESSION2", ucsid="other")
        house.gateway.link_lost(wire, Reason.PING_TIMEOUT, house.now)
        assert client.closed == (1012, "link-lost")
        assert house.gateway.sessions.find("SESSION2") is not None
        assert house.book.said()[-1] == "server link lost: ping-timeout"
        house.gateway.link_lost(wire, Reason.PING_TIMEOUT, house.now)
        assert house.book.said().count("server link lost: ping-timeout") == 1

    def test_a_shutdown_sends_clients_elsewhere(self) -> None:
        """Wire 3: 1001; clients look up again."""
        house = House()
        wire = house.registers()
        _, client = house.session(wire)
        house.gateway.shut_down(house.now)
        assert client.closed == (1001, "shutting-down")
        assert wire.closed is Reason.SHUTTING_DOWN

    def test_clients_stay_with_the_link_they_had_lately(self) -> None:
        """A-03: sixty seconds; then the least used one."""
        house = House(links_per_customer=2)
        first, second = house.registers(), house.registers()
        for number in (1, 2):
            house.session(first, f"S{number}")
        house.later(61.0)
        house.logs_in(second, "S3")
        assert [len(link.sessions) for link in house.gateway.links.all()] == [2, 1]


class TestRelay:
    def test_calls_travel_under_the_sessions_own_id(self) -> None:
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

    def test_equal_invoke_ids_of_two_sessions_do_not_mix(self) -> None:
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

    def test_errors_and_rejects_come_back_under_the_clients_id(self) -> None:
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

    def test_events_go_both_ways_without_answers(self) -> None:
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

    def test_calls_of_a_server_are_renumbered_and_answered(self) -> None:
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

    @pytest.mark.parametrize(
        "answer", [Result(77), Error(EVENT_ID), Reject(EVENT_ID), Reject(None)]
    )
    def test_answers_to_nothing_are_dropped(self, answer: Result | Error | Reject) -> None:
        """C10: also the reject of an event a TypeScript peer could not decode."""
        house = House()
        wire = house.registers()
        session, _ = house.session(wire)
        house.gateway.client_says(session, answer, house.now)
        assert wire.answers == []

    def test_a_repeated_invoke_id_is_rejected(self) -> None:
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

    def test_a_client_has_only_so_many_unanswered_calls_which_age(self) -> None:
        house = House(calls_per_session=2)
        session, client = house.session(house.registers())
        for number in (1, 2, 3):
            house.gateway.client_says(session, call(number), house.now)
        assert client.sent == [Reject(3, LIMITED, "tooManyCalls")]
        house.later(121.0)
        house.gateway.client_says(session, call(4), house.now)
        assert len(client.sent) == 1

    def test_an_answer_nobody_waits_for_any_more_is_dropped(self) -> None:
        house = House(calls_per_session=1)
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_says(session, call(1), house.now)
        house.later(121.0)
        house.gateway.client_says(session, call(2), house.now)
        wire.answers_with(house.now, {}, at=0)
        assert client.sent == []

    def test_what_a_link_cannot_say_is_rejected(self) -> None:
        """Wire 5.6: an operation the schema does not know, on a BER link."""
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        wire.deaf = True
        house.gateway.client_says(session, call(3), house.now)
        house.gateway.client_says(session, event("asnChatEvent"), house.now)
        assert client.sent == [Reject(3, UNRECOGNISED, "unrecognisedOperation")]

    def test_calls_between_servers_are_not_for_clients(self) -> None:
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_says(session, call(3, "asnDestroyUserSession"), house.now)
        house.gateway.client_says(session, event("asnUserSessionDestroyed"), house.now)
        assert client.sent == [Reject(3, UNRECOGNISED, "unrecognisedOperation")]
        assert (wire.calls, wire.told) == ([], [])

    def test_ids_that_are_not_published_do_not_pass(self) -> None:
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

    def test_a_server_reaches_only_sessions_of_its_own(self) -> None:
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

    def test_a_link_that_is_gone_says_nothing_more(self) -> None:
        house = House()
        stranger = FakeLinkWire()
        house.gateway.session_invoked(stranger, "SESSION1", event("asnX"), house.now)
        house.gateway.link_invoked(stranger, call(1), house.now)
        house.gateway.capabilities_changed(stranger, ())
        house.gateway.link_paused(stranger, house.now)
        house.gateway.link_resumed(stranger, house.now)
        assert stranger.answers == []


class TestBounds:
    """Section by section: nobody can take more than their share."""

    def test_a_slow_client_loses_its_session_and_nobody_else_notices(self) -> None:
        house = House(queue_octets=10_000)
        wire = house.registers()
        session, slow = house.session(wire, "S1")
        _, other = house.session(wire, "S2")
        house.gateway.client_paused(session, slow)
        long = event("asnChatEvent", {"x": "y" * 5000})
        for _ in range(2):
            house.gateway.session_invoked(wire, "S1", long, house.now)
            house.gateway.session_invoked(wire, "S2", long, house.now)
        assert slow.closed == (1013, "slow-client")
        assert len(other.sent) == 2
        assert house.book.said()[-1] == "session closed: slow-client"

    def test_what_waited_is_sent_in_order_when_the_client_recovers(self) -> None:
        house = House()
        wire = house.registers()
        session, client = house.session(wire)
        house.gateway.client_paused(session, client)
        for number in range(3):
            one = event("asnChatEvent", {"n": number})
            house.gateway.session_invoked(wire, "SESSION1", one, house.now)
        assert client.sent == []
        assert session.queued > 0
        house.gateway.client_resumed(session, client)
        numbers = [m.argument.value()["n"] for m in client.sent]  # type: ignore[union-attr]
        assert numbers == [0, 1, 2]
        assert session.queued == 0

    def test_a_client_that_talks_too_much_loses_its_session(self) -> None:
        house = House(frames_per_second=1.0, frame_burst=3.0)
        session, client = house.session(house.registers())
        for _ in range(3):
            house.gateway.client_says(session, event("asnX"), house.now)
        house.later(1.0)
        house.gateway.client_says(session, event("asnX"), house.now)
        assert client.closed is None
        house.gateway.client_says(session, event("asnX"), house.now)
        assert client.closed == (1008, "too-many-frames")

    def test_a_server_has_only_so_many_unanswered_calls_to_one_client(self) -> None:
        house = House(server_calls_per_session=1)
        wire = house.registers()
        house.session(wire)
        for number in (1, 2):
            asked = Invoke(number, 0, "asnX", None, "SESSION1")
            house.gateway.session_invoked(wire, "SESSION1", asked, house.now)
        assert wire.answers == [Reject(2, LIMITED, "serverBusy", "SESSION1")]

    def test_a_slow_server_holds_back_its_own_clients_until_it_recovers(self) -> None:
        house = House(Customer(ucsid="acme"), Customer(ucsid="other"))
        wire, other = house.registers(), house.registers(ucsid="other")
        _, client = house.session(wire)
        house.logs_in(wire, "S2")
        house.logs_in(other, "S3", ucsid="other")
        stranger = FakeClientWire()
        house.gateway.attach("S3", stranger, CLIENT, house.now)
        house.gateway.link_paused(wire, house.now)
        house.gateway.link_paused(wire, house.now)
        late = FakeClientWire()
        house.gateway.attach("S2", late, CLIENT, house.now)
        assert (client.held, late.held, stranger.held) == (True, True, False)
        house.gateway.link_resumed(wire, house.now)
        house.gateway.link_resumed(wire, house.now)
        assert (client.held, late.held) == (False, False)
        house.later(100.0)
        assert not wire.aborted

    def test_a_server_that_takes_nothing_for_a_minute_is_cut_off(self) -> None:
        house = House()
        wire = house.registers()
        house.logs_in(wire)
        house.gateway.link_paused(wire, house.now)
        house.gateway.link_resumed(wire, house.now)
        house.gateway.link_paused(wire, house.now)
        house.later(60.0)
        assert wire.aborted
        house.gateway.link_lost(wire, Reason.CONNECTION_LOST, house.now)
        assert house.book.said()[-1] == "server link lost: slow-server"

    def test_messages_weigh_what_they_hold(self) -> None:
        held = JsonValue("x" * 100)
        for message in (Invoke(1, argument=held), Result(1, held), Error(1, held)):
            assert weight(message) == ENVELOPE + 100
        assert weight(Reject(1)) == weight(Invoke(1)) == ENVELOPE


class TestServersOwnCalls:
    """Wire 5.4, 6.2: outside every session."""

    def test_ice_servers_come_with_credentials_that_expire(self) -> None:
        """Wire 6.2: never an empty list; username `<expiry>:<ucsid>:link` (A-32)."""
        house = House()
        wire = house.registers()
        house.gateway.link_invoked(wire, call(9, "asnWebGetIceServersV2"), house.now)
        (answer,) = wire.answers
        assert isinstance(answer, Result)
        assert isinstance(answer.result, JsonValue)
        value = answer.result.value()
        assert value["iTTL"] == 86_400
        assert value["stValidTo"] == "2026-11-23T08:33:52Z"
        stun, turn, fixed = value["iceServers"]
        assert stun == {"urls": ["stun:turn.example.net:3478"]}
        assert turn["username"] == "1795422832:acme:link"
        assert (
            turn["credential"] == "Tj0rX9m0yLU8ZYo0dDu5AqqUSgY=" or len(turn["credential"]) == 28
        )
        assert (fixed["username"], fixed["credential"]) == ("u", "p")

    def test_without_turn_the_answer_is_an_error(self) -> None:
        house = House(Customer(ucsid="acme", switches=Switches(turn=False)))
        wire = house.registers()
        house.gateway.link_invoked(wire, call(9, "asnWebGetIceServers"), house.now)
        (answer,) = wire.answers
        assert isinstance(answer, Error)
        assert isinstance(answer.error, JsonValue)
        assert answer.error.value()["u8sErrorString"] == "TURN not available"

    def test_an_external_provider_is_the_servers_own_affair(self) -> None:
        """A-34."""
        house = House()
        wire = house.registers()
        asked = call(9, "asnWebGetIceServersV2", {"sTurnProviderConfig": "{}"})
        house.gateway.link_invoked(wire, asked, house.now)
        assert wire.answers == [Reject(9, UNRECOGNISED, "unrecognisedOperation")]

    def test_the_connection_can_be_checked(self) -> None:
        house = House()
        wire = house.registers()
        house.gateway.link_invoked(wire, Invoke(9, 1714, "asnCheckConnection"), house.now)
        (answer,) = wire.answers
        assert isinstance(answer, Result)
        assert isinstance(answer.result, JsonValue)
        assert answer.result.value()["iProtocolVersion"] == 70

    def test_other_calls_are_rejected_and_events_ignored(self) -> None:
        house = House()
        wire = house.registers()
        house.gateway.link_invoked(wire, call(9, "asnRequestCERToken"), house.now)
        house.gateway.link_invoked(wire, event("asnRequestCERToken"), house.now)
        assert wire.answers == [Reject(9, UNRECOGNISED, "unrecognisedOperation")]

    def test_capabilities_of_a_server_are_kept(self) -> None:
        house = House()
        wire = house.registers()
        offered = house.gateway.links.all()[0].wire
        assert offered is wire
        house.gateway.capabilities_changed(wire, wire.accepted or ())
        assert house.gateway.links.all()[0].capabilities == wire.accepted
