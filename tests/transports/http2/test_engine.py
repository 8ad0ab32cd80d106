"""HTTP/2's client side against another implementation's server, on octets in memory."""

import gc
import json

import pytest
from hyperframe.frame import Frame, HeadersFrame, SettingsFrame, WindowUpdateFrame

from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer, NoAnswer
from procall_mobility.transports.http2.engine import MOST_DEBUG, MOST_STREAMS, Engine
from procall_mobility.transports.http2.events import CapacityChanged, GoingAway, Ponged
from procall_mobility.transports.http2.session import Broken, _native
from tests.transports.http2.provider import (
    CANCEL,
    INITIAL_WINDOW,
    INTERNAL_ERROR,
    NO_ERROR,
    REFUSED_STREAM,
    Dialogue,
    Provider,
    opened,
    push,
)


def test_a_request_arrives_as_it_is_and_its_answer_comes_back() -> None:
    """RFC 9113 section 8.1."""
    dialogue = opened(answers=False)
    (stream,) = dialogue.request(push(7, b'{"aps":{"alert":"hello"}}'))
    dialogue.talk()
    heard = dialogue.provider.heard[stream]
    assert heard.fields == {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "push.example",
        ":path": "/3/device/7",
        "apns-id": "id-7",
        "apns-topic": "com.example.app",
        "content-length": "25",
    }
    assert heard.body == b'{"aps":{"alert":"hello"}}' and heard.is_whole
    dialogue.provider.answer(stream, 400, b'{"reason":"BadTopic"}', ("x", "1"), ("x", "2"))
    dialogue.talk()
    assert dialogue.results() == {
        stream: Answer(
            status=400, headers={"apns-id": "id-7", "x": "1"}, body=b'{"reason":"BadTopic"}'
        )
    }
    assert dialogue.engine.in_flight == 0


def test_a_request_without_a_body_ends_with_its_header() -> None:
    dialogue = opened()
    (stream,) = dialogue.request(push(1, b""))
    dialogue.talk()
    assert dialogue.provider.heard[stream].is_whole
    assert "content-length" not in dialogue.provider.heard[stream].fields
    assert dialogue.results()[stream].status == 200


def test_nothing_is_asked_before_the_provider_has_said_its_limit() -> None:
    """RFC 9113 section 6.5.2: the value may be one, and some end connections that exceed it."""
    engine = Engine("https", "push.example")
    assert engine.streams == engine.capacity == 0
    with pytest.raises(ValueError, match="takes no request"):
        engine.request(push())
    dialogue = Dialogue(engine, Provider(limit=1)).talk()
    assert dialogue.of(CapacityChanged) == [CapacityChanged(1)]
    assert engine.streams == engine.capacity == 1
    engine.lost("")


def test_a_provider_without_a_limit_gets_ours() -> None:
    assert opened(limit=None).engine.capacity == MOST_STREAMS
    assert opened(limit=5_000).engine.capacity == MOST_STREAMS


def test_a_limit_that_shrinks_below_what_is_in_flight_is_obeyed() -> None:
    """APNs goes down to one stream after rejections, and up again after a success."""
    dialogue = opened(limit=10, answers=False)
    streams = dialogue.request(*map(push, range(10)))
    dialogue.talk()
    dialogue.provider.set_limit(1)
    dialogue.talk()
    for stream in streams:
        assert dialogue.engine.capacity == 0
        dialogue.provider.answer(stream)
        dialogue.talk()
    assert dialogue.engine.capacity == 1
    dialogue.provider.set_limit(10)
    dialogue.talk()
    assert dialogue.engine.capacity == 10
    assert dialogue.of(CapacityChanged) == [*map(CapacityChanged, (10, 1, 10))]


def test_a_request_made_just_before_the_limit_shrinks_waits_for_its_turn() -> None:
    dialogue = opened(limit=2, answers=False)
    (first,) = dialogue.request(push(1))
    dialogue.talk()
    dialogue.provider.set_limit(1)
    (second,) = dialogue.request(push(2))
    dialogue.engine.hears(dialogue.provider.says())
    dialogue.talk()
    assert [*dialogue.provider.heard] == [first]
    dialogue.provider.answer(first)
    dialogue.talk()
    assert [*dialogue.provider.heard] == [first, second]


def test_a_request_that_waits_for_its_turn_was_not_processed() -> None:
    dialogue = opened(limit=2, answers=False)
    (first,) = dialogue.request(push(1))
    dialogue.talk()
    dialogue.provider.set_limit(1)
    (second,) = dialogue.request(push(2))
    dialogue.engine.hears(dialogue.provider.says())
    dialogue.talk()
    dialogue.engine.cancel(second, "late")
    dialogue.talk()
    assert dialogue.results() == {second: NoAnswer(was_processed=False, why="late")}
    dialogue.provider.answer(first)
    dialogue.talk()
    assert [*dialogue.provider.heard] == [first]


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


def test_a_body_waits_for_windows_of_one_octet() -> None:
    """RFC 9113 section 6.9."""
    dialogue = opened(window=1, answers=False)
    (stream,) = dialogue.request(push(1, bytes(range(100))))
    dialogue.talk()
    assert dialogue.provider.heard[stream].body == bytes(range(100))


def test_an_answer_before_the_whole_request_is_one() -> None:
    """RFC 9113 section 8.1: what is left of the request is not sent any more."""
    dialogue = opened(answers=False, window=0)
    (stream,) = dialogue.request(push(1, b"x" * 4000))
    dialogue.talk()
    dialogue.provider.answer(stream, 413)
    dialogue.talk()
    assert dialogue.results()[stream].status == 413
    assert dialogue.provider.resets == {stream: CANCEL}


def test_an_answer_that_does_not_end_is_cut() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    provider = dialogue.provider
    provider.speech.send_headers(stream, [(":status", "200")])
    provider.speech.send_data(stream, b"a" * LONGEST_ANSWER)
    dialogue.talk()
    assert dialogue.results() == {}
    provider.speech.send_data(stream, b"b" * 10)
    provider.speech.send_data(stream, b"c" * 10)
    dialogue.talk()
    assert dialogue.results()[stream].body == b"a" * LONGEST_ANSWER
    assert provider.resets == {stream: CANCEL}


def test_an_answer_in_many_small_pieces_is_put_together() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.speech.send_headers(stream, [(":status", "200")])
    for octet in range(256):
        dialogue.provider.speech.send_data(stream, bytes([octet]), end_stream=octet == 255)
    dialogue.talk()
    assert dialogue.results()[stream].body == bytes(range(256))


def test_header_fields_beyond_their_bound_are_dropped_and_the_answer_is_one() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    many = [(f"x-{number}", "y" * 990) for number in range(20)]
    dialogue.provider.answer(stream, 200, b"", *many)
    dialogue.talk()
    answer = dialogue.results()[stream]
    assert answer.status == 200
    assert [*answer.headers] == ["apns-id", *(f"x-{number}" for number in range(8))]


def test_interim_answers_and_trailers_leave_no_trace() -> None:
    """RFC 9110 sections 6.5.1 and 15.2."""
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    speech = dialogue.provider.speech
    speech.send_headers(stream, [(":status", "103"), ("link", "early")])
    speech.send_headers(stream, [(":status", "200"), ("x", "1")])
    speech.send_data(stream, b"{}")
    speech.send_headers(stream, [("x", "2"), ("y", "3")], end_stream=True)
    dialogue.talk()
    assert dialogue.results()[stream] == Answer(status=200, headers={"x": "1"}, body=b"{}")


def test_an_answer_of_another_length_than_it_says_is_none() -> None:
    """RFC 9113 section 8.1.1."""
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.speech.config.validate_outbound_headers = False
    dialogue.provider.answer(stream, 200, b"{}", ("content-length", "7"))
    dialogue.talk()
    assert dialogue.results()[stream].was_processed is None


def test_a_ping_is_answered_on_both_sides() -> None:
    dialogue = opened()
    dialogue.engine.ping()
    dialogue.provider.speech.ping(b"12345678")
    dialogue.talk()
    assert dialogue.provider.pings == 1
    assert dialogue.of(Ponged) == [Ponged()]


def test_other_frames_of_the_provider_are_no_news() -> None:
    dialogue = opened()
    for frame in (WindowUpdateFrame(0, 10), SettingsFrame(0, {INITIAL_WINDOW: 70_000})):
        dialogue.engine.hears(frame.serialize())
    assert dialogue.engine.take() == []


def raw(frame: Frame) -> bytes:
    return frame.serialize()


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        raw(SettingsFrame(0)) + b"\0\0\1\x04\0\0\0\0\0\0",
        raw(SettingsFrame(0)) + raw(HeadersFrame(2, b"\x88", flags=["END_HEADERS"])),
    ],
    ids=["another protocol", "a frame of a wrong size", "a stream out of nothing"],
)
def test_who_breaks_the_rules_is_told_and_left(octets: bytes) -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.engine.hears(octets)
    assert dialogue.engine.octets() != b""
    assert dialogue.engine.is_over
    assert dialogue.engine.why_over.startswith("the provider broke HTTP/2")
    dialogue.engine.lost(dialogue.engine.why_over)
    dialogue.events += dialogue.engine.take()
    assert dialogue.results()[stream].was_processed is None


def test_a_flood_that_wants_answers_ends_the_session() -> None:
    """CVE-2019-9512: of acknowledgements no more than a bound is held."""
    dialogue = opened()
    with pytest.raises(Broken, match=r"[Ff]lood"):
        dialogue.engine.hears(b"\0\0\x08\x06\0\0\0\0\0\0\0\0\0\0\0\0\0" * 10_000)


def test_saying_goodbye_ends_the_session() -> None:
    dialogue = opened()
    dialogue.engine.say_goodbye()
    assert dialogue.engine.capacity == 0
    dialogue.provider.hears(dialogue.engine.octets())
    assert dialogue.provider.goaway_code == NO_ERROR
    assert dialogue.engine.is_over


def test_a_connection_that_has_no_more_stream_numbers_goes_away() -> None:
    """RFC 9113 section 5.1.1."""
    dialogue = Dialogue(Engine("https", "push.example", most_requests=2)).talk()
    dialogue.request(push(1))
    assert dialogue.engine.capacity > 0
    dialogue.request(push(2))
    assert dialogue.engine.capacity == 0
    dialogue.talk()
    assert len(dialogue.results()) == 2
    assert dialogue.of(GoingAway) == [GoingAway("no stream numbers are left", b"")]


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


def test_sessions_leave_nothing_behind() -> None:
    gc.collect()
    before = len(_native().listeners)
    for _ in range(50):
        dialogue = opened()
        dialogue.request(*map(push, range(5)))
        dialogue.talk()
        dialogue.engine.lost("done")
    assert len(_native().listeners) == before
