"""The list of incidents: what is told, what is like what, and that it names nobody."""

import pytest
from twisted.logger import Logger
from twisted.python.failure import Failure

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.push.lane.breaker import State
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.status_page.incidents import (
    MOST,
    Breakers,
    Incidents,
    Level,
    facts,
)
from procall_mobility.protocols.push.outcomes import Later, Scope
from tests.gateway.push.fakes import push
from tests.gateway.push.house import PushHouse
from tests.operations.test_service_log import book


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def incidents(clock: Clock) -> Incidents:
    return Incidents(wall_clock=clock)


def lost(reason: Reason = Reason.PING_TIMEOUT, **members: object) -> AccessEntry:
    told = {"customer": "acme", "via": "node1", "duration": 22_320.0, "note": "other link: up"}
    return AccessEntry(event=Event.LINK_LOST, reason=reason, **(told | members))


def test_a_lost_link_is_told_in_words(incidents: Incidents) -> None:
    incidents.entered(lost(client="203.0.113.7", user=User("alice")))
    (found,) = incidents.latest()
    assert (found.level, found.what, found.customer) == (Level.ERROR, "server link lost", "acme")
    assert found.details == (
        "node1, no sign of life within the time allowed, it was up for 6 h 12 min, other link: up"
    )
    assert "203.0.113.7" not in str(facts([found])) and "alice" not in str(facts([found]))


@pytest.mark.parametrize("reason", [Reason.SHUTTING_DOWN, Reason.REPLACED, Reason.REDIRECTED])
def test_a_link_that_was_to_end_is_no_error(incidents: Incidents, reason: Reason) -> None:
    incidents.entered(lost(reason))
    assert incidents.latest()[0].level is Level.NEWS


@pytest.mark.parametrize("event", [event for event in Event if not event.name.startswith("LINK_")])
def test_what_users_do_is_no_incident(incidents: Incidents, event: Event) -> None:
    incidents.entered(AccessEntry(event=event, customer="acme", user=User("alice")))
    assert incidents.latest() == []


def test_what_happens_again_is_counted_and_is_the_latest_again(
    incidents: Incidents, clock: Clock
) -> None:
    incidents.entered(lost())
    clock.now = 1010.0
    incidents.note(Level.NEWS, "started")
    clock.now = 1020.0
    incidents.entered(lost(duration=9.0))
    first, second = facts(incidents.latest())
    assert (first["what"], first["count"]) == ("server link lost", 2)
    assert (first["first"], first["last"]) == (1000.0, 1020.0)
    assert "up for 9 s" in first["details"]
    assert (second["what"], second["count"]) == ("started", 1)


def test_only_so_many_are_held(incidents: Incidents) -> None:
    for number in range(MOST + 50):
        incidents.note(Level.ERROR, f"fault {number}")
    found = incidents.latest()
    assert len(found) == MOST
    assert found[0].what == f"fault {MOST + 49}"


def test_warnings_and_worse_of_the_service_log_are_told(incidents: Incidents) -> None:
    log, _ = book()
    log.heard = incidents.logged
    ours = Logger(namespace="procall_mobility.transports.push_runner", observer=log)
    ours.info("push provider said no", name="apns:one")
    ours.error("push lane in trouble", name="apns:one", reason="BadToken", token="secret")
    ours.warn("server link surprise", customer="acme", text="an unknown member")
    ours.info("push lane well again", name="apns:one")
    try:
        raise ValueError("with a secret")
    except ValueError:
        ours.failure("bug in a desk", Failure())
    Logger(namespace="twisted.web", observer=log).warn("of {peer}", peer="203.0.113.7")
    found = incidents.latest()
    assert [(each.level.value, each.what) for each in found] == [
        ("warning", "warning of twisted.web"),
        ("error", "bug in a desk"),
        ("news", "push lane well again"),
        ("warning", "server link surprise"),
        ("error", "push lane in trouble"),
    ]
    assert (found[3].customer, found[3].details) == ("acme", "text an unknown member")
    assert found[4].details == "name apns:one, reason BadToken"
    assert "ValueError at test_incidents.py" in found[1].details
    assert "secret" not in str(facts(found)) and "203.0.113.7" not in str(facts(found))


def test_lines_that_differ_by_numbers_are_one(incidents: Incidents) -> None:
    """Whoever shows wrong tokens has a line a minute with another count: no 200 of them here."""
    log, _ = book()
    log.heard = incidents.logged
    ours = Logger(namespace="procall_mobility.operations.admin_site", observer=log)
    for number in range(MOST):
        ours.warn("wrong token shown", count=number, seconds=number / 4)
    ours.warn("wrong token shown", count=1, text="by somebody else")
    assert [(each.details, each.count) for each in incidents.latest()] == [
        ("count 1, text by somebody else", 1),
        (f"count {MOST - 1}, seconds {(MOST - 1) / 4}", MOST),
    ]


def test_strangers_do_not_fill_the_list_by_names_of_lanes(incidents: Incidents) -> None:
    """A token names whom to call, and makes a lane of it."""
    log, _ = book()
    log.heard = incidents.logged
    ours = Logger(namespace="procall_mobility.transports.push_runner", observer=log)
    for number in range(MOST):
        ours.error("push lane in trouble", name=f"webpush:01@https://h{number}.example")
    (found,) = incidents.latest()
    assert found.count == MOST


def test_breakers_that_open_and_close_are_told_once_each(incidents: Incidents) -> None:
    """The lanes of places strangers name are told by what they have in common."""
    house = PushHouse().opens()
    named = {"web@push.example.net": house.lane()}
    breakers = Breakers(lambda: named, incidents)
    breakers.look()
    assert incidents.latest() == []
    house.accepts(*map(push, range(200)))
    house.says(Later(reason="TooManyRequests", scope=Scope.LANE, after=5.0), house.taken()[0])
    for _ in range(2):
        breakers.look()
    (opened,) = incidents.latest()
    assert (opened.level, opened.what) == (Level.ERROR, "push breaker opened")
    assert opened.details == "web, its provider fails or asks for a pause"
    while house.lane().health.state is not State.CLOSED:
        house.later(1.0)
        house.delivers(*house.taken())
        breakers.look()
    closed, _ = incidents.latest()
    assert (closed.level, closed.what, closed.count) == (Level.NEWS, "push breaker closed", 1)


def test_a_lane_that_is_no_more_is_forgotten(incidents: Incidents) -> None:
    house = PushHouse().opens()
    named = {"apns": house.lane()}
    breakers = Breakers(lambda: named, incidents)
    house.accepts(push(1))
    house.says(Later(reason="TooManyRequests", scope=Scope.LANE, after=5.0), *house.taken())
    breakers.look()
    named.clear()
    breakers.look()
    named["apns"] = house.lane()
    breakers.look()
    assert [each.count for each in incidents.latest()] == [2]
