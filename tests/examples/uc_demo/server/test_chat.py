"""Chat: messages, what was missed, read marks, typing (Wire 9.3)."""

from typing import Any

import pytest

from examples.uc_demo.server.chat import LONGEST, MOST_KEPT, SEGMENT
from tests.examples.uc_demo.server.company import ALICE, BOB, Company


def enters(company: Company, user: str, **argument: Any) -> str:
    session = company.arrives(user)
    company.asks(session, "asnChatSubscribeEvents", bReceiveChatEvents=True, **argument)
    return session


def writes(company: Company, session: str, text: Any = "hello", to: Any = BOB) -> Any:
    return company.asks(
        session,
        "asnChatTextMessage",
        u8sRecipientURIs=[to],
        u8sMessage=text,
        u8sEventCrossRefID=f"ref-{text}"[:80],
    )


def reads(company: Company, session: str) -> list[Any]:
    told = company.hears(session, "asnChatEvent")
    return [event for each in told for event in each["asnChatEventList"]]


def test_a_message_reaches_all_clients_of_both(company: Company) -> None:
    """Also the sender's other clients, told apart by the cross reference."""
    alice, tablet, bob = (enters(company, each) for each in ("alice", "alice", "bob"))
    answer = writes(company, alice)
    assert answer["iResult"] == 0
    events = [reads(company, each) for each in (alice, tablet, bob)]
    assert events[0] == events[1] == events[2]
    (event,) = events[0]
    assert event["u8sSenderURI"] == ALICE
    assert event["asnChatMessage"] == {"u8sMessage": "hello"}
    assert event["asnCreateTime"] == "2026-11-23T12:00:00Z"
    assert event["u8sEventCrossRefID"] == "ref-hello"
    assert event["iConvSequenceID"] == answer["iConvSequenceID"] == 1
    assert event["u8sConversationID"] == answer["u8sConversationID"]


def test_without_subscription_nobody_writes(company: Company) -> None:
    """Result 11."""
    assert writes(company, company.arrives("alice"))["iResult"] == 11


@pytest.mark.parametrize("to", [ALICE, "sip:carol@demo.example"])
def test_a_message_needs_another_person(company: Company, to: str) -> None:
    assert writes(company, enters(company, "alice"), to=to)["iResult"] == 5


@pytest.mark.parametrize("text", ["", "x" * (LONGEST + 1), 5, None, "half a \ud800 character"])
def test_a_message_needs_a_text_that_can_be_written(company: Company, text: Any) -> None:
    """A lone surrogate would make every later replay impossible."""
    alice = enters(company, "alice")
    assert writes(company, alice, text)["iResult"] == 3
    assert reads(company, alice) == []


def test_what_was_written_meanwhile_is_told_on_subscription(company: Company) -> None:
    alice = enters(company, "alice")
    for text in "abc":
        writes(company, alice, text)
    last = reads(company, alice)[1]["iGlobTransactionID"]
    assert [e["asnChatMessage"]["u8sMessage"] for e in reads(company, enters(company, "bob"))] == [
        *"abc"
    ]
    again = enters(company, "bob", iLastKnownGlobTransactionID=last)
    assert [e["asnChatMessage"]["u8sMessage"] for e in reads(company, again)] == ["c"]


def test_the_last_messages_are_kept_and_told_in_segments(company: Company) -> None:
    """One event stays below the largest message of the link."""
    alice = enters(company, "alice")
    for number in range(MOST_KEPT + 10):
        writes(company, alice, str(number))
    segments = company.hears(enters(company, "bob"), "asnChatEvent")
    assert [len(each["asnChatEventList"]) for each in segments] == [SEGMENT] * (
        MOST_KEPT // SEGMENT
    )
    assert [each["bLastSegment"] for each in segments] == [False] * (len(segments) - 1) + [True]
    assert segments[0]["asnChatEventList"][0]["asnChatMessage"]["u8sMessage"] == "10"


def test_the_sender_learns_what_has_been_read(company: Company) -> None:
    alice, bob = enters(company, "alice"), enters(company, "bob")
    writes(company, alice, "one")
    answer = writes(company, alice, "two")
    assert len(reads(company, alice)) == len(reads(company, bob)) == 2
    marked = company.asks(
        bob,
        "asnChatSetMessagesStatus",
        u8sConversationID=answer["u8sConversationID"],
        iStatus=1,
        u8sEventCrossRefID="m",
        asnSequenceIDSet={"iLastSequenceID": 1},
    )
    assert marked == {"iResult": 0}
    (event,) = reads(company, alice)
    assert event["bUpdate"] is True
    assert event["iConvSequenceID"] == 1
    assert event["asnChatMessage"]["bRead"] is True
    later = {e["iConvSequenceID"]: e for e in reads(company, enters(company, "bob"))}
    assert [later[n]["asnChatMessage"].get("bRead", False) for n in (1, 2)] == [True, False]


def test_what_one_has_written_oneself_is_not_read_by_that(company: Company) -> None:
    alice = enters(company, "alice")
    answer = writes(company, alice)
    reads(company, alice)
    company.asks(
        alice,
        "asnChatSetMessagesStatus",
        u8sConversationID=answer["u8sConversationID"],
        iStatus=1,
        asnSequenceIDSet={"iLastSequenceID": 1},
    )
    assert reads(company, alice) == []


def test_nobody_marks_the_conversations_of_others_or_in_other_ways(company: Company) -> None:
    bob = enters(company, "bob")
    identity = writes(company, bob, to=ALICE)["u8sConversationID"]

    def mark(conversation: str, status: Any, chosen: Any) -> int:
        result: int = company.asks(
            bob,
            "asnChatSetMessagesStatus",
            u8sConversationID=conversation,
            iStatus=status,
            asnSequenceIDSet=chosen,
        )["iResult"]
        return result

    assert mark("conversation-99", 1, {"iLastSequenceID": 1}) == 2
    assert mark(identity, 3, {"iLastSequenceID": 1}) == 10
    assert mark(identity, 1, {}) == 10


def test_one_sees_the_other_typing(company: Company) -> None:
    alice, bob = enters(company, "alice"), enters(company, "bob")
    identity = writes(company, alice)["u8sConversationID"]
    status = {"u8sConversationID": identity, "u8sSenderURI": BOB, "bUserTyping": True}
    company.says(alice, "asnChatUserStatus", **status)
    assert company.hears(bob, "asnChatUserStatus") == [status | {"u8sSenderURI": ALICE}]
    assert company.hears(alice, "asnChatUserStatus") == []
    company.says(alice, "asnChatUserStatus", u8sConversationID="conversation-99")
    assert company.hears(bob, "asnChatUserStatus") == []
