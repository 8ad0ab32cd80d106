"""Connections that fail, or go, are replaced: at once where that does no harm."""

from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.transports.provider_client import MOST_LEAVING
from tests.transports.http2.client_stage import Stage
from tests.transports.http2.provider import REFUSED_STREAM


def test_attempts_that_fail_are_made_again_with_growing_waits_and_one_at_a_time() -> None:
    """Those that failed together at first are one failure."""
    stage = Stage()
    stage.client.start()
    stage.network.fail("no route")
    stage.network.fail("no route")
    assert stage.client.trouble == "no route"
    assert stage.network.waiting == []
    waits = []
    for _ in range(8):
        waited = 0.0
        while not stage.network.waiting:
            stage.clock.advance(0.5)
            waited += 0.5
        waits.append(waited)
        assert len(stage.network.waiting) == 1
        stage.network.fail("no route")
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_an_operator_may_have_it_tried_at_once() -> None:
    stage = Stage()
    stage.client.start()
    stage.network.fail()
    stage.network.fail()
    stage.client.hurry()
    assert len(stage.network.waiting) == 1
    stage.client.hurry()
    assert len(stage.network.waiting) == 1, "that is under way already"
    stage.network.succeed()
    assert stage.client.trouble is None


def test_after_a_lonely_success_the_rest_follows() -> None:
    stage = Stage()
    stage.client.start()
    stage.network.fail()
    stage.network.fail()
    stage.clock.advance(1.0)
    stage.network.succeed()
    assert stage.client.trouble is None
    assert len(stage.network.waiting) == 1
    stage.network.succeed()
    assert len(stage.alive) == 2


def test_a_request_while_nothing_connects_says_why() -> None:
    stage = Stage()
    stage.client.start()
    stage.network.fail("no route")
    stage.request(1)
    stage.clock.advance(0)
    assert stage.results == [NoAnswer(was_processed=False, why="no route")]


def test_a_connection_that_never_opens_is_a_failure() -> None:
    stage = Stage()
    stage.client.start()
    stage.network.succeed()
    line = stage.network.connect_only()
    stage.clock.advance(10.0)
    assert line.wire.aborted
    line.wire.goes()
    assert stage.client.trouble == "the connection was not open in time"
    assert stage.network.waiting == []
    stage.clock.advance(1.0)
    assert len(stage.network.waiting) == 1


def test_a_proven_connection_that_is_lost_is_replaced_at_once() -> None:
    stage = Stage().started()
    stage.request(1, 2)
    stage.talk()
    stage.network.lines[0].wire.goes()
    assert len(stage.network.waiting) == 1
    assert stage.client.capacity == 100


def test_a_connection_that_lasted_is_replaced_at_once_even_when_it_was_idle() -> None:
    stage = Stage().started()
    stage.clock.advance(60.0)
    stage.talk()
    stage.network.lines[0].wire.goes()
    assert len(stage.network.waiting) == 1


def test_who_ends_every_connection_at_once_is_not_called_again_and_again() -> None:
    """Providers take rapid connecting for an attack."""
    stage = Stage().started()
    stage.network.lines[0].provider.go_away(0, 11)
    stage.talk()
    why = "the provider ended the connection: ENHANCE_YOUR_CALM"
    assert stage.client.trouble == why
    assert stage.network.waiting == []
    stage.close_down()
    stage.clock.advance(1.0)
    line = stage.network.succeed()
    line.wire.goes()
    stage.clock.advance(1.9)
    assert stage.network.waiting == []
    stage.clock.advance(0.1)
    assert len(stage.network.waiting) == 1


def test_a_provider_that_goes_away_is_replaced_while_it_still_answers() -> None:
    stage = Stage().started(answers=False)
    first, second = stage.network.lines
    stage.request(1, 2, 3, 4)
    stage.talk()
    for line in (first, second):
        line.provider.answer(1)
    stage.talk()
    for last_stream in (2**31 - 1, 3):
        first.provider.go_away(last_stream)
        stage.talk()
    assert len(stage.network.waiting) == 1
    stage.network.succeed(answers=False)
    first.provider.answer(3)
    stage.talk()
    assert [result.status for result in stage.results] == [200, 200, 200]
    assert first.wire.disconnecting
    assert len(stage.alive) == 2


def test_connections_that_do_not_finish_leaving_are_bounded() -> None:
    stage = Stage().started(answers=False)
    for _ in range(3 * MOST_LEAVING):
        stage.request(1, 2)
        stage.talk()
        for line in stage.alive:
            provider = line.provider
            if provider.last_stream is None:
                stage.request(3, 4)
                stage.talk()
                provider.answer(1)
                line.talk()
                provider.go_away(2**31 - 1)
        stage.talk()
        while stage.network.waiting:
            stage.network.succeed(answers=False)
    assert len(stage.network.lines) <= MOST_LEAVING + 4


def test_a_refused_stream_can_be_asked_again_at_once() -> None:
    stage = Stage().started(answers=False)
    stage.request(1)
    stage.talk()
    (refusing,) = [line for line in stage.network.lines if line.provider.heard]
    (other,) = [line for line in stage.network.lines if line is not refusing]
    refusing.provider.reset(1, REFUSED_STREAM)
    stage.talk()
    assert stage.results[0].was_processed is False
    stage.request(1)
    stage.talk()
    assert [*other.provider.heard] == [1]
