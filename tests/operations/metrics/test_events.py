"""Events of the access book: each is counted once, by its reason where it has one."""

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.metrics.events import AccessEvents
from tests.operations.access_lines import Lines, book
from tests.operations.metrics.told import told

NAME = "procall_access_events_total"


def counted(*entries: AccessEntry) -> dict[tuple[str, str], float]:
    log = book(Lines())
    for entry in entries:
        log.write(entry)
    found = told(AccessEvents(log.counters).collect())
    return {(dict(labels)["event"], dict(labels)["reason"]): n for (_, labels), n in found.items()}


def test_reasons_are_apart_and_make_up_the_whole() -> None:
    found = counted(
        AccessEntry(event=Event.SESSION_OPENED, customer="acme"),
        AccessEntry(event=Event.LOGIN_REFUSED, reason=Reason.LOGON_REFUSED),
        AccessEntry(event=Event.LOGIN_REFUSED, reason=Reason.LOGON_REFUSED),
        AccessEntry(event=Event.LOGIN_REFUSED, reason=Reason.UNKNOWN_CUSTOMER),
    )
    assert found["session-opened", ""] == 1
    assert found["login-refused", "logon-refused"] == 2
    assert found["login-refused", "unknown-customer"] == 1
    assert ("login-refused", "") not in found
    assert sum(found.values()) == 4


def test_events_that_have_not_happened_are_zero() -> None:
    """A rate needs a beginning: the first refusal would be lost otherwise."""
    assert counted()["relay-refused", ""] == 0


def test_lines_of_pushes_are_left_to_those_who_know_of_all() -> None:
    found = counted(AccessEntry(event=Event.PUSH_SENT, customer="acme", reason=Reason.EXPIRED))
    assert not any(event.startswith("push") for event, _ in found)


def test_every_event_has_a_word() -> None:
    found = {event for event, _ in counted()}
    ours = {each.value.replace(" ", "-") for each in Event if not each.value.startswith("push ")}
    assert found == ours
