"""How connections of HTTP/2 end, by a server's will or against it (RFC 9113 section 6.8)."""

import json
from typing import Any

from hyperframe.frame import GoAwayFrame, HeadersFrame

from examples.push_simulators.script import Deaf, Drop, GoAway, Rule, Silence
from tests.examples.push_simulators.http2_client import Meeting, frames


def goaways(data: bytes) -> list[Any]:
    return [each for each in frames(data) if isinstance(each, GoAwayFrame)]


def done(meeting: Meeting) -> list[str]:
    return [each.done for each in meeting.arrivals.kept]


def test_goodbye_comes_with_its_reason_after_what_was_begun_is_answered() -> None:
    """Section 6.8; the frames are read as such, since h2's client hears nothing more after it."""
    meeting = Meeting()
    meeting.exchange()
    meeting.simulator.script.add(Rule(GoAway(reason="Shutdown"), skip=1))
    for _ in range(2):
        meeting.asks()
    meeting.server.dataReceived(meeting.client.data_to_send())
    said = meeting.wire.said()
    (goaway,) = goaways(said)
    assert goaway.last_stream_id == 3
    assert json.loads(goaway.additional_data) == {"reason": "Shutdown"}
    assert [each.stream_id for each in frames(said) if isinstance(each, HeadersFrame)] == [1, 3]
    assert meeting.wire.disconnecting


def test_requests_above_the_last_stream_were_not_looked_at_and_do_not_count() -> None:
    """A conforming sender sends them again at once, and there is no duplicate."""
    meeting = Meeting()
    meeting.exchange()
    meeting.simulator.script.add(Rule(Silence(), times=1))
    meeting.simulator.script.add(Rule(GoAway(below=1)))
    meeting.asks(id="a")
    meeting.asks(id="b")
    meeting.asks(id="c")
    meeting.server.dataReceived(meeting.client.data_to_send())
    (goaway,) = goaways(meeting.wire.said())
    assert goaway.last_stream_id == 1
    assert done(meeting) == ["silence", "unprocessed"]
    assert meeting.arrivals.ids == {"lenient a": 1}
    assert not meeting.wire.disconnecting


def test_no_goodbye_denies_what_was_answered() -> None:
    meeting = Meeting()
    meeting.exchange()
    meeting.simulator.script.add(Rule(Silence()))
    meeting.asks(id="a")
    meeting.asks(id="b")
    meeting.exchange()
    meeting.conduct.say_goodbye(GoAway(below=9))
    (goaway,) = goaways(meeting.wire.said())
    assert goaway.last_stream_id == 3
    assert done(meeting) == ["silence", "200"]


def test_a_goodbye_may_leave_the_end_to_the_client() -> None:
    meeting = Meeting()
    meeting.exchange()
    meeting.conduct.say_goodbye(GoAway(closes=False, code=2))
    (goaway,) = goaways(meeting.wire.said())
    assert (goaway.error_code, goaway.additional_data) == (2, b"")
    assert not meeting.wire.disconnecting
    meeting.conduct.say_goodbye(GoAway())
    assert meeting.wire.disconnecting


def test_the_deaf_neither_hear_nor_speak() -> None:
    meeting = Meeting()
    meeting.exchange()
    meeting.simulator.script.add(Rule(Deaf()))
    meeting.asks()
    meeting.exchange()
    meeting.client.ping(b"12345678")
    meeting.conduct.say_goodbye(GoAway())
    meeting.conduct.stream_limit = 1
    meeting.conduct.announce()
    assert meeting.exchange() == []
    assert meeting.wire.producerState == "paused"
    assert done(meeting) == ["deaf"]


def test_a_connection_is_dropped_or_cut() -> None:
    meeting = Meeting()
    meeting.simulator.script.add(Rule(Drop()))
    meeting.asks()
    meeting.exchange()
    assert meeting.wire.aborted
    meeting.connects()
    meeting.conduct.cut()
    assert meeting.wire.aborted


def test_what_is_unanswered_at_the_end_is_told() -> None:
    for cleanly, word in ((True, "lost"), (False, "cut")):
        meeting = Meeting()
        meeting.conduct.latency = 1.0
        meeting.asks()
        meeting.exchange()
        meeting.loses(cleanly=cleanly)
        meeting.clock.advance(2.0)
        assert done(meeting) == [word]
        assert meeting.conduct.open == set()
