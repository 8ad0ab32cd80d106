"""The runner performs what the pipeline wants: requests, tokens, troubles, the end."""

from attrs import evolve
from twisted.logger import capturedLogs

from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.exchange import Answer, NoAnswer
from tests.gateway.push.fakes import call, push
from tests.gateway.push.memory import MemoryStore
from tests.transports.push_stage import LANE, Stage


def test_a_push_goes_out_by_its_lane_and_its_answer_is_judged() -> None:
    stage = Stage()
    assert (stage.line.destination.host, stage.line.is_started) == ("push.example", True)
    stage.takes(push(1))
    ((request, _),) = stage.line.asked
    assert request.path == f"/{push(1).id}"
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_an_answer_makes_no_room_while_the_transport_is_full() -> None:
    """What went out would not be taken, and be sent again at once, and again."""
    stage = Stage()
    for number in range(3):
        stage.takes(push(number))
    line = stage.line
    line.capacity = 0
    line.capacity_returned()
    stage.takes(push(3))
    line.answers(200)
    line.capacity = 0
    line.answers(200)
    assert [request.path for request, _ in line.asked] == [f"/{push(2).id}"]
    line.opens(10)
    assert len(line.asked) == 2


def test_no_more_goes_out_than_the_connections_carry() -> None:
    stage = Stage()
    stage.line.opens(2)
    for number in range(5):
        stage.takes(push(number))
    assert len(stage.line.asked) == 2
    stage.line.answers(200)
    assert len(stage.line.asked) == 2
    stage.line.opens(10)
    assert len(stage.line.asked) == 4


def test_what_was_not_processed_goes_again_at_once() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.line.answers(NoAnswer(was_processed=False, why="going away"))
    assert len(stage.line.asked) == 1
    stage.line.answers(200)
    assert stage.became(push(1)) == (State.SENT, None)


def test_what_cannot_be_said_any_more_is_rejected() -> None:
    stage = Stage()
    stage.takes(push(1, token="unsayable"))
    assert stage.became(push(1)) == (State.REJECTED, "no-text")
    stage.line.refuses = True
    stage.takes(push(2))
    assert stage.became(push(2)) == (State.REJECTED, "unsayable")


def test_a_fault_in_speaking_to_a_provider_keeps_no_push_in_flight_for_ever() -> None:
    """It waits, and goes out again; what comes after it is not held up."""
    stage = Stage()
    with capturedLogs() as events:
        stage.takes(push(1, token="faulty"))
        stage.takes(push(2))
        stage.line.answers(418)
    assert [each["log_failure"].type for each in events] == [ZeroDivisionError, KeyError]
    assert stage.runner.pipeline.lanes[LANE].in_flight == 0
    stage.clock.advance(600.0)
    stage.line.answers(200)
    assert stage.became(push(2)) == (State.SENT, None)
    stage.clock.advance(7200.0)
    assert stage.became(push(1)) == (State.EXPIRED, "internal")


def test_a_row_that_cannot_be_taken_up_is_told_of_in_the_log() -> None:
    store = MemoryStore()
    odd = push(1)
    store.add([evolve(odd, notification=evolve(odd.notification, expires=None)), push(2)], bool)
    store.commit()
    with capturedLogs() as events:
        stage = Stage(store=store)
    (told,) = [each for each in events if "log_failure" in each]
    assert (told["log_failure"].type, told["push"]) == (TypeError, odd.id)
    assert [request.path for request, _ in stage.line.asked] == [f"/{push(2).id}"]


def test_a_stop_waits_for_what_is_in_flight_and_for_the_connections() -> None:
    stage = Stage()
    stage.takes(push(1))
    ended: list[None] = []
    stopped = stage.runner.stop()
    assert stage.runner.stop() is stopped
    stopped.addCallback(ended.append)
    assert stage.line.stopped is None
    stage.line.answers(200)
    assert ended == []
    assert stage.line.stopped is not None
    stage.line.stopped.callback(None)
    assert ended == [None]
    assert stage.clock.getDelayedCalls() == []


def test_a_stop_does_not_wait_for_ever() -> None:
    stage = Stage()
    stage.takes(push(1))
    stage.runner.stop()
    stage.clock.advance(10)
    assert stage.line.stopped is not None


def test_what_the_end_of_the_last_connection_says_is_known_when_the_store_may_be_closed() -> None:
    """It may be the end of an answer as well (RFC 9112 section 6.3): it would be sent again."""
    stage = Stage(gathers=True)
    stage.takes(push(1))
    stage.clock.advance(0)
    became: list[tuple[State, str | None]] = []
    stage.runner.stop().addCallback(lambda _: became.append(stage.became(push(1))))
    stage.clock.advance(10)
    assert stage.line.stopped is not None
    stage.line.answers(200)
    stage.line.stopped.callback(None)
    assert became == [(State.SENT, None)]
    stage.clock.advance(0)


def test_what_a_provider_is_told_trouble_by_is_logged_and_nothing_else() -> None:
    stage = Stage()
    stage.takes(push(1))
    with capturedLogs() as events:
        stage.line.answers(Answer(status=403, headers={"ms-cv": "a.0"}, body=b"secret"))
    texts = [each["text"] for each in events if each["log_format"] == "push provider said no"]
    assert texts == ["ms-cv=a.0"]
    assert "secret" not in str(events)


def test_an_operator_may_have_it_connect_at_once() -> None:
    stage = Stage()
    stage.runner.hurry([LANE, "one that is no more"])
    assert (stage.line.hurried, stage.wanted) == (1, [True])


def test_a_call_does_not_wait_for_the_next_attempt_to_connect() -> None:
    stage = Stage()
    stage.line.opens(0)
    stage.takes(call())
    assert stage.line.hurried == 1
    stage.clock.pump([0.5] * 8)
    assert stage.line.hurried == 3
