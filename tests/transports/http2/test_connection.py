"""One connection on a wire in memory: batches, deadlines, pings, pressure, endings."""

import pytest

from procall_mobility.protocols.push.exchange import Answer, NoAnswer
from procall_mobility.transports.http2.session import Session
from tests.transports.http2.provider import CANCEL, Provider, push
from tests.transports.http2.stage import Play, logged_faults


def test_a_connection_opens_when_the_provider_has_said_its_settings() -> None:
    play = Play()
    assert play.owner.told == [] and play.connection.capacity == 0
    assert "no delay" in play.wire.options
    play.open()
    assert play.owner.told == ["opened"]
    assert play.connection.capacity == play.connection.streams == 100


def test_all_requests_of_one_turn_leave_in_one_write() -> None:
    play = Play().open()
    timers = len(play.clock.getDelayedCalls())
    play.request(*range(20))
    assert play.wire.writes == []
    assert len(play.clock.getDelayedCalls()) == timers + 1
    play.clock.advance(0)
    assert len(play.wire.writes) == 1
    play.line.talk()
    assert play.statuses() == [200] * 20
    assert play.connection.has_answered and play.connection.in_flight == 0


def test_requests_made_while_answers_come_leave_in_one_write_too() -> None:
    play = Play().open()
    play.request(1, 2, 3)
    more = iter(range(4, 7))

    def done(result: Answer) -> None:
        play.results.append(result)
        for number in more:
            play.request(number)

    play.connection.request(push(0), done, 30.0)
    play.clock.advance(0)
    play.provider.hears(play.wire.says())
    play.wire.writes.clear()
    play.wire.hears(play.provider.says())
    with_requests = [write for write in play.wire.writes if len(write) > 60]
    assert len(with_requests) == 1
    play.line.talk()
    assert play.statuses() == [200] * 7


def test_without_capacity_a_request_is_refused() -> None:
    play = Play(provider=Provider(limit=1, answers=False)).open()
    play.request(1)
    with pytest.raises(ValueError, match="takes no request"):
        play.request(2)


def test_an_answer_that_does_not_come_in_time_is_waited_for_no_longer() -> None:
    """APNs sometimes never answers a stream."""
    play = Play(provider=Provider(answers=False)).open()
    play.request(1, timeout=5.0)
    play.request(2, timeout=20.0)
    play.turn()
    play.clock.advance(4.9)
    assert play.results == []
    play.clock.advance(0.1)
    assert play.results == [NoAnswer(was_processed=None, why="no answer came in time")]
    play.line.talk()
    assert play.provider.resets == {1: CANCEL}
    assert play.connection.in_flight == 1
    play.clock.advance(15.0)
    assert len(play.results) == 2 and play.connection.capacity == 100


def test_a_silent_connection_is_pinged_and_an_answer_keeps_it() -> None:
    play = Play().open()
    for _ in range(3):
        play.clock.advance(60.0)
        play.line.talk()
    assert play.provider.pings == 3
    assert not play.wire.is_ending


def test_a_connection_that_does_not_answer_a_ping_is_cut() -> None:
    """So a dead connection is found before a call needs it."""
    play = Play(provider=Provider(answers=False)).open()
    play.request(1, timeout=1000.0)
    play.turn()
    play.clock.advance(60.0)
    play.clock.advance(10.0)
    assert play.wire.aborted
    assert play.connection.capacity == 0
    play.wire.goes()
    why = "the provider did not answer a ping"
    assert play.results == [NoAnswer(was_processed=None, why=why)]
    assert play.owner.told[-1] == f"lost: {why}"


def test_a_connection_on_which_a_call_got_no_answer_is_pinged_at_once() -> None:
    """A minute later every other call would have lost its four seconds there."""
    play = Play(provider=Provider(answers=False)).open()
    play.request(1, timeout=4.0)
    play.turn()
    play.clock.advance(4.0)
    assert not play.wire.aborted
    play.clock.advance(10.0)
    assert play.wire.aborted


def test_a_connection_that_never_opens_is_cut() -> None:
    play = Play()
    play.clock.advance(10.0)
    assert play.wire.aborted
    play.wire.goes()
    assert play.owner.told == ["lost: the connection was not open in time"]


def test_a_full_transport_takes_no_requests_and_is_written_nothing() -> None:
    play = Play().open()
    play.request(1)
    play.wire.producer.pauseProducing()
    assert play.connection.capacity == 0
    play.clock.advance(0)
    assert play.wire.writes == []
    capacities = []
    play.owner.on_change.append(lambda connection: capacities.append(connection.capacity))
    play.wire.producer.resumeProducing()
    assert capacities[0] == 99
    assert len(play.wire.writes) == 1
    play.line.talk()
    assert play.statuses() == [200]


def test_pressure_does_not_hold_deadlines_up() -> None:
    play = Play().open()
    play.request(1, timeout=5.0)
    play.wire.producer.pauseProducing()
    play.clock.advance(0)
    play.clock.advance(5.0)
    assert play.results == [NoAnswer(was_processed=False, why="no answer came in time")]


def test_a_provider_that_goes_away_is_left_after_the_last_answer() -> None:
    play = Play(provider=Provider(answers=False)).open()
    play.request(1)
    play.turn()
    play.provider.go_away(1)
    play.line.talk()
    assert play.owner.told[-1] == "going: NO_ERROR"
    assert not play.wire.is_ending
    play.provider.answer(1)
    play.line.talk()
    assert play.statuses() == [200]
    assert play.wire.disconnecting
    play.wire.goes()
    assert play.owner.told[-1] == "lost: the provider closed the connection"


def test_a_retired_connection_closes_after_its_last_answer() -> None:
    play = Play(provider=Provider(answers=False)).open()
    play.request(1)
    play.turn()
    play.connection.retire()
    assert play.connection.capacity == 0 and not play.wire.is_ending
    play.provider.answer(1)
    play.line.talk()
    assert play.statuses() == [200]
    assert play.wire.disconnecting and play.provider.goaway_code == 0


def test_an_idle_connection_retires_at_once() -> None:
    play = Play().open()
    play.connection.retire()
    assert play.wire.disconnecting
    play.line.talk()
    assert play.provider.goaway_code == 0


def test_a_close_gives_up_what_is_in_flight_and_lets_go_of_the_transport() -> None:
    """A registered producer would keep TLS from ending."""
    play = Play(provider=Provider(answers=False)).open()
    play.request(1)
    play.turn()
    play.connection.close("enough")
    play.connection.close("twice")
    assert play.results == [NoAnswer(was_processed=None, why="enough")]
    assert play.wire.producer is None and play.wire.disconnecting
    play.wire.hears(b"whatever it still says")
    play.wire.goes()
    assert play.owner.told[-1] == "lost: enough"
    assert play.clock.getDelayedCalls() == []


def test_a_close_that_takes_too_long_is_cut() -> None:
    play = Play().open()
    play.connection.close("enough")
    play.clock.advance(5.0)
    assert play.wire.aborted
    play.wire.goes()
    assert play.owner.told[-1] == "lost: enough"


def test_a_connection_that_is_not_open_is_cut_instead_of_closed() -> None:
    play = Play()
    play.connection.close("stopped")
    assert play.wire.aborted


def test_a_lost_connection_ends_its_requests() -> None:
    play = Play(provider=Provider(answers=False)).open()
    play.request(1)
    play.turn()
    play.request(2)
    play.wire.goes()
    assert [result.was_processed for result in play.results] == [None, False]
    assert play.owner.told[-1] == "lost: the provider closed the connection"
    assert play.clock.getDelayedCalls() == []


def test_who_breaks_http2_is_told_and_left() -> None:
    play = Play().open()
    play.wire.hears(b"\0\0\x08\x06\0\0\0\0\1" + bytes(8))
    assert play.wire.disconnecting
    play.wire.goes()
    assert play.owner.told[-1] == "lost: the provider broke HTTP/2: Protocol error"


def test_who_floods_is_cut() -> None:
    play = Play().open()
    play.wire.hears(b"\0\0\x08\x06\0\0\0\0\0\0\0\0\0\0\0\0\0" * 10_000)
    assert play.wire.aborted
    play.wire.goes()
    assert "HTTP/2 cannot go on" in play.owner.told[-1]


def test_a_fault_of_whoever_gets_an_answer_costs_nobody_elses() -> None:
    play = Play().open()

    def faulty(_: object) -> None:
        raise ZeroDivisionError

    play.connection.request(push(1), faulty, 30.0)
    play.request(2)
    with logged_faults() as faults:
        play.turn()
    assert play.statuses() == [200]
    assert faults == ["fault in the receiver of a provider's answer"]


def test_a_fault_of_ours_ends_this_connection_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(provider=Provider(answers=False)).open()
    play.request(1)
    play.turn()

    def fault(self: Session, octets: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Session, "hears", fault)
    with logged_faults() as faults:
        play.wire.hears(b"anything")
    assert play.wire.aborted
    play.wire.goes()
    assert play.results == [NoAnswer(was_processed=None, why="an internal error")]
    assert faults == ["fault in a connection to a provider"]


def test_a_connection_that_stays_busy_holds_nothing_of_the_past() -> None:
    play = Play().open()
    for _ in range(15):
        play.request(*range(100))
        play.turn()
    assert len(play.results) == 1_500
    assert play.connection.in_flight == 0
    assert len(play.clock.getDelayedCalls()) == 1
