"""Calls and messages for people whose window is closed."""

import re

import pytest
from cryptography.exceptions import InvalidTag

from examples.uc_demo.server.calls import CANCEL, NORMAL
from examples.uc_demo.server.pushes import CHAT_KEPT, LONGEST_TEXT, RINGS_FOR
from examples.uc_demo.server.replies import RefusedError
from tests.examples.uc_demo.server.calling import accepts, drops, makes_call, rings
from tests.examples.uc_demo.server.company import ALICE, BOB, NOON, Company, opened


def asleep(company: Company, *phones: str, kinds: int = 255) -> list[bytes]:
    """Let alice install phones, and close all her windows; returns the keys."""
    keys = []
    for phone in phones:
        session = company.arrives("alice")
        keys.append(company.installs(session, phone, kinds))
        company.office.ended(session)
    return keys


def comes_back(company: Company, phone: str) -> str:
    session = company.arrives("alice")
    company.installs(session, phone)
    company.asks(session, "asnSetClientCapabilitiesV2", capabilities={})
    return session


def test_a_call_wakes_a_sleeping_phone(company: Company) -> None:
    """Wire 7.3: by the token for calls, worth something for 30 s, and sealed."""
    (key,) = asleep(company, "phone")
    call = makes_call(company, company.arrives("bob"), ALICE)["u8sCallID"]
    (push,) = company.pushes("avnewcall")
    assert opened(push, key) == {
        "call": call, "from": BOB, "name": "Bob", "until": NOON + RINGS_FOR,
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", push.pop("id"))
    assert push.pop("payload").keys() == {"enc", "data"}
    assert push == {
        "channel": "demo.phone", "token": "phone-calls", "voip": True, "kind": "avnewcall",
        "ttl": RINGS_FOR, "collapse": f"call-{call}",
    }  # fmt: skip


def test_nothing_on_the_way_tells_who_calls(company: Company) -> None:
    asleep(company, "phone")
    makes_call(company, company.arrives("bob"), ALICE)
    (push,) = company.pushes("avnewcall")
    assert "bob" not in repr(push).lower()


def test_a_sealed_push_cannot_be_passed_off_as_another(company: Company) -> None:
    (key,) = asleep(company, "phone")
    makes_call(company, company.arrives("bob"), ALICE)
    (push,) = company.pushes("avnewcall")
    for change in ({"kind": "chat"}, {"id": "another"}):
        with pytest.raises(InvalidTag):
            opened(push | change, key)


def test_a_phone_without_a_key_is_told_nothing(company: Company) -> None:
    """It asks when it is awake."""
    alice = company.arrives("alice")
    company.installs(alice, "phone", iEncryption=0, u8sPushIDVoIP="")
    company.office.ended(alice)
    makes_call(company, company.arrives("bob"), ALICE)
    (push,) = company.pushes("avnewcall")
    assert (push["payload"], push["token"], push["voip"]) == ({}, "phone", False)


def test_the_call_goes_through_to_whoever_comes_back(company: Company) -> None:
    asleep(company, "phone")
    bob = company.arrives("bob")
    made = makes_call(company, bob, ALICE)
    alice = comes_back(company, "phone")
    offer = rings(company, alice)
    assert offer["callAndConnectionID"]["u8sCallID"] == made["u8sCallID"]
    assert (offer["u8sBody"], offer["endpointIDFrom"]) == ("offer", made["u8sEndpointID"])
    accepts(company, alice, offer)
    assert company.hears(bob, "asnAVConnectV2")
    company.timers.advance(RINGS_FOR)
    assert company.hears(bob, "asnAVDropCall") == []


def test_a_client_is_offered_a_call_once(company: Company) -> None:
    asleep(company, "phone")
    makes_call(company, company.arrives("bob"), ALICE)
    alice = comes_back(company, "phone")
    company.asks(alice, "asnSetClientCapabilities")
    rings(company, alice)


def test_nobody_else_is_offered_it(company: Company) -> None:
    asleep(company, "phone")
    bob = company.arrives("bob")
    makes_call(company, bob, ALICE)
    company.asks(bob, "asnSetClientCapabilitiesV2")
    assert company.hears(bob, "asnAVNewCallV2") == []


def test_who_stays_asleep_has_missed_the_call(company: Company) -> None:
    asleep(company, "phone")
    bob = company.arrives("bob")
    call = makes_call(company, bob, ALICE)["u8sCallID"]
    company.timers.advance(RINGS_FOR - 1)
    assert company.hears(bob, "asnAVDropCall") == []
    company.timers.advance(1)
    (dropped,) = company.hears(bob, "asnAVDropCall")
    assert (dropped["dropTarget"]["u8sCallID"], dropped["iAvDropReason"]) == (call, NORMAL)
    assert company.pushes("avdropcall")
    company.asks(company.arrives("alice"), "asnSetClientCapabilitiesV2")
    assert [name for _, name, _ in company.told if name == "asnAVNewCallV2"] == []


def test_a_caller_that_gives_up_silences_all_phones(company: Company) -> None:
    keys = asleep(company, "phone", "tablet")
    bob = company.arrives("bob")
    call = makes_call(company, bob, ALICE)["u8sCallID"]
    drops(company, bob, call, CANCEL)
    pushes = company.pushes("avdropcall")
    assert [each["token"] for each in pushes] == ["phone", "tablet"]
    assert {each["collapse"] for each in pushes} == {f"call-{call}"}
    assert {each["voip"] for each in pushes} == {False}
    assert [opened(*each) for each in zip(pushes, keys, strict=True)] == [{"call": call}] * 2


def test_a_call_answered_at_one_phone_is_silenced_at_the_others(company: Company) -> None:
    asleep(company, "phone", "tablet")
    bob = company.arrives("bob")
    call = makes_call(company, bob, ALICE)["u8sCallID"]
    alice = comes_back(company, "phone")
    accepts(company, alice, rings(company, alice))
    assert [each["token"] for each in company.pushes("avdropcall")] == ["tablet"]
    drops(company, bob, call)
    assert company.pushes("avdropcall") == []


def test_a_phone_in_use_is_told_by_its_session_and_the_sleeping_one_is_woken(
    company: Company,
) -> None:
    asleep(company, "tablet")
    alice = company.arrives("alice")
    company.installs(alice, "phone")
    makes_call(company, company.arrives("bob"), ALICE)
    rings(company, alice)
    assert [each["token"] for each in company.pushes("avnewcall")] == ["tablet-calls"]


def test_who_leaves_while_it_rings_is_woken(company: Company) -> None:
    """The last window is closed, or its connection is lost, in the middle of the ringing."""
    alice, bob = company.arrives("alice"), company.arrives("bob")
    company.installs(alice, "phone")
    makes_call(company, bob, ALICE)
    assert company.pushes("avnewcall") == []
    company.office.ended(alice)
    assert len(company.pushes("avnewcall")) == 1
    assert company.hears(bob, "asnAVDropCall") == []
    company.office.ended(comes_back(company, "phone"))
    assert company.pushes("avnewcall") == [], "once is enough"
    assert company.hears(bob, "asnAVDropCall") == []
    company.timers.advance(RINGS_FOR)
    assert company.hears(bob, "asnAVDropCall")


def test_a_call_that_was_answered_is_over_when_a_side_leaves(company: Company) -> None:
    alice, bob = company.arrives("alice"), company.arrives("bob")
    company.installs(alice, "phone")
    makes_call(company, bob, ALICE)
    accepts(company, alice, rings(company, alice))
    company.office.ended(alice)
    assert company.hears(bob, "asnAVDropCall")
    assert company.posted == []


def test_a_caller_that_vanishes_silences_the_phones(company: Company) -> None:
    asleep(company, "phone")
    bob = company.arrives("bob")
    makes_call(company, bob, ALICE)
    company.office.ended(bob)
    assert company.pushes("avdropcall")


def test_who_wants_no_calls_is_not_woken(company: Company) -> None:
    asleep(company, "phone", kinds=2)
    with pytest.raises(RefusedError):
        makes_call(company, company.arrives("bob"), ALICE)
    assert company.posted == []


def writes(company: Company, text: str) -> None:
    bob = company.arrives("bob")
    company.asks(bob, "asnChatSubscribeEvents")
    company.asks(bob, "asnChatTextMessage", u8sRecipientURIs=[ALICE], u8sMessage=text)


def test_a_message_for_somebody_who_is_away_is_an_alert(company: Company) -> None:
    (key,) = asleep(company, "phone")
    writes(company, "Lunch?")
    (push,) = company.pushes("chat")
    assert opened(push, key) == {"from": BOB, "name": "Bob", "text": "Lunch?"}
    assert (push["token"], push["voip"], push["ttl"]) == ("phone", False, CHAT_KEPT)
    assert "Lunch" not in repr(push)


def test_a_long_message_is_cut_for_the_phone(company: Company) -> None:
    """No provider takes more than 4 KiB."""
    (key,) = asleep(company, "phone")
    writes(company, "\N{GRINNING FACE}" * 10_000)
    (push,) = company.pushes("chat")
    assert len(opened(push, key)["text"]) == LONGEST_TEXT
    assert len(push["payload"]["data"]) < 2700


def test_who_is_there_reads_it_there(company: Company) -> None:
    asleep(company, "phone")
    company.arrives("alice")
    writes(company, "Lunch?")
    assert company.posted == []


def test_who_wants_calls_only_is_not_disturbed(company: Company) -> None:
    asleep(company, "phone", kinds=1)
    writes(company, "Lunch?")
    assert company.posted == []
