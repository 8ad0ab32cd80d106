"""Chat between two people (Wire 9.3); kept in memory, the last messages of each conversation."""

from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import define, field

from examples.uc_demo.server.directory import CONTACTS
from examples.uc_demo.server.presence import Tell
from examples.uc_demo.server.sessions import Session, Sessions

OK, NO_MESSAGE, NO_RECIPIENT, NOT_SUBSCRIBED = 0, 3, 5, 11
"""iResult."""

MOST_KEPT = 200
LONGEST = 10_000
"""Characters of a message."""


@define
class Conversation:
    """What two people have written to each other."""

    id: str
    members: frozenset[str]
    sequence: int = 0
    events: deque[dict[str, Any]] = field(factory=lambda: deque(maxlen=MOST_KEPT))


class Chat:
    """All conversations."""

    def __init__(self, sessions: Sessions, tell: Tell, iso_now: Callable[[], str]) -> None:
        self._sessions = sessions
        self._tell = tell
        self._iso_now = iso_now
        self._conversations: dict[frozenset[str], Conversation] = {}
        self._transactions = 0

    def subscribe(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnChatSubscribeEvents; what was written before follows as one event."""
        assert session.person is not None
        session.chat = bool(argument.get("bReceiveChatEvents", True))
        known = argument.get("iLastKnownGlobTransactionID") or 0
        missed = [
            event
            for conversation in self._conversations.values()
            if session.person.contact_id in conversation.members
            for event in conversation.events
            if event["iGlobTransactionID"] > known
        ]
        if session.chat and missed:
            self._tell(session, "asnChatEvent", {"asnChatEventList": missed, "bLastSegment": True})
        return {"iResult": OK}

    def text_message(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnChatTextMessage and tell everybody in the conversation."""
        assert session.person is not None
        sender = session.person.contact_id
        recipients = argument.get("u8sRecipientURIs") or []
        text = argument.get("u8sMessage")
        if not session.chat:
            return _refused(NOT_SUBSCRIBED)
        if len(recipients) != 1 or recipients[0] not in CONTACTS or recipients[0] == sender:
            return _refused(NO_RECIPIENT)
        if not isinstance(text, str) or not text or len(text) > LONGEST:
            return _refused(NO_MESSAGE)
        conversation = self._conversation(frozenset({sender, recipients[0]}))
        conversation.sequence += 1
        self._transactions += 1
        event = {
            "u8sEventCrossRefID": str(argument.get("u8sEventCrossRefID") or "")[:80],
            "u8sConversationID": conversation.id,
            "iConvSequenceID": conversation.sequence,
            "iGlobTransactionID": self._transactions,
            "bUpdate": False,
            "u8sSenderURI": sender,
            "asnCreateTime": self._iso_now(),
            "asnChatMessage": {"u8sMessage": text},
            "optionalParams": {"recipient": recipients[0]},
        }
        conversation.events.append(event)
        self._tell_all(conversation, "asnChatEvent", {"asnChatEventList": [event]})
        return {
            "iResult": OK,
            "iConvSequenceID": conversation.sequence,
            "u8sConversationID": conversation.id,
        }

    def user_status(self, session: Session, argument: dict[str, Any]) -> None:
        """Pass on that somebody is typing (asnChatUserStatus)."""
        assert session.person is not None
        wanted = argument.get("u8sConversationID")
        for conversation in self._conversations.values():
            if conversation.id == wanted and session.person.contact_id in conversation.members:
                status = {
                    "u8sConversationID": conversation.id,
                    "u8sSenderURI": session.person.contact_id,
                    "bUserTyping": bool(argument.get("bUserTyping")),
                }
                self._tell_all(
                    conversation, "asnChatUserStatus", status, but=session.person.contact_id
                )

    def _conversation(self, members: frozenset[str]) -> Conversation:
        if members not in self._conversations:
            name = f"conversation-{len(self._conversations) + 1}"
            self._conversations[members] = Conversation(name, members)
        return self._conversations[members]

    def _tell_all(
        self, conversation: Conversation, operation: str, argument: dict[str, Any], but: str = ""
    ) -> None:
        for member in sorted(conversation.members - {but}):
            for session in self._sessions.of(member):
                if session.chat:
                    self._tell(session, operation, argument)


def _refused(result: int) -> dict[str, Any]:
    return {"iResult": result, "iConvSequenceID": 0, "u8sConversationID": ""}
