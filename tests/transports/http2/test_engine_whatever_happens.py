"""Whatever a provider does and however its octets come: one result for each request, no exception
but the session's own end, and nothing that grows.
"""

import contextlib

from h2.exceptions import ProtocolError
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer
from procall_mobility.transports.http2.engine import MOST_HEADER, Engine
from procall_mobility.transports.http2.events import RequestEnded
from procall_mobility.transports.http2.session import Broken
from tests.transports.http2.provider import Dialogue, Provider, opened, push

CODES = st.integers(0, 14)

ACTS = st.one_of(
    st.tuples(st.just("request"), st.integers(1, 8), st.integers(0, 3_000)),
    st.tuples(st.just("answer"), st.integers(0, 5), st.integers(0, 20_000)),
    st.tuples(st.just("reset"), st.integers(0, 5), CODES),
    st.tuples(st.just("limit"), st.sampled_from([0, 1, 2, 50]), st.none()),
    st.tuples(st.just("go away"), st.integers(-1, 5), CODES),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.none()),
    st.tuples(st.just("ping"), st.none(), st.none()),
    st.tuples(st.just("garbage"), st.binary(min_size=1, max_size=40), st.none()),
)


class Stage:
    """Performs acts that may be impossible just now, in which case nothing happens."""

    def __init__(self, window: int | None) -> None:
        self.dialogue = opened(answers=False, window=window)
        self.made: list[int] = []
        self.broken = False
        self.garbled = False

    def perform(self, act: str, first: object, second: object) -> None:
        dialogue, provider = self.dialogue, self.dialogue.provider
        ended = dialogue.results()
        open_streams = [
            heard.stream
            for heard in provider.heard.values()
            if heard.is_whole and heard.stream not in ended
        ]
        chosen = (
            open_streams[first % len(open_streams)] if first in range(6) and open_streams else 0
        )
        match act:
            case "request":
                for _ in range(min(first, dialogue.engine.capacity)):
                    self.made += dialogue.request(push(len(self.made), b"x" * second))
            case "answer" if chosen:
                room = provider.speech.local_flow_control_window(chosen)
                provider.answer(chosen, 200, b"y" * min(second, room, 16_384))
            case "reset" if chosen:
                provider.reset(chosen, second)
            case "limit":
                provider.set_limit(first)
            case "go away":
                provider.go_away(chosen or (2**31 - 1 if first < 0 else 0), second)
            case "cancel" if self.made:
                dialogue.engine.cancel(self.made[first % len(self.made)], "late")
            case "ping":
                dialogue.engine.ping()
            case "garbage":
                self.garbled = True
                dialogue.engine.hears(first)
        self.talk()

    def talk(self) -> None:
        if not self.garbled:
            self.dialogue.talk()
            return
        self.dialogue.engine.hears(self.dialogue.provider.says())
        self.dialogue.engine.octets()
        self.dialogue.events += self.dialogue.engine.take()


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTS, max_size=30), st.sampled_from([None, 1, 1000]))
def test_every_request_ends_in_exactly_one_result(acts: list, window: int | None) -> None:
    stage = Stage(window)
    try:
        for act in acts:
            # What the provider's own library forbids it, it does not do.
            with contextlib.suppress(ProtocolError):
                stage.perform(*act)
    except Broken:
        pass
    dialogue = stage.dialogue
    dialogue.engine.lost("the end")
    dialogue.events += dialogue.engine.take()
    results = dialogue.results()
    assert sorted(results) == sorted(stage.made)
    assert dialogue.engine.in_flight == 0
    processed = {stream for stream, heard in dialogue.provider.heard.items() if heard.is_whole}
    for stream, result in results.items():
        if isinstance(result, Answer):
            assert stream in processed
            assert len(result.body) <= LONGEST_ANSWER


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_octets_may_come_in_any_pieces(data: st.DataObject) -> None:
    """The same answers come of them, and the same octets go out."""
    dialogue = opened(answers=False)
    streams = dialogue.request(*map(push, range(5)))
    dialogue.talk()
    for stream in streams[:3]:
        dialogue.provider.answer(stream, 200, b"z" * 50, ("x", "y"))
    dialogue.provider.reset(streams[3], 7)
    dialogue.provider.go_away(streams[4])
    octets = dialogue.provider.says()
    cuts = data.draw(st.lists(st.integers(0, len(octets)), max_size=40).map(sorted))
    for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        dialogue.engine.hears(octets[begin:end])
        dialogue.events += dialogue.engine.take()
    results = dialogue.results()
    assert [results[stream].status for stream in streams[:3]] == [200] * 3
    assert results[streams[3]].was_processed is False
    assert not dialogue.engine.is_over
    dialogue.engine.lost("the end")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_noise_is_heard_or_breaks_the_session(noise: bytes, after_settings: bool) -> None:
    provider = Provider()
    engine = Engine("https", "push.example")
    made = []
    try:
        if after_settings:
            engine.hears(provider.says())
            made.append(engine.request(push(1)))
        engine.octets()
        engine.hears(noise)
        engine.octets()
    except Broken:
        pass
    engine.lost("the end")
    ended = [event.stream for event in engine.take() if isinstance(event, RequestEnded)]
    assert ended == made


FRAMES = st.builds(
    lambda kind, flags, stream, payload: (
        len(payload).to_bytes(3, "big")
        + bytes([kind, flags])
        + stream.to_bytes(4, "big")
        + payload
    ),
    st.integers(0, 12),
    st.integers(0, 255),
    st.sampled_from([0, 1, 2, 3, 5, 2**31 - 1]),
    st.binary(max_size=40) | st.just(b"\x88") | st.just(b"\x88" + b"\x00\x01a\x01b" * 3),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAMES, max_size=12))
def test_frames_of_every_kind_in_any_order_do_no_harm(frames: list[bytes]) -> None:
    dialogue = opened(answers=False)
    made = dialogue.request(push(1), push(2))
    dialogue.talk()
    try:
        for frame in frames:
            dialogue.engine.hears(frame)
            dialogue.engine.octets()
    except Broken:
        pass
    dialogue.engine.lost("the end")
    dialogue.events += dialogue.engine.take()
    results = dialogue.results()
    assert sorted(results) == made
    for result in results.values():
        if isinstance(result, Answer):
            size = sum(len(name) + len(value) for name, value in result.headers.items())
            assert size <= MOST_HEADER
            assert 200 <= result.status <= 999


def test_a_dialogue_of_a_thousand_requests_holds_nothing_of_them() -> None:
    dialogue: Dialogue = opened(limit=None)
    for number in range(10):
        dialogue.request(*(push(number) for _ in range(100)))
        dialogue.talk()
        assert len(dialogue.results()) == 100
        dialogue.events.clear()
        dialogue.provider.heard.clear()
        assert dialogue.engine.in_flight == 0
    dialogue.engine.lost("the end")
