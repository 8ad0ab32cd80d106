"""C14: whatever anybody sends the relay is a message, a clean answer or silence.

FUZZ_SECONDS says for how long each decoder is fed; the default is the short version.
"""

import contextlib
import os
import random
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.stun.message import MOST_ATTRIBUTES, parse
from procall_mobility.protocols.stun.stream import LARGEST_MESSAGE, Unframer
from procall_mobility.protocols.turn.ports import Transport
from tests.interop.turn.stun_codec import UDP, A, Method, Part
from tests.protocols.stun.messages import anything, attributes, channel_data
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play

pytestmark = pytest.mark.soak

SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))

LARGEST_UNIT = 65_540
"""Octets of the longest ChannelData with its padding."""

MOST_MEMORY = 64
"""Times what came that may be held while it is judged; objects of Python are not small."""

datagrams = st.one_of(anything(), channel_data())


def fuzzed(strategy: st.SearchStrategy, judge: Callable) -> None:
    """Feed a judge with what is drawn, in rounds of other seeds, until the time is over."""
    deadline = time.monotonic() + SECONDS
    round_settings = settings(
        max_examples=500,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    rounds = 0
    while not rounds or time.monotonic() < deadline:
        # A function of its own for each round: Hypothesis plans by what it has seen of one.
        def one_round(drawn: object) -> None:
            judge(drawn)

        round_settings(given(strategy)(one_round))()
        rounds += 1


def test_c14_the_parser_gives_messages_or_a_peers_error() -> None:
    """C14: and never more attributes than there may be."""

    def judge(data: bytes) -> None:
        try:
            message = parse(data)
        except PeerError:
            return
        assert len(message.attributes) <= MOST_ATTRIBUTES
        message.unknown()
        message.is_made_with(b"key")

    fuzzed(anything(), judge)


def test_c14_the_parser_takes_no_more_memory_than_came() -> None:
    """C14: an input's size, times a constant."""
    largest = bytearray(os.urandom(65_500))
    chance = random.Random(14)
    tracemalloc.start()
    try:
        for _ in range(200):
            at = 20
            largest[:8] = b"\0\1" + (len(largest) - 20).to_bytes(2) + b"\x21\x12\xa4\x42"
            while at < len(largest) - 8:
                size = chance.choice((0, 1, 4, 400))
                largest[at + 2 : at + 4] = size.to_bytes(2)
                at += 4 + size + -size % 4
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            data = bytes(largest)
            with contextlib.suppress(PeerError):
                parse(data)
            _, peak = tracemalloc.get_traced_memory()
            assert peak - before < MOST_MEMORY * len(data)
    finally:
        tracemalloc.stop()


def test_c14_the_unframer_gives_messages_or_ends_the_stream() -> None:
    """C14: it holds no more than one that is not complete."""

    def judge(pieces: list[bytes]) -> None:
        unframer = Unframer()
        try:
            for piece in pieces:
                unframer.hears(piece)
                while (message := unframer.take()) is not None:
                    assert len(message) <= max(LARGEST_MESSAGE, LARGEST_UNIT)
                assert unframer.waiting < LARGEST_UNIT
        except PeerError:
            return

    fuzzed(st.lists(datagrams | st.binary(max_size=70), max_size=12), judge)


def test_c14_the_machine_survives_strangers() -> None:
    """C14: by datagram and by stream; nobody gets an allocation by chance."""
    play = Play(watched=False)
    lines = [play.line(), play.line(Transport.TCP), play.line(address=("2001:db8::9", 4000))]

    def judge(data: bytes) -> None:
        for line in lines:
            path = line.path
            if data[:1] and data[0] & 0xC0 == 0x40:
                play.server.hears_channel_data(data, path, play.now)
            else:
                play.server.hears(data, path, play.now)
            line.takes()
        play.later(0.1)
        assert len(play.allocations) == 0

    fuzzed(datagrams, judge)
    assert len(play.counters) < 50


def test_c14_the_machine_survives_somebody_it_knows() -> None:
    """C14: requests with a good integrity and anything in them, on allocations of all kinds."""
    methods = st.sampled_from([each for each in Method if each != Method.DATA])
    steps = st.tuples(methods, attributes, datagrams, st.integers(0, 2))
    play = Play(new_peers_per_second=1000.0)
    clients: list[Client] = [
        play.client(),
        play.client("bob", by=Transport.TCP),
        play.client("carol", address=("2001:db8::9", 4000)),
    ]

    def judge(drawn: list[tuple[Method, list[Part], bytes, int]]) -> None:
        for method, parts, data, who in drawn:
            client = clients[who]
            wanted = [(A.REQUESTED_TRANSPORT, UDP)] if method == Method.ALLOCATE else []
            for _ in range(2):
                # Once more when the nonce has grown old.
                answer = client.answer_to(client.talk.request(method, *wanted, *parts))
                if answer is None or not client.talk.challenged(answer):
                    break
            if client.line.stream is None and data[:1] and data[0] & 0xC0 == 0x40:
                play.server.hears_channel_data(data, client.line.path, play.now)
            else:
                play.server.hears(data, client.line.path, play.now)
            client.line.takes()
            play.settle()
        play.later(1)

    fuzzed(st.lists(steps, min_size=1, max_size=6), judge)
    assert any(line[0] == "opened" for line in play.book.lines), "nothing was tried"
    play.later(4000)
    assert len(play.allocations) == 0
    assert play.free_ports() == [len(play.ports)] * len(play.hosts)
