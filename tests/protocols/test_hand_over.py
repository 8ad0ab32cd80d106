"""What two daemons say to each other is understood, or refused in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.hand_over import (
    LARGEST,
    READY,
    Message,
    decode,
    encode,
    portions,
)


def test_what_is_said_is_heard() -> None:
    message = decode(encode(READY, {"pid": 7, "version": "1.0"}))
    assert message == Message(READY, {"pid": 7, "version": "1.0"})
    assert (message.number("pid"), message.text("version")) == (7, "1.0")


@pytest.mark.parametrize("fact", [None, True, "7", [7]])
def test_a_fact_of_another_kind_is_none(fact: object) -> None:
    assert Message("x", {"pid": fact}).number("pid") == 0


def test_text_that_is_no_text_is_none() -> None:
    assert Message("x", {"why": 7}).text("why") == ""


def test_names_are_names() -> None:
    message = Message("x", {"customers": ["a", 1, None, "b"], "pid": 7})
    assert message.names("customers") == ["a", "b"]
    assert message.names("pid") == message.names("nothing") == []


@given(st.lists(st.text(max_size=253), max_size=100), st.sampled_from([1, 30]))
def test_portions_fit_and_are_all_there_is(names: list[str], times: int) -> None:
    names *= times
    parts = list(portions(names))
    assert [name for part in parts for name in part] == names
    assert all(decode(encode("x", {"customers": part})).names("customers") for part in parts)


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 60_000, "no JSON"),
        (b"[]", "says nothing"),
        (b'{"says": 1, "v": 1}', "says nothing"),
        (b'{"says": "ready"}', "another version"),
        (b'{"says": "ready", "v": 2}', "another version"),
    ],
)
def test_what_is_not_understood_is_refused(packet: bytes, why: str) -> None:
    with pytest.raises(PeerError, match=why):
        decode(packet)


def test_a_message_that_is_too_large_is_our_fault() -> None:
    assert len(encode("x", {"a": "b" * (LARGEST - 100)})) <= LARGEST
    with pytest.raises(ValueError, match="octets"):
        encode("x", {"a": "b" * LARGEST})


@given(st.one_of(st.binary(max_size=100), st.builds(json.dumps, st.dictionaries(
    st.sampled_from(["says", "v", "x"]), st.one_of(st.text(), st.integers(0, 2)))
).map(str.encode)))  # fmt: skip
def test_whatever_comes_it_is_a_message_or_refused(packet: bytes) -> None:
    try:
        message = decode(packet)
    except PeerError:
        return
    assert isinstance(message.says, str)
