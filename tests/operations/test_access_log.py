"""The access book: one readable line for each event (service.md section 1)."""

import datetime
import json

import pytest

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.rendering import Stamps, lasted
from tests.operations.access_lines import HERE, LOST, NAMES, NOON, OPENED, Lines, book, facts, line


def test_a_session_is_one_line_in_local_time() -> None:
    user = NAMES.of("acme", User("alice@acme.example"))
    assert line(**OPENED) == (
        "2026-11-22T09:14:03+01:00 acme session opened  "
        f"client=203.0.113.57 app=mobile {user} via=node1"
    )


def test_a_lost_link_tells_how_long_it_was_and_why() -> None:
    assert line(**LOST) == (
        "2026-11-22T09:14:03+01:00 acme server link lost node1 after 6 h 12 min  "
        "reason=ping-timeout  other link: up"
    )


def test_an_end_is_told_with_what_passed() -> None:
    assert line(
        event=Event.SESSION_CLOSED,
        customer="acme",
        duration=41.9,
        sent=12,
        received=0,
        reason=Reason.LOGGED_OFF,
    ) == (
        "2026-11-22T09:14:03+01:00 acme session closed after 41 s  "
        "sent=12 received=0  reason=logged-off"
    )


def test_a_refusal_before_anybody_is_known_has_no_customer() -> None:
    assert line(
        event=Event.CONNECTION_REFUSED, client="2001:db8::1", reason=Reason.TOO_MANY_CONNECTIONS
    ) == (
        "2026-11-22T09:14:03+01:00 - connection refused  "
        "client=2001:db8::1  reason=too-many-connections"
    )


def test_machines_get_milliseconds_and_numbers() -> None:
    assert facts(**LOST) == {
        "time": "2026-11-22T09:14:03.250+01:00",
        "event": "server link lost",
        "customer": "acme",
        "via": "node1",
        "seconds": 22345.0,
        "reason": "ping-timeout",
        "note": "other link: up",
    }
    assert facts(**OPENED)["user"] == NAMES.of("acme", User("alice@acme.example"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (-1.0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (22_320, "6 h 12 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert lasted(seconds) == said


@pytest.mark.parametrize(
    ("is_fine", "shown"),
    [
        (False, ["09:14:03", "09:14:03", "09:14:04"]),
        (True, ["09:14:03.250", "09:14:03.500", "09:14:04.750"]),
    ],
)
def test_every_line_has_the_time_it_was_written_at(is_fine: bool, shown: list[str]) -> None:
    unix = [NOON, NOON + 0.25, NOON + 1.5]
    stamps = Stamps(
        lambda: unix.pop(0), lambda at: datetime.datetime.fromtimestamp(at, HERE), fine=is_fine
    )
    assert [stamps.now() for _ in shown] == [f"2026-11-22T{each}+01:00" for each in shown]


def test_the_book_counts_its_events_and_their_reasons() -> None:
    log = book(Lines())
    log.write(AccessEntry(**LOST))
    log.write(AccessEntry(**LOST))
    log.write(AccessEntry(**OPENED))
    assert log.counters == {
        "server link lost": 2,
        "server link lost: ping-timeout": 2,
        "session opened": 1,
    }


def test_the_book_goes_on_in_a_fresh_file_and_is_closed() -> None:
    sink = Lines()
    log = book(sink)
    log.reopen()
    log.close()
    assert (sink.reopened, sink.closed) == (1, 1)


def test_the_book_goes_on_elsewhere_and_in_another_form() -> None:
    before, after = Lines(), Lines()
    log, entry = book(before), AccessEntry(event=Event.LINK_OPENED)
    log.change(after, json=True)
    log.write(entry)
    assert (before.closed, before.lines) == (1, [])
    assert json.loads(after.lines[0])["event"] == entry.event.value
    log.change(None, json=False)
    log.write(entry)
    assert after.closed == 0
    assert not after.lines[1].startswith("{")
