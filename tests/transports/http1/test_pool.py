"""Requests by HTTP/1.1 on connections that stay: one after another, several beside each other."""

import pytest
from attrs import evolve
from OpenSSL import SSL
from twisted.logger import capturedLogs

from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer, NoAnswer
from tests.transports.http1.stage import OK, Stage, push


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_requests_go_one_after_another_by_one_connection(stage: Stage) -> None:
    """RFC 9112 section 9.3."""
    wire = stage.open()
    assert wire.options == {"no delay", "keep alive"}
    for number in range(3):
        assert (stage.pool.capacity, stage.pool.streams) == (1, 1)
        assert stage.request(number) == 0
        assert (stage.pool.capacity, stage.pool.streams) == (0, 1)
        assert wire.says().startswith(
            b"POST /?token=%d HTTP/1.1\r\nhost: push.example\r\n" % number
        )
        wire.hears(OK[:20])
        wire.hears(OK[20:])
        assert isinstance(stage.results[number], Answer)
        if number == 0:
            stage.network.fail()  # The second connection that was begun under load.
    assert stage.told[0] == 1


def test_under_load_there_are_more_connections_and_no_more_than_there_may_be(
    stage: Stage,
) -> None:
    stage.open()
    count = 0
    while stage.pool.capacity:
        stage.request(count)
        count += 1
        if stage.network.waiting:
            stage.network.succeed()
    assert count == 16
    assert stage.told == list(range(1, 17))
    assert stage.request() is None
    stage.clock.advance(0)
    (refused,) = stage.results
    assert isinstance(refused, NoAnswer)
    assert refused.was_processed is False


def test_a_connection_that_failed_a_push_can_be_avoided(stage: Stage) -> None:
    first = stage.open()
    stage.request()
    stage.network.succeed()
    first.hears(OK)
    assert stage.request(avoid=0) == 1
    assert stage.request(avoid=0) == 0, "there is no other one"


def test_the_next_request_may_be_made_when_an_answer_is_told(stage: Stage) -> None:
    wire = stage.open()
    stage.pool.request(push(1), lambda _: stage.request(2), 30.0)
    wire.says()
    wire.hears(OK)
    assert b"token=2" in wire.says()


@pytest.mark.parametrize(
    "last",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * LONGEST_ANSWER,
    ],
)
def test_after_its_last_answer_a_connection_is_replaced(stage: Stage, last: bytes) -> None:
    wire = stage.open()
    stage.request()
    stage.network.fail()
    stage.clock.advance(1.0)
    stage.network.succeed()
    wire.hears(last)
    assert isinstance(stage.results[0], Answer)
    assert wire.disconnecting
    assert stage.pool.capacity == 1
    wire.hears(b"more")
    wire.goes()
    assert len(stage.results) == 1


def test_a_body_that_ends_with_the_connection_is_whole(stage: Stage) -> None:
    wire = stage.open()
    stage.request()
    wire.hears(b"HTTP/1.0 503 Busy\r\n\r\nlater")
    wire.goes()
    assert stage.results == [Answer(status=503, headers={}, body=b"later")]


def test_what_is_lost_may_have_been_processed(stage: Stage) -> None:
    wire = stage.open()
    stage.request()
    wire.goes()
    assert stage.results == [NoAnswer(was_processed=None, why="the provider ended the connection")]


def test_silence_ends_the_connection(stage: Stage) -> None:
    wire = stage.open()
    stage.request()
    stage.clock.advance(29.0)
    assert not wire.aborted
    stage.clock.advance(1.0)
    assert wire.aborted
    wire.goes()
    assert stage.results == [NoAnswer(was_processed=None, why="no answer came in time")]


@pytest.mark.parametrize(
    ("asks", "said", "why"),
    [
        (True, b"SSH-2.0\r\n", "HTTP/1.1 cannot go on: there is no status"),
        (False, OK, "the provider spoke without being asked"),
    ],
)
def test_a_peer_that_is_not_understood_is_left(
    stage: Stage, asks: bool, said: bytes, why: str
) -> None:
    wire = stage.open()
    if asks:
        stage.request()
    wire.hears(said)
    assert wire.aborted
    wire.goes()
    assert stage.results == ([NoAnswer(was_processed=None, why=why)] if asks else [])
    assert stage.pool.trouble == why


def test_why_tls_has_failed_is_told(stage: Stage) -> None:
    stage.open().goes(SSL.Error([("", "", "certificate verify failed")]))
    assert "certificate verify failed" in (stage.pool.trouble or "")


def test_what_is_no_header_field_is_not_sent(stage: Stage) -> None:
    wire = stage.open()
    smuggled = evolve(push(), headers=(("a", "b\r\nc: d"),))
    with pytest.raises(ValueError, match="printable"):
        stage.pool.request(smuggled, stage.results.append, 30.0)
    assert wire.says() == b""
    assert stage.pool.capacity == 1


def test_a_fault_of_whoever_gets_an_answer_costs_nobody_else(stage: Stage) -> None:
    wire = stage.open()
    stage.pool.request(push(), lambda _: 1 / 0, 30.0)
    with capturedLogs() as events:
        wire.hears(OK)
    assert ["log_failure" in each for each in events] == [True]
    assert stage.pool.capacity == 1


def test_a_stop_waits_for_answers(stage: Stage) -> None:
    wire = stage.open()
    stage.request()
    stage.network.fail()
    stopped = stage.pool.stop(5.0)
    assert not wire.disconnecting
    wire.hears(OK)
    assert wire.disconnecting
    wire.goes()
    assert stopped.called
    assert isinstance(stage.results[0], Answer)


def test_a_stop_gives_up_after_its_time(stage: Stage) -> None:
    wire = stage.open()
    stage.request()
    stage.network.fail()
    stopped = stage.pool.stop(5.0)
    stage.clock.advance(5.0)
    assert stage.results == [NoAnswer(was_processed=None, why="stopped")]
    assert wire.disconnecting
    assert not wire.aborted
    stage.clock.advance(5.0)
    assert wire.aborted, "it does not end by itself"
    wire.goes()
    assert stopped.called


def test_a_stop_ends_what_nobody_uses(stage: Stage) -> None:
    wire = stage.open()
    stopped = stage.pool.stop(5.0)
    assert wire.disconnecting
    wire.goes()
    assert stopped.called


def test_a_retired_connection_takes_nothing(stage: Stage) -> None:
    wire = stage.open()
    connection = wire.protocol
    connection.close("stopped")
    connection.close("again")
    with pytest.raises(ValueError, match="no request"):
        connection.request(push(), stage.results.append, 1.0)


def test_a_provider_that_is_never_reached_does_not_fill_the_service_book(stage: Stage) -> None:
    """A thousand strangers' hosts may be tried once a minute each, for weeks."""
    stage.pool.start()
    with capturedLogs() as events:
        for _ in range(1000):
            stage.network.fail()
            stage.clock.advance(60.0)
    lines = [each for each in events if each["log_format"] == "push provider not reached"]
    assert 200 <= len(lines) <= 20 + 1000 // 5
    assert stage.pool.trouble is not None
