"""Requests that are not answered: which of them were not processed, and of which nobody knows."""

import json

import pytest

from procall_mobility.protocols.push.exchange import Answer, NoAnswer
from procall_mobility.transports.http2.engine import MOST_DEBUG
from procall_mobility.transports.http2.events import GoingAway
from tests.transports.http2.provider import (
    CANCEL,
    INTERNAL_ERROR,
    NO_ERROR,
    REFUSED_STREAM,
    opened,
    push,
)


def test_a_refused_stream_was_not_processed() -> None:
    """RFC 9113 section 8.7."""
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.reset(stream, REFUSED_STREAM)
    dialogue.talk()
    why = "the stream was closed with REFUSED_STREAM"
    assert dialogue.results() == {stream: NoAnswer(was_processed=False, why=why)}


@pytest.mark.parametrize("code", [INTERNAL_ERROR, CANCEL, NO_ERROR])
def test_of_a_stream_reset_otherwise_nobody_knows(code: int) -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.reset(stream, code)
    dialogue.talk()
    assert dialogue.results()[stream].was_processed is None


def test_a_refusal_of_what_was_begun_to_be_answered_proves_nothing() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.speech.send_headers(stream, [(":status", "200")])
    dialogue.provider.reset(stream, REFUSED_STREAM)
    dialogue.talk()
    assert dialogue.results()[stream].was_processed is None


def test_a_header_without_the_end_of_its_stream_is_no_answer() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.speech.send_headers(stream, [(":status", "200")])
    dialogue.provider.reset(stream, NO_ERROR)
    dialogue.talk()
    assert dialogue.results()[stream].was_processed is None


def test_streams_above_a_goaways_last_one_were_not_processed() -> None:
    """RFC 9113 section 6.8; those below may still be answered."""
    dialogue = opened(answers=False)
    below, above = dialogue.request(push(1), push(2))
    dialogue.talk()
    debug = json.dumps({"reason": "Shutdown"}).encode()
    dialogue.provider.go_away(below, debug=debug)
    dialogue.talk()
    assert dialogue.of(GoingAway) == [GoingAway("NO_ERROR", debug)]
    assert dialogue.results()[above].was_processed is False
    assert dialogue.engine.capacity == 0 and not dialogue.engine.is_over
    with pytest.raises(ValueError, match="takes no request"):
        dialogue.request()
    dialogue.provider.answer(below)
    dialogue.talk()
    assert dialogue.results()[below].status == 200
    assert dialogue.engine.is_over


def test_a_request_that_has_not_left_when_goaway_comes_was_not_processed() -> None:
    dialogue = opened(answers=False)
    dialogue.provider.go_away(2**31 - 1)
    goaway = dialogue.provider.says()
    (stream,) = dialogue.request()
    dialogue.engine.hears(goaway)
    dialogue.talk()
    assert dialogue.results()[stream].was_processed is False
    assert dialogue.provider.heard == {}


def test_a_goaway_may_be_followed_by_a_lower_one() -> None:
    """RFC 9113 section 6.8: first the warning, then the number."""
    dialogue = opened(answers=False)
    first, second = dialogue.request(push(1), push(2))
    dialogue.talk()
    dialogue.provider.go_away(2**31 - 1)
    dialogue.talk()
    assert dialogue.results() == {}
    dialogue.provider.go_away(first)
    dialogue.talk()
    assert [*dialogue.results()] == [second]


def test_a_goaways_debug_data_are_kept_up_to_a_bound() -> None:
    dialogue = opened()
    dialogue.provider.go_away(0, INTERNAL_ERROR, b"x" * 1000)
    dialogue.talk()
    assert dialogue.of(GoingAway) == [GoingAway("INTERNAL_ERROR", b"x" * MOST_DEBUG)]


def test_of_requests_on_a_lost_connection_nobody_knows() -> None:
    dialogue = opened(limit=1, answers=False)
    (sent,) = dialogue.request(push(1))
    dialogue.talk()
    dialogue.engine.lost("the cable")
    dialogue.engine.lost("twice")
    dialogue.events += dialogue.engine.take()
    assert dialogue.results() == {sent: NoAnswer(was_processed=None, why="the cable")}
    assert dialogue.engine.is_over and dialogue.engine.capacity == 0
    dialogue.engine.hears(b"too late")
    assert dialogue.engine.octets() == b""


def test_a_request_that_has_not_left_a_lost_connection_was_not_processed() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request(push(1))
    dialogue.engine.lost("the cable")
    dialogue.events += dialogue.engine.take()
    assert dialogue.results()[stream].was_processed is False


def test_a_cancelled_request_is_reset_and_has_its_one_result() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.engine.cancel(stream, "late")
    dialogue.engine.cancel(stream, "twice")
    assert dialogue.engine.in_flight == 0
    dialogue.talk()
    assert dialogue.results() == {stream: NoAnswer(was_processed=None, why="late")}
    assert dialogue.provider.resets == {stream: CANCEL}


def test_an_answer_that_meets_the_cancellation_on_its_way_is_dropped() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.engine.cancel(stream, "late")
    dialogue.provider.answer(stream, 200, b"{}")
    dialogue.engine.hears(dialogue.provider.says())
    dialogue.talk()
    assert dialogue.results() == {stream: NoAnswer(was_processed=None, why="late")}


def test_three_thousand_requests_through_six_goaways_are_answered_once_each() -> None:
    """The provider conforms: it does nothing for a stream above its GOAWAY's last one."""
    waiting = [*range(3_000)]
    answered: list[str] = []
    done: list[str] = []
    goaways = 0
    while waiting:
        dialogue = opened(answers=False, limit=100)
        of_stream: dict[int, int] = {}
        served = 0
        while not dialogue.engine.is_over and (waiting or dialogue.engine.in_flight):
            while waiting and dialogue.engine.capacity:
                number = waiting.pop()
                of_stream[dialogue.engine.request(push(number))] = number
            dialogue.talk()
            provider = dialogue.provider
            open_streams = provider.unanswered
            if goaways < 6 and served > 400 and provider.last_stream is None:
                provider.go_away(open_streams[len(open_streams) // 2])
                goaways += 1
            for stream in open_streams[:70]:
                if provider.last_stream is None or stream <= provider.last_stream:
                    done.append(provider.heard[stream].fields["apns-id"])
                    provider.answer(stream)
                    served += 1
            dialogue.talk()
        for stream, result in dialogue.results().items():
            if isinstance(result, Answer):
                answered.append(result.headers["apns-id"])
            else:
                assert result.was_processed is False
                waiting.append(of_stream[stream])
        dialogue.engine.lost("done")
    assert goaways == 6
    assert len(answered) == len(set(answered)) == 3_000
    assert sorted(done) == sorted(answered)
