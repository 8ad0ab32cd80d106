"""The connections to one provider: two that are warm, more while they are needed."""

import pytest

from procall_mobility.protocols.push.exchange import NoAnswer, Result
from tests.transports.http2.client_stage import Stage
from tests.transports.http2.provider import push
from tests.transports.http2.stage import logged_faults

pytestmark = pytest.mark.usefixtures("nghttp2")


def test_two_connections_are_warm_before_anybody_needs_them() -> None:
    stage = Stage()
    stage.client.start()
    assert len(stage.network.waiting) == 2
    assert stage.client.capacity == 0 and stage.told == []
    stage.network.succeed(limit=10)
    assert stage.client.capacity == 10 and stage.told == [10]
    stage.network.succeed(limit=10)
    assert stage.client.capacity == 20 and stage.told == [10, 20]
    assert stage.client.trouble is None


def test_requests_are_spread_over_the_connections() -> None:
    stage = Stage().started(answers=False)
    stage.request(*range(10))
    stage.talk()
    assert [len(line.provider.heard) for line in stage.network.lines] == [5, 5]


def test_a_connection_without_capacity_is_passed_over() -> None:
    stage = Stage()
    stage.client.start()
    stage.network.succeed(limit=1, answers=False)
    stage.network.succeed(limit=9, answers=False)
    stage.request(*range(10))
    stage.talk()
    assert [len(line.provider.heard) for line in stage.network.lines] == [1, 9]


def test_without_capacity_a_request_was_not_processed_and_is_told_so_later() -> None:
    stage = Stage()
    stage.client.start()
    stage.request(1)
    assert stage.results == []
    stage.clock.advance(0)
    why = "no connection takes requests now"
    assert stage.results == [NoAnswer(was_processed=False, why=why)]


def test_capacity_that_returns_is_told_once() -> None:
    stage = Stage().started(limit=1, answers=False)
    stage.request(1, 2)
    stage.talk()
    assert stage.client.capacity == 0
    for line in stage.network.lines:
        line.provider.answer(1)
    stage.talk()
    assert stage.client.capacity == 2 and stage.told == [1, 2, 2]
    assert [result.status for result in stage.results] == [200, 200]


def test_a_bound_that_moves_is_told() -> None:
    """Whoever has requests waiting need not find out by asking too much."""
    stage = Stage().started(limit=10)
    first, second = stage.network.lines
    first.provider.set_limit(4)
    stage.talk()
    second.provider.go_away(0)
    stage.talk()
    assert stage.told == [10, 20, 14, 4]


def test_full_transports_are_told_before_a_request_finds_out() -> None:
    """There are streams left; but what is asked for now would be refused, and asked for again."""
    stage = Stage().started(limit=10)
    first, second = stage.network.lines
    first.wire.producer.pauseProducing()
    assert stage.client.capacity == 10 and stage.told == [10, 20], "the other one takes them"
    second.wire.producer.pauseProducing()
    assert stage.client.capacity == 0 and stage.told == [10, 20, 20]
    first.wire.producer.resumeProducing()
    assert stage.client.capacity == 10 and stage.told == [10, 20, 20, 20]


def test_a_connection_can_be_avoided() -> None:
    """For a second attempt, by the number the first one gave."""
    stage = Stage().started(answers=False, limit=3)
    first = stage.client.request(push(1), stage.results.append, 30.0)
    others = {
        stage.client.request(push(2), stage.results.append, 30.0, avoid=first) for _ in range(3)
    }
    assert first is not None and len(others) == 1 and first not in others
    assert stage.client.request(push(3), stage.results.append, 30.0, avoid=first) == first
    assert stage.client.request(push(4), stage.results.append, 30.0) == first
    assert stage.client.request(push(5), stage.results.append, 30.0) is None


def test_whoever_waits_for_capacity_can_fail_without_harm() -> None:
    stage = Stage(fails_on_change=True)
    with logged_faults() as faults:
        stage.started()
    assert faults == ["fault in whoever waits for capacity"] * 2
    stage.request(1)
    stage.talk()
    assert len(stage.results) == 1


def test_under_load_there_are_more_up_to_a_bound() -> None:
    stage = Stage().started(limit=2, answers=False)
    for expected in (3, 4, 4):
        stage.request(*range(stage.client.capacity))
        while stage.network.waiting:
            stage.network.succeed(limit=2, answers=False)
        assert len(stage.network.lines) == expected
    assert stage.client.capacity == 0


def test_a_provider_that_allows_one_stream_is_not_called_more_often() -> None:
    """APNs allows one until it has seen a valid token; more connections would be no cure."""
    stage = Stage().started(limit=1, answers=False)
    stage.request(1, 2)
    stage.talk()
    assert stage.client.capacity == 0
    assert stage.network.waiting == []
    for line in stage.network.lines:
        line.provider.answer(1)
        line.provider.set_limit(1000)
    stage.talk()
    assert stage.client.capacity == 2000


def test_what_was_not_needed_for_long_goes() -> None:
    stage = Stage().started(limit=2)
    stage.request(*range(4))
    while stage.network.waiting:
        stage.network.succeed(limit=2)
    assert len(stage.alive) == 3
    stage.talk()
    for _ in range(25):
        stage.clock.advance(60.0)
        stage.talk()
        stage.close_down()
    assert len(stage.alive) == 2
    assert stage.network.waiting == []


def test_what_is_needed_now_and_then_stays() -> None:
    stage = Stage().started(limit=2)
    for _ in range(30):
        stage.request(*range(stage.client.capacity))
        while stage.network.waiting:
            stage.network.succeed(limit=2)
        stage.talk()
        for _ in range(5):
            stage.clock.advance(59.0)
            stage.talk()
    assert len(stage.alive) == 4


def test_three_thousand_requests_survive_goaways_without_a_duplicate() -> None:
    stage = Stage().started(answers=False, limit=50)
    waiting, done = [*range(3_000)], {}
    processed: list[str] = []

    def finish(number: int, result: Result) -> None:
        if isinstance(result, NoAnswer):
            assert result.was_processed is False
            waiting.append(number)
        else:
            assert number not in done
            done[number] = result.headers["apns-id"]

    goaways = turns = 0
    while len(done) < 3_000:
        turns += 1
        while waiting and stage.client.capacity:
            number = waiting.pop()
            stage.client.request(push(number), lambda r, n=number: finish(n, r), 30.0)
        stage.talk()
        while stage.network.waiting:
            stage.network.succeed(answers=False, limit=50)
        for line in stage.alive:
            provider = line.provider
            todo = provider.unanswered
            if turns % 5 == 0 and goaways < 6 and provider.last_stream is None and len(todo) > 4:
                provider.go_away(todo[len(todo) // 2])
                goaways += 1
            for stream in todo:
                if provider.last_stream is None or stream <= provider.last_stream:
                    processed.append(provider.heard[stream].fields["apns-id"])
                    provider.answer(stream)
            line.talk()
        stage.close_down()
    assert goaways == 6
    assert len(processed) == len(set(processed)) == 3_000
    assert done == {number: f"id-{number}" for number in range(3_000)}
