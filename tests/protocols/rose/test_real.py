"""Wire 4.5: REAL and AsnSystemTime."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.rose.real import days_of, iso_of, read_real, write_real

PAGE = {
    0.0: "", 1.0: "80f980", -1.0: "c0f980", 2.5: "80faa0", 45000.5: "80f8afc880",
    0.1: "80c5ccccccccccccd0",
}  # fmt: skip


@pytest.mark.parametrize(("value", "contents"), PAGE.items())
def test_the_examples_of_the_wire_page(value: float, contents: str) -> None:
    assert write_real(value).hex() == contents
    assert read_real(bytes.fromhex(contents)) == value


@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_every_number_comes_back(value: float) -> None:
    assert read_real(write_real(value)) == value


def test_what_is_no_number_is_written_as_zero() -> None:
    assert write_real(math.inf) == write_real(math.nan) == b""


@pytest.mark.parametrize("contents", ["40", "01", "90f980", "80", "80f9", "81ffff", "82010000ff",
                                      "837fffffffff", "80f9" + "ff" * 17])  # fmt: skip
def test_other_kinds_of_real_are_refused(contents: str) -> None:
    with pytest.raises(PeerError):
        read_real(bytes.fromhex(contents))


@pytest.mark.parametrize(
    ("days", "iso"),
    [
        (0.0, ""),
        (45000.5, "2023-03-15T12:00:00Z"),
        (45000.5 + 0.25 / 86400, "2023-03-15T12:00:00.250Z"),
        (2.0, "1900-01-01T00:00:00Z"),
    ],
)
def test_times_are_iso_text_in_utc(days: float, iso: str) -> None:
    """Wire 4.3: milliseconds only when there are any; the empty text is no date."""
    assert iso_of(days) == iso
    assert days_of(iso) == pytest.approx(days, abs=1e-8)


def test_a_time_without_offset_is_utc_and_others_are_converted() -> None:
    assert days_of("2023-03-15T12:00:00") == days_of("2023-03-15T13:00:00+01:00") == 45000.5


@pytest.mark.parametrize("days", [1e9, -1e9, math.inf])
def test_times_beyond_the_calendar_are_refused(days: float) -> None:
    with pytest.raises(PeerError):
        iso_of(days)


def test_a_text_that_is_no_time_is_refused() -> None:
    with pytest.raises(PeerError):
        days_of("tomorrow")
