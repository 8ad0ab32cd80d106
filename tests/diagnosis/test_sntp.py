"""Asking a time server (RFC 4330)."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.diagnosis.facts.sntp import SINCE_1900, UnusableAnswer, ahead, question

PACKET = struct.Struct("!BBbbII4sQQQQ")
NOW = 1_795_780_000.0
IN_2036 = 2_100_000_000.0
"""After 7 February 2036, when NTP's seconds begin anew."""


def stamp(unix: float) -> int:
    return int((unix + SINCE_1900) * 2**32) & (1 << 64) - 1


def answered(asked: bytes, theirs: float, first: int = 0x24, stratum: int = 2) -> bytes:
    origin = PACKET.unpack(asked)[-1]
    return PACKET.pack(
        first, stratum, 0, 0, 0, 0, b"", 0, origin, stamp(theirs), stamp(theirs + 0.01)
    )


@pytest.mark.parametrize("now", [NOW, IN_2036])
@pytest.mark.parametrize("off", [0.0, 3600.0, -12.5])
def test_the_way_there_and_back_is_taken_out(now: float, off: float) -> None:
    """RFC 4330 section 5: half of both differences, whatever the way takes."""
    asked = question(now + off)
    answer = answered(asked, now + 0.2)
    assert ahead(asked, answer, now + off, now + off + 0.41) == pytest.approx(off, abs=0.01)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        answered(question(NOW), NOW)[:47],
        answered(question(NOW), NOW, first=0x23),
        answered(question(NOW), NOW, first=0xE4),
        answered(question(NOW), NOW, stratum=0),
        answered(question(NOW + 1), NOW),
    ],
    ids=["nothing", "short", "client", "unsynchronised", "kiss of death", "another's"],
)
def test_what_is_no_time_is_not_believed(answer: bytes) -> None:
    with pytest.raises(UnusableAnswer):
        ahead(question(NOW), answer, NOW, NOW)


@given(st.binary(max_size=128))
def test_whatever_comes_is_a_time_or_refused(octets: bytes) -> None:
    with contextlib.suppress(UnusableAnswer):
        assert isinstance(ahead(question(NOW), octets, NOW, NOW), float)
