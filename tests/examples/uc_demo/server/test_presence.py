"""Presence: who sees what of whom (Wire 9.2)."""

from typing import Any

import pytest

from examples.uc_demo.server.contacts import OFFLINE
from tests.examples.uc_demo.server.company import ALICE, BOB, Company


def follows(company: Company, session: str, name: str = "asnGetAndSubscribePresenceV2") -> Any:
    answer = company.asks(session, name, seqContactIDs=[])
    return {each["u8sContactId"]: each for each in answer["seqSubscribedPresence"]}


def is_seen(company: Company, session: str, name: str = "asnUpdatePresenceV2") -> list[Any]:
    events = company.hears(session, name)
    return [(e["presence"]["u8sContactId"], e["presence"]["iPresenceState"]) for e in events]


def test_without_contacts_the_whole_company_is_subscribed(company: Company) -> None:
    seen = follows(company, company.arrives("alice"))
    assert {contact: entry["iPresenceState"] for contact, entry in seen.items()} == {
        ALICE: 1,
        BOB: OFFLINE,
    }
    assert seen[BOB]["asnRemoteContact"]["u8sDisplayName"] == "Bob"


def test_people_come_and_go(company: Company) -> None:
    alice = company.arrives("alice")
    follows(company, alice)
    desk, phone = company.arrives("bob"), company.arrives("bob")
    assert is_seen(company, alice)[-1] == (BOB, 1)
    company.office.ended(desk)
    assert is_seen(company, alice) == [(BOB, 1)]
    company.says(phone, "asnLogoff")
    assert is_seen(company, alice) == [(BOB, OFFLINE)]


@pytest.mark.parametrize(("absent", "state"), [(0, 1), (1, 3), (2, 2), (3, 4), (4, 1)])
def test_what_one_sets_the_others_see(company: Company, absent: int, state: int) -> None:
    """eAbsentState in, the low byte of iPresenceState out."""
    alice, bob = company.arrives("alice"), company.arrives("bob")
    follows(company, alice)
    answer = company.asks(bob, "asnSetUserAbsentState", absentstate={"eAbsentState": absent})
    assert answer == {"bSuccess": True}
    assert is_seen(company, alice) == [(BOB, state)]
    (own,) = company.hears(bob, "asnUpdateMyAbsentStateV2")
    assert own["absentstate"] == {"u8sContactId": BOB, "eAbsentState": absent}
    assert company.asks(bob, "asnGetUserAbsentState") == {"absentstate": own["absentstate"]}


@pytest.mark.parametrize("absent", [5, -1, None, "busy"])
def test_what_nobody_can_be_is_not_set(company: Company, absent: Any) -> None:
    bob = company.arrives("bob")
    argument = {"absentstate": {"eAbsentState": absent}}
    assert company.asks(bob, "asnSetUserAbsentState", **argument) == {"bSuccess": False}


@pytest.mark.parametrize("operation", ["asnResetUserAbsentState", "asnAbsentStateReset"])
def test_a_state_can_be_reset(company: Company, operation: str) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    follows(company, alice)
    company.asks(bob, "asnSetUserAbsentState", absentstate={"eAbsentState": 3})
    company.asks(bob, operation)
    assert is_seen(company, alice) == [(BOB, 4), (BOB, 1)]


def test_who_unsubscribes_hears_nothing_more(company: Company) -> None:
    alice = company.arrives("alice")
    follows(company, alice)
    company.asks(alice, "asnUnsubscribePresence", seqContactIDs=[BOB])
    company.arrives("bob")
    assert is_seen(company, alice) == []


def test_old_clients_are_told_by_old_names(company: Company) -> None:
    """The first generation has no ids, and other members."""
    alice = company.arrives("alice")
    seen = follows(company, alice, "asnGetAndSubscribePresence")
    assert seen[BOB]["asnAbsentState"]["iAbsentState"] == 4
    bob = company.arrives("bob")
    assert is_seen(company, alice) == []
    assert is_seen(company, alice, "asnUpdatePresence") == [(BOB, 1)]
    company.asks(bob, "asnAbsentStateSetUser", absentstate={"iAbsentState": 2})
    assert is_seen(company, alice, "asnUpdatePresence") == [(BOB, 2)]
