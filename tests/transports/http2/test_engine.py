"""HTTP/2's client side against another implementation's server, on octets in memory."""

import gc

import pytest
from hyperframe.frame import Frame, HeadersFrame, SettingsFrame, WindowUpdateFrame

from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.transports.http2.events import Ponged
from procall_mobility.transports.http2.session import Broken, _native
from tests.transports.http2.provider import INITIAL_WINDOW, NO_ERROR, opened, push


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


def test_a_body_waits_for_windows_of_one_octet() -> None:
    """RFC 9113 section 6.9."""
    dialogue = opened(window=1, answers=False)
    (stream,) = dialogue.request(push(1, bytes(range(100))))
    dialogue.talk()
    assert dialogue.provider.heard[stream].body == bytes(range(100))


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


def test_sessions_leave_nothing_behind() -> None:
    gc.collect()
    before = len(_native().listeners)
    for _ in range(50):
        dialogue = opened()
        dialogue.request(*map(push, range(5)))
        dialogue.talk()
        dialogue.engine.lost("done")
    assert len(_native().listeners) == before
