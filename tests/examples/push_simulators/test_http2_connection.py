"""The server's side of HTTP/2 (RFC 9113), against h2's client in memory."""

from typing import Any

import pytest
from h2.settings import SettingCodes
from hyperframe.frame import PriorityFrame

from examples.push_simulators.conduct import Conduct
from examples.push_simulators.exchange import Reply
from examples.push_simulators.http2_connection import LONGEST_BODY
from examples.push_simulators.script import (
    Reset,
    Rule,
    SayRow,
    Silence,
)
from tests.examples.push_simulators.http2_client import Meeting, frames

STREAMS, WINDOW = SettingCodes.MAX_CONCURRENT_STREAMS, SettingCodes.INITIAL_WINDOW_SIZE
REFUSED_STREAM = 7


def answers(heard: list[Any]) -> list[Any]:
    return [each for each in heard if each[0] != "settings"]


def done(meeting: Meeting) -> list[str]:
    return [each.done for each in meeting.arrivals.kept]


def test_a_request_is_noted_and_answered() -> None:
    meeting = Meeting()
    meeting.clock.advance(100.0)
    stream = meeting.asks(body=b"hello", token="t", id="1")
    assert answers(meeting.exchange()) == [(stream, 200)]
    (arrived,) = meeting.arrivals.kept
    assert (arrived.body, arrived.token, arrived.id, arrived.done) == (b"hello", "t", "1", "200")
    assert (arrived.at, arrived.visit, arrived.stream) == (100.0, 1, stream)
    assert ("token", "t") in arrived.headers


def test_the_settings_say_how_many_streams_there_may_be() -> None:
    meeting = Meeting(conduct=Conduct(stream_limit=100))
    ((_, settings),) = meeting.exchange()
    assert settings[STREAMS] == 100


def test_streams_are_one_until_a_request_was_right() -> None:
    """As APNs has it with tokens; a wrong one changes nothing."""
    meeting = Meeting(conduct=Conduct(first_limit=1))
    ((_, settings),) = meeting.exchange()
    assert settings[STREAMS] == 1
    meeting.asks(refusal="yes")
    assert len(meeting.exchange()) == 1
    meeting.asks()
    assert ("settings", {STREAMS: 1000}) in meeting.exchange()


def test_a_stream_too_many_is_refused_and_noted() -> None:
    """RFC 9113 section 5.1.2; it was not looked at."""
    meeting = Meeting(conduct=Conduct(stream_limit=1))
    meeting.simulator.script.add(Rule(Silence()))
    meeting.exchange()
    meeting.asks()
    meeting.exchange()
    meeting.client.remote_settings[STREAMS] = 100
    meeting.client.remote_settings.acknowledge()
    second = meeting.asks()
    assert answers(meeting.exchange()) == [(second, f"reset {REFUSED_STREAM}")]
    assert meeting.conduct.faults == ["more streams than allowed"]
    assert len(meeting.arrivals.kept) == 1


def test_who_has_not_heard_of_a_limit_is_refused_without_a_fault() -> None:
    meeting = Meeting(conduct=Conduct(stream_limit=1))
    meeting.simulator.script.add(Rule(Silence()))
    meeting.asks()
    second = meeting.asks()
    assert answers(meeting.exchange()) == [(second, f"reset {REFUSED_STREAM}")]
    assert meeting.conduct.faults == []


def test_a_shrinking_limit_spares_what_is_open() -> None:
    meeting = Meeting(conduct=Conduct(stream_limit=3))
    meeting.simulator.script.add(Rule(Silence(), times=2))
    meeting.exchange()
    meeting.asks()
    meeting.asks()
    meeting.exchange()
    meeting.conduct.stream_limit = 1
    meeting.conduct.announce()
    assert meeting.exchange() == [("settings", {STREAMS: 1})]
    meeting.conduct.stream_limit = 3
    meeting.conduct.announce()
    meeting.exchange()
    third = meeting.asks()
    assert answers(meeting.exchange()) == [(third, 200)]
    assert meeting.conduct.faults == []


def test_a_window_of_one_octet_is_opened_again_and_again() -> None:
    meeting = Meeting(conduct=Conduct(window=1))
    meeting.exchange()
    stream = meeting.client.get_next_available_stream_id()
    meeting.asks(body=b"", ends=False)
    body = b"five!"
    for place in range(len(body)):
        assert meeting.client.local_flow_control_window(stream) == 1
        last = place == len(body) - 1
        meeting.client.send_data(stream, body[place : place + 1], end_stream=last)
        meeting.exchange()
    assert meeting.arrivals.kept[0].body == body


def test_the_connections_window_is_opened_again() -> None:
    """18 MiB pass through a window of 16."""
    meeting = Meeting()
    meeting.exchange()
    for _ in range(300):
        meeting.asks(body=b"x" * 16_000)
        meeting.asks(body=b"x" * 16_000)
        meeting.asks(body=b"x" * 16_000)
        meeting.asks(body=b"x" * 16_000)
        meeting.exchange()
    assert meeting.arrivals.counts["lenient 200"] == 1200


def test_an_answer_waits_for_the_clients_window() -> None:
    meeting = Meeting()
    meeting.judge.reply = Reply(400, (), b"x" * 100)
    meeting.client.update_settings({WINDOW: 10})
    meeting.exchange()
    stream = meeting.asks()
    assert answers(meeting.exchange()) == [(stream, 400), (stream, b"x" * 10)]
    meeting.client.increment_flow_control_window(90, stream)
    assert meeting.exchange() == [(stream, b"x" * 90)]


def test_a_row_is_said_by_the_script() -> None:
    meeting = Meeting()
    meeting.simulator.script.add(Rule(SayRow(row="410 Gone")))
    stream = meeting.asks()
    assert answers(meeting.exchange()) == [(stream, 410), (stream, b"gone")]


def test_silence_is_about_one_request() -> None:
    meeting = Meeting()
    meeting.simulator.script.add(Rule(Silence()))
    meeting.asks()
    second = meeting.asks()
    assert answers(meeting.exchange()) == [(second, 200)]
    assert done(meeting) == ["silence", "200"]


def test_what_a_client_has_cancelled_is_not_answered() -> None:
    meeting = Meeting()
    meeting.simulator.conduct.latency = 5.0
    stream = meeting.asks()
    meeting.exchange()
    meeting.client.reset_stream(stream, 8)
    meeting.exchange()
    meeting.clock.advance(10.0)
    assert meeting.exchange() == []
    assert done(meeting) == ["cancelled"]


def test_a_stream_is_reset_with_any_code() -> None:
    meeting = Meeting()
    meeting.simulator.script.add(Rule(Reset(11)))
    stream = meeting.asks()
    assert answers(meeting.exchange()) == [(stream, "reset 11")]
    assert done(meeting) == ["reset"]


def test_an_answer_comes_after_its_latency() -> None:
    meeting = Meeting()
    meeting.conduct.latency = 0.2
    meeting.simulator.script.add(Rule(Silence(), token="other"))
    stream = meeting.asks()
    assert answers(meeting.exchange()) == []
    meeting.clock.advance(0.1)
    assert meeting.exchange() == []
    meeting.clock.advance(0.1)
    assert meeting.exchange() == [(stream, 200)]
    assert meeting.arrivals.kept[0].done_at == 0.2


def test_a_ping_is_answered() -> None:
    meeting = Meeting()
    meeting.exchange()
    meeting.client.ping(b"12345678")
    meeting.server.dataReceived(meeting.client.data_to_send())
    (pong,) = frames(meeting.wire.said())
    assert pong.opaque_data == b"12345678"
    assert "ACK" in pong.flags


def test_a_body_without_end_is_cut_off() -> None:
    meeting = Meeting()
    meeting.exchange()
    stream = meeting.asks(ends=False)
    heard: list[Any] = []
    for _ in range(LONGEST_BODY // 16_000 + 1):
        if not heard:
            meeting.client.send_data(stream, b"x" * 16_000)
            heard = meeting.exchange()
    assert heard == [(stream, "reset 11")]
    assert list(meeting.arrivals.kept) == []


def test_priorities_are_noted_as_a_fault() -> None:
    """Apple ignores them, and asks senders not to send any."""
    meeting = Meeting()
    meeting.exchange()
    meeting.server.dataReceived(PriorityFrame(stream_id=1, depends_on=0).serialize())
    assert meeting.conduct.faults == ["a PRIORITY frame"]


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n" * 3, b"\0\0\0\x99" * 20])
def test_what_is_no_http_2_ends_the_connection(octets: bytes) -> None:
    meeting = Meeting()
    meeting.server.dataReceived(octets)
    assert meeting.wire.disconnecting
    assert meeting.conduct.faults
