"""Whoever is refused does not fill the access book, however often and from wherever."""

import pytest

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.refusal_lines import LINES_OF_ALL, LINES_OF_ONE, RefusalLines


def refusal(
    client: str | None = "203.0.113.9",
    reason: Reason | None = Reason.WRONG_PASSWORD,
    event: Event = Event.REQUEST_REFUSED,
) -> AccessEntry:
    return AccessEntry(event=event, client=client, reason=reason)


def admitted(lines: RefusalLines, entry: AccessEntry, times: int) -> int:
    return sum(lines.admits(entry) for _ in range(times))


def address(number: int) -> str:
    return f"10.0.{number // 250}.{number % 250}"


def test_the_first_of_a_source_have_a_line_and_the_others_are_told_together() -> None:
    lines = RefusalLines()
    assert admitted(lines, refusal(), 5000) == LINES_OF_ONE
    assert lines.end_period() == [
        AccessEntry(
            event=Event.REQUEST_REFUSED,
            client="203.0.113.9",
            reason=Reason.WRONG_PASSWORD,
            left_out=5000 - LINES_OF_ONE,
        )
    ]


def test_nothing_is_told_where_nothing_was_left_out() -> None:
    lines = RefusalLines()
    assert admitted(lines, refusal(), LINES_OF_ONE) == LINES_OF_ONE
    assert lines.end_period() == []


def test_after_a_period_there_are_lines_again() -> None:
    lines = RefusalLines()
    admitted(lines, refusal(), 100)
    lines.end_period()
    assert admitted(lines, refusal(), 100) == LINES_OF_ONE
    (told,) = lines.end_period()
    assert told.left_out == 100 - LINES_OF_ONE


@pytest.mark.parametrize(
    "other",
    [
        refusal(client="203.0.113.10"),
        refusal(client=None),
        refusal(reason=Reason.BAD_REQUEST),
        refusal(reason=None),
        refusal(event=Event.LINK_REFUSED),
    ],
    ids=["source", "no source", "reason", "no reason", "event"],
)
def test_one_flood_hides_no_refusal_of_another_kind_or_source(other: AccessEntry) -> None:
    lines = RefusalLines()
    admitted(lines, refusal(), 1000)
    assert lines.admits(other)


def test_a_subscriber_of_ipv6_is_one_source() -> None:
    lines = RefusalLines()
    told = sum(lines.admits(refusal(f"2001:db8:1:2::{each:x}")) for each in range(1000))
    assert told == LINES_OF_ONE
    (left_out,) = lines.end_period()
    assert left_out.client == "2001:db8:1:2::/64"


def test_many_sources_together_have_a_bounded_number_of_lines() -> None:
    """Whoever commands thousands of addresses fills the disk no faster."""
    lines = RefusalLines()
    told = sum(lines.admits(refusal(address(each))) for each in range(10_000))
    assert told == LINES_OF_ALL
    (others,) = lines.end_period()
    assert (others.client, others.left_out) == (None, 10_000 - LINES_OF_ALL)
    assert others.note == "from other addresses"


def test_every_refusal_is_told_or_counted_and_the_lines_are_bounded() -> None:
    """Sources that had a line are told by name, the others together: 121 lines at most."""
    lines = RefusalLines()
    told = sum(admitted(lines, refusal(address(each)), 3) for each in range(1000))
    told += sum(admitted(lines, refusal(address(each)), 7) for each in range(1000))
    left_out = lines.end_period()
    assert told + sum(each.left_out or 0 for each in left_out) == 10_000
    assert told + len(left_out) <= 2 * LINES_OF_ALL + 1


def test_a_flood_from_many_sources_hides_no_other_reason() -> None:
    lines = RefusalLines()
    for each in range(1000):
        lines.admits(refusal(address(each)))
    assert lines.admits(refusal(reason=Reason.CUSTOMER_DISABLED))
