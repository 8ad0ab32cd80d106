"""Why a customer's server is not linked is remembered, and no flood makes the memory grow."""

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.last_refusals import (
    MOST_CUSTOMERS,
    MOST_STRANGERS,
    LastRefusals,
)
from procall_mobility.gateway.reasons import Reason


class Told:
    """What is remembered, at a time of ours."""

    def __init__(self) -> None:
        self.now = 0.0
        self.refusals = LastRefusals(lambda: self.now)

    def enter(
        self,
        event: Event,
        reason: Reason | None = None,
        customer: str | None = None,
        client: str | None = "192.0.2.7",
    ) -> None:
        entry = AccessEntry(event=event, reason=reason, customer=customer, client=client)
        self.refusals.entered(entry)

    def reasons(self) -> list[tuple[str | None, str]]:
        return [(each["customer"], each["reason"]) for each in self.refusals.told()]


def test_the_last_refusal_of_a_customer_counts() -> None:
    told = Told()
    told.enter(Event.LINK_REFUSED, Reason.WRONG_PASSWORD, "acme")
    told.now = 30.0
    told.enter(Event.LINK_REFUSED, Reason.DUPLICATE, "acme")
    told.now = 42.0
    assert told.refusals.told() == [
        {"customer": "acme", "client": "192.0.2.7", "reason": "duplicate", "seconds": 12.0}
    ]


def test_a_link_that_comes_is_the_end_of_the_trouble() -> None:
    told = Told()
    told.enter(Event.LINK_LOST, Reason.PING_TIMEOUT, "acme")
    told.enter(Event.LINK_LOST, Reason.PING_TIMEOUT, "other")
    told.enter(Event.LINK_OPENED, customer="acme")
    assert told.reasons() == [("other", "ping-timeout")]


def test_strangers_are_told_apart_by_address_and_reason() -> None:
    """A proxy that opens TLS shows before anybody has said whose server it is."""
    told = Told()
    for _ in range(3):
        told.enter(Event.CONNECTION_REFUSED, Reason.TLS_FAILED)
    told.enter(Event.LINK_REFUSED, Reason.UNKNOWN_SERVER_ID)
    told.enter(Event.CONNECTION_REFUSED, Reason.TLS_FAILED, client=None)
    assert told.reasons() == [
        (None, "tls-failed"),
        (None, "unknown-server-id"),
        (None, "tls-failed"),
    ]


def test_what_is_not_about_links_is_not_remembered() -> None:
    told = Told()
    told.enter(Event.SESSION_CLOSED, Reason.LOGGED_OFF, "acme")
    told.enter(Event.LINK_REFUSED, None, "acme")
    told.enter(Event.LINK_OPENED)
    assert told.reasons() == []


def test_a_flood_pushes_out_strangers_and_no_customer() -> None:
    told = Told()
    told.enter(Event.LINK_REFUSED, Reason.WRONG_PASSWORD, "acme")
    for number in range(MOST_STRANGERS + 10):
        told.enter(Event.CONNECTION_REFUSED, Reason.SILENT, client=f"198.51.100.{number}")
    assert len(told.refusals.told()) == 1 + MOST_STRANGERS
    assert told.reasons()[0] == ("acme", "wrong-password")
    assert told.refusals.told()[-1]["client"] == f"198.51.100.{MOST_STRANGERS + 9}"


def test_customers_are_bounded_too() -> None:
    told = Told()
    for number in range(MOST_CUSTOMERS + 1):
        told.enter(Event.LINK_LOST, Reason.PEER_CLOSED, f"customer-{number}")
    assert len(told.refusals.told()) == MOST_CUSTOMERS
    assert told.reasons()[0] == ("customer-1", "peer-closed")
