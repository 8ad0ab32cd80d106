"""The gateway's small machines: alarms, allowances, back-off, ids, memories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.gateway import back_off, generations, links
from procall_mobility.gateway.access import User
from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.apps import app_name
from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customers import Customer, Switches, normalized
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.server_calls import ServerCall
from procall_mobility.protocols.rose.messages import Invoke, Result
from tests.gateway.fakes import PEER, FakeLinkWire, House, login


class TestAlarms:
    def test_they_ring_in_order_and_once(self) -> None:
        rung: list[str] = []
        alarms = Alarms(lambda: None)
        for at, name in ((3.0, "c"), (1.0, "a"), (2.0, "b")):
            alarms.set(at, lambda _, name=name: rung.append(name))
        assert alarms.wake_at() == 1.0
        alarms.wake(2.5)
        assert rung == ["a", "b"]
        alarms.wake(2.5)
        alarms.wake(9.0)
        assert rung == ["a", "b", "c"]
        assert alarms.wake_at() is None

    def test_a_cancelled_one_is_not_waited_for(self) -> None:
        alarms = Alarms(lambda: None)
        alarm = alarms.set(1.0, lambda _: pytest.fail("it rang"))
        alarm.cancel()
        assert not alarm.is_set
        assert alarms.wake_at() is None
        alarms.set(1.0, lambda _: None).cancel()
        alarms.wake(5.0)

    def test_whoever_keeps_the_one_alarm_is_told_when_it_has_to_ring_sooner(self) -> None:
        told: list[float | None] = []
        alarms = Alarms(lambda: told.append(alarms.wake_at()))
        for at in (5.0, 9.0, 1.0):
            alarms.set(at, lambda _: None)
        assert told == [5.0, 1.0]

    def test_cancelled_ones_are_swept_out(self) -> None:
        """A log-on sets several and cancels them all: they must not pile up."""
        alarms = Alarms(lambda: None)
        for number in range(10_000):
            alarms.set(float(number), lambda _: None).cancel()
        assert len(alarms) <= 65

    def test_an_alarm_without_an_action_never_rings(self) -> None:
        Alarm().ring(0.0)
        assert not Alarm().is_set


class TestAllowance:
    def test_the_burst_and_then_the_rate(self) -> None:
        allowance = Allowance(rate=2.0, burst=3.0, now=0.0)
        assert [allowance.take(0.0) for _ in range(4)] == [True, True, True, False]
        assert allowance.take(0.5)
        assert not allowance.take(0.5)

    @given(st.lists(st.floats(0, 10), max_size=40))
    def test_never_more_than_rate_and_burst_whatever_the_clock_does(
        self, times: list[float]
    ) -> None:
        allowance = Allowance(rate=1.0, burst=5.0, now=0.0)
        taken = sum(allowance.take(time) for time in times)
        moved = sum(max(0.0, b - a) for a, b in zip([0.0, *times], times, strict=False))
        assert taken <= 5 + moved


class TestBackOff:
    RULES = BackOffRules(free=1, base=1.0, longest=4.0, forget_after=100.0)

    def test_every_failure_beyond_the_free_ones_doubles_the_wait(self) -> None:
        tries = BackOff(self.RULES)
        waits = []
        for _ in range(5):
            tries.failed("x", 0.0)
            waits.append(tries.wait("x", 0.0))
        assert waits == [0.0, 1.0, 2.0, 4.0, 4.0]
        assert tries.wait("x", 3.0) == 1.0
        assert tries.wait("y", 0.0) == 0.0

    def test_failures_are_forgotten(self) -> None:
        tries = BackOff(self.RULES)
        for _ in range(3):
            tries.failed("x", 0.0)
        tries.failed("x", 101.0)
        assert tries.wait("x", 101.0) == 0.0
        assert tries.wait("x", 300.0) == 0.0
        assert len(tries) == 0
        tries.failed("x", 0.0)
        tries.succeeded("x")
        assert len(tries) == 0

    def test_only_so_many_are_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(back_off, "MOST_KEYS", 2)
        tries = BackOff(self.RULES)
        for key in "abc":
            tries.failed(key, 0.0)
        assert len(tries) == 2


class TestGenerations:
    """A-38: a server that closes at once did not understand the newer answer."""

    def test_it_is_answered_in_the_older_form_next_time(self) -> None:
        house = House()
        wire = house.registers(guessed=True)
        assert not house.gateway.guesses_first_generation(PEER)
        house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
        assert house.gateway.guesses_first_generation(PEER)

    @pytest.mark.parametrize("members", [{"guessed": False}, {"second_generation": False}])
    def test_others_teach_nothing(self, members: dict[str, bool]) -> None:
        house = House()
        wire = house.registers(**{"guessed": True, **members})
        house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
        assert not house.gateway.guesses_first_generation(PEER)

    def test_nor_does_one_that_stayed(self) -> None:
        house = House()
        wire = house.registers(guessed=True)
        house.later(3.0)
        house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
        assert not house.gateway.guesses_first_generation(PEER)

    def test_only_so_many_addresses_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(generations, "MOST_ADDRESSES", 0)
        house = House()
        wire = house.registers(guessed=True)
        house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
        assert not house.gateway.guesses_first_generation(PEER)


def test_only_so_many_clients_stick_to_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_STICKY", 1)
    house = House()
    house.registers()
    for number in range(3):
        members = {"query": (("ucsid", "acme"),), "client_address": f"192.0.2.{number}"}
        house.asks("GET", "/controller/client/ucws", **members)
    assert len(house.gateway.links._sticky) == 1


def test_a_call_is_settled_once() -> None:
    told: list[object] = []
    call = ServerCall(
        Alarm(1.0, lambda _: None), lambda a, _: told.append(a), lambda r, _: told.append(r), None
    )
    call.answered("asnX", Result(1), 0.0)
    call.fails(Reason.LINK_LOST, 0.0)
    call.answered("asnX", Result(2), 0.0)
    assert told == [Result(1)]


def test_ids_towards_a_client_skip_what_is_waiting() -> None:
    house = House()
    wire = house.registers()
    session, client = house.session(wire)
    for last in (99_997, 99_997):
        session._last_id = last  # The end of the range, where it matters.
        asked = Invoke(7, 0, "asnX", None, "SESSION1")
        house.gateway.session_invoked(wire, "SESSION1", asked, house.now)
    assert [message.invoke_id for message in client.sent] == [99_998, 1]


def test_a_session_ends_once() -> None:
    house = House()
    session, client = house.session(house.registers())
    house.gateway.client_refused(session, Reason.PROTOCOL_ERROR, house.now)
    house.gateway.client_refused(session, Reason.PROTOCOL_ERROR, house.now)
    assert client.closed == (1008, "protocol-error")
    assert house.book.said().count("session closed: protocol-error") == 1


def test_a_password_in_the_address_can_be_refused() -> None:
    """A-08."""
    house = House(Customer(ucsid="acme", switches=Switches(query_password=False)))
    house.registers()
    query = (("ucsid", "acme"), ("user", "alice"), ("pass", "alice"))
    (answer,) = house.asks("GET", "/ws/client/createsession", query=query)
    assert answer.status == 400
    assert house.book.said()[-1] == "login refused: query-password"


def test_names_of_people_and_things() -> None:
    assert repr(User("alice")) == "User(...)"
    assert (app_name(7), app_name(99)) == ("mobile", "app#99")
    assert normalized("  ACME ") == "acme"
    assert Reason.of("link-lost") is Reason.LINK_LOST
    assert all(reason.text for reason in Reason)


def test_a_deaf_link_fails_calls_at_once() -> None:
    house = House()
    wire = house.registers(FakeLinkWire(heard=house.now))
    house.logs_in(wire)
    wire.deaf = True
    (answer,) = house.asks(
        "POST", "/ws/client/asnX", headers=(("x-ucsessionid", "SESSION1"),), query=()
    )
    assert answer.status == 503
    assert login()
