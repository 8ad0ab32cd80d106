"""As many requests at a time as the provider allows, and as a connection has numbers for."""

import pytest

from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.transports.http2.engine import MOST_STREAMS, Engine
from procall_mobility.transports.http2.events import CapacityChanged, GoingAway
from tests.transports.http2.provider import Dialogue, Provider, opened, push


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
