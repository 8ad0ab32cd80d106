"""A stranger cannot fill the disk by being refused."""

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.reasons import Reason
from tests.operations.access_lines import LOST, Lines, book, facts, line

REFUSED = AccessEntry(
    event=Event.REQUEST_REFUSED, client="203.0.113.9", reason=Reason.WRONG_PASSWORD
)


def test_a_flood_of_refusals_is_a_few_lines_and_all_of_it_is_counted() -> None:
    sink = Lines()
    log = book(sink)
    for _ in range(10_000):
        log.write(REFUSED)
    assert len(sink.lines) == 5
    log.end_period()
    assert sink.lines[5:] == [
        "2026-11-22T09:14:03+01:00 - request refused  "
        "client=203.0.113.9 left_out=9995  reason=wrong-password"
    ]
    assert log.counters == {
        "request refused": 10_000,
        "request refused: wrong-password": 10_000,
    }


def test_what_is_untold_is_told_before_the_book_is_closed() -> None:
    sink = Lines()
    log = book(sink)
    for _ in range(7):
        log.write(REFUSED)
    log.close()
    assert "left_out=2" in sink.lines[-1]
    assert sink.closed == 1


def test_what_is_no_refusal_always_has_its_line() -> None:
    sink = Lines()
    log = book(sink)
    for _ in range(100):
        log.write(AccessEntry(**LOST))
    log.end_period()
    assert len(sink.lines) == 100


def test_machines_get_how_many_were_left_out_as_a_number() -> None:
    told = {"event": Event.LINK_REFUSED, "reason": Reason.VERSION, "left_out": 12}
    assert facts(**told)["left_out"] == 12
    assert line(**told, note="from other addresses") == (
        "2026-11-22T09:14:03+01:00 - server link refused  "
        "left_out=12  reason=version  from other addresses"
    )
