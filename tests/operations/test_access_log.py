"""The access book: one readable line for each event (service.md section 1), and no secrets."""

import datetime
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.gateway.access import AccessEntry, Device, Event, User
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.access_log import AccessLog
from procall_mobility.operations.rendering import (
    LONGEST_VALUE,
    MOST_NAMES,
    Pseudonyms,
    Stamps,
    as_json,
    lasted,
    took,
)

HERE = datetime.timezone(datetime.timedelta(hours=1))
NOON = datetime.datetime(2026, 11, 22, 9, 14, 3, 250_000, HERE).timestamp()
NAMES = Pseudonyms(b"key of this node")


class Lines:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reopened = 0
        self.closed = 0

    def write(self, line: str, priority: int) -> None:
        self.lines.append(line)

    def reopen(self) -> None:
        self.reopened += 1

    def close(self) -> None:
        self.closed += 1


def book(sink: Lines, *, is_json: bool = False) -> AccessLog:
    return AccessLog(
        sink,
        NAMES,
        lambda: NOON,
        lambda unix: datetime.datetime.fromtimestamp(unix, HERE),
        json=is_json,
    )


def line(**members: Any) -> str:
    sink = Lines()
    book(sink).write(AccessEntry(**members))
    (only,) = sink.lines
    return only


def facts(**members: Any) -> Any:
    sink = Lines()
    book(sink, is_json=True).write(AccessEntry(**members))
    (only,) = sink.lines
    return json.loads(only)


OPENED: dict[str, Any] = {
    "event": Event.SESSION_OPENED,
    "customer": "acme",
    "client": "203.0.113.57",
    "app": "mobile",
    "user": User("alice@acme.example"),
    "via": "node1",
}
LOST: dict[str, Any] = {
    "event": Event.LINK_LOST,
    "customer": "acme",
    "via": "node1",
    "duration": 22_345.0,
    "reason": Reason.PING_TIMEOUT,
    "note": "other link: up",
}


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


PUSHED: dict[str, Any] = {
    "event": Event.PUSH_SENT,
    "customer": "acme",
    "duration": 0.0382,
    "urgency": "call",
    "lane": "apns:TEAM.KEY",
    "device": Device(b"digest of a token"),
    "push": "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab",
}


def test_a_push_is_told_by_its_class_lane_and_a_stand_in_for_the_device() -> None:
    device = NAMES.of_device("acme", Device(b"digest of a token"))
    assert re.fullmatch(r"device#[0-9a-f]{6}", device)
    assert line(**PUSHED) == (
        "2026-11-22T09:14:03+01:00 acme push handed over after 38 ms  "
        f"call lane=apns:TEAM.KEY {device} push=5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
    )
    assert facts(**PUSHED) == {
        "time": "2026-11-22T09:14:03.250+01:00",
        "event": "push handed over",
        "customer": "acme",
        "seconds": 0.038,
        "class": "call",
        "lane": "apns:TEAM.KEY",
        "device": device,
        "push": "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab",
    }


def test_a_device_has_another_stand_in_at_another_customer() -> None:
    device = Device(b"digest of a token")
    assert NAMES.of_device("acme", device) != NAMES.of_device("globex", device)
    assert NAMES.of_device(None, device) == NAMES.of_device("", device)
    assert "digest" not in repr(device)


def test_why_a_push_was_not_accepted_is_all_there_is_to_tell() -> None:
    refused = {"event": Event.PUSH_NOT_ACCEPTED, "customer": "acme", "why": "too-fast"}
    assert line(**refused) == ("2026-11-22T09:14:03+01:00 acme push not accepted  reason=too-fast")
    assert facts(**refused)["reason"] == "too-fast"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-0.1, "0 ms"), (0.0382, "38 ms"), (0.9994, "999 ms"), (2.14, "2.1 s"), (9.9, "9.9 s"),
        (41.9, "41 s"), (3600, "1 h 0 min"),
    ],
)  # fmt: skip
def test_of_a_push_the_first_second_counts(seconds: float, said: str) -> None:
    assert took(seconds) == said


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


# Privacy --------------------------------------------------------------------------------


def test_a_user_is_a_stand_in_that_stays_the_same() -> None:
    alice = NAMES.of("acme", User("alice"))
    assert re.fullmatch("user#[0-9a-f]{6}", alice)
    assert NAMES.of("acme", User(" Alice ")) == alice
    assert NAMES.of("acme", User("bob")) != alice
    assert NAMES.of("other", User("alice")) != alice, "customers cannot be compared"
    assert Pseudonyms(b"key of another node").of("acme", User("alice")) != alice


def test_the_stand_ins_that_are_remembered_are_bounded() -> None:
    names = Pseudonyms(b"key of this node")
    shown = {names.of("acme", User(f"user {n}")) for n in range(MOST_NAMES + 9)}
    assert len(shown) > MOST_NAMES, "two of sixteen million may meet, but not many"
    assert len(names._made) <= MOST_NAMES
    assert names.of("acme", User("user 1")) == NAMES.of("acme", User("user 1"))


def test_the_name_of_a_user_and_the_key_are_shown_nowhere() -> None:
    shown = [line(**OPENED), json.dumps(facts(**OPENED)), repr(AccessEntry(**OPENED)), repr(NAMES)]
    assert not any("alice" in text or "key of" in text for text in shown)


# What peers say of themselves -----------------------------------------------------------


def test_a_peer_cannot_begin_a_line_of_its_own() -> None:
    """D17: one record for one event, whatever a peer calls itself."""
    forged = "x\n2026-11-22T09:14:03+01:00 acme session opened"
    said = line(event=Event.LINK_OPENED, customer="acme", server=forged, via="node1")
    assert said == (
        "2026-11-22T09:14:03+01:00 acme server link opened node1  "
        r'server="x\n2026-11-22T09:14:03+01:00 acme session opened"'
    )


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("", '""'),
        ("a b", '"a b"'),
        ("a=b", '"a=b"'),
        ('a" reason="x', r'"a\" reason=\"x"'),
        ("a\\", r"a\\"),
        ("\x1b[2J\x9b\x7f", r"\x1b[2J\x9b\x7f"),
        ("\u202egnp", r"\u202egnp"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("Größe", "Größe"),
        ("x" * 1000, "x" * LONGEST_VALUE),
    ],
)
def test_a_peers_words_are_one_plain_value(server: str, shown: str) -> None:
    assert line(event=Event.LINK_OPENED, server=server).endswith(f" opened  server={shown}")


@settings(max_examples=200)
@given(text=st.text(st.characters(), max_size=400), number=st.floats())
def test_any_words_make_one_line_of_a_bounded_size(text: str, number: float) -> None:
    entry = {
        "event": Event.LINK_LOST,
        "customer": text,
        "client": text,
        "app": text,
        "user": User(text),
        "via": text,
        "server": text,
        "note": text,
    }
    for said in (line(**entry), as_json(AccessEntry(**entry), "now", NAMES)):
        assert said.isprintable()
        assert len(said) < 20_000


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


# The book -------------------------------------------------------------------------------


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
