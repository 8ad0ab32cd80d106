"""Chat between two people (Wire 9.3); kept in memory, the last messages of each conversation."""

from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import define, field

from examples.uc_demo.server.directory import CONTACTS
from examples.uc_demo.server.presence import Tell
from examples.uc_demo.server.pushes import Pushes
from examples.uc_demo.server.sessions import Session, Sessions

OK, NO_CONVERSATION, NO_MESSAGE, NO_RECIPIENT, BAD_PARAMETER, NOT_SUBSCRIBED = 0, 2, 3, 5, 10, 11
"""iResult."""
READ = 1
"""iStatus of asnChatSetMessagesStatus."""

MOST_KEPT = 200
LONGEST = 10_000
"""Characters of a message."""
SEGMENT = 50
"""Messages in one event: even if each character is escaped it stays below the largest frame."""


@define
class Conversation:
    """What two people have written to each other."""

    id: str
    members: frozenset[str]
    sequence: int = 0
    events: deque[dict[str, Any]] = field(factory=lambda: deque(maxlen=MOST_KEPT))


class Chat:
    """All conversations."""

    def __init__(
        self,
        sessions: Sessions,
        pushes: Pushes,
        tell: Tell,
        iso_now: Callable[[], str],
        database_id: str,
    ) -> None:
        self._sessions = sessions
        self._pushes = pushes
        self._tell = tell
        self._iso_now = iso_now
        self._database_id = database_id
        self._conversations: dict[frozenset[str], Conversation] = {}
        self._transactions = 0

    def database_id(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnChatGetDatabaseID: with another one, transactions count anew."""
        return {"iResult": OK, "u8sDatabaseID": self._database_id}

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
        missed.sort(key=lambda event: int(event["iGlobTransactionID"]))
        if session.chat:
            self._tell_in_segments(session, missed)
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
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST or not _is_unicode(text):
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
        if not self._sessions.of(recipients[0]):
            self._pushes.chat(conversation.id, sender, recipients[0], text)
        return {
            "iResult": OK,
            "iConvSequenceID": conversation.sequence,
            "u8sConversationID": conversation.id,
        }

    def set_status(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnChatSetMessagesStatus: the reader has read up to some message."""
        assert session.person is not None
        reader = session.person.contact_id
        conversation = self._find(reader, argument.get("u8sConversationID"))
        last = (argument.get("asnSequenceIDSet") or {}).get("iLastSequenceID")
        if conversation is None:
            return {"iResult": NO_CONVERSATION}
        if argument.get("iStatus") != READ or not isinstance(last, int):
            return {"iResult": BAD_PARAMETER}
        read = [
            event
            for event in conversation.events
            if event["u8sSenderURI"] != reader
            and event["iConvSequenceID"] <= last
            and not event["asnChatMessage"].get("bRead")
        ]
        for event in read:
            self._transactions += 1
            event["iGlobTransactionID"] = self._transactions
            event["asnChatMessage"] |= {"asnReadTime": self._iso_now(), "bRead": True}
        updates = [{**event, "bUpdate": True} for event in read]
        for member in sorted(conversation.members):
            for each in self._sessions.of(member):
                if each.chat:
                    self._tell_in_segments(each, updates)
        return {"iResult": OK}

    def user_status(self, session: Session, argument: dict[str, Any]) -> None:
        """Pass on that somebody is typing (asnChatUserStatus)."""
        assert session.person is not None
        typist = session.person.contact_id
        conversation = self._find(typist, argument.get("u8sConversationID"))
        if conversation is None:
            return
        status = {
            "u8sConversationID": conversation.id,
            "u8sSenderURI": typist,
            "bUserTyping": bool(argument.get("bUserTyping")),
        }
        self._tell_all(conversation, "asnChatUserStatus", status, but=typist)

    def _find(self, member: str, wanted: Any) -> Conversation | None:
        mine = (each for each in self._conversations.values() if member in each.members)
        return next((each for each in mine if each.id == wanted), None)

    def _tell_in_segments(self, session: Session, events: list[dict[str, Any]]) -> None:
        for start in range(0, len(events), SEGMENT):
            end = start + SEGMENT
            segment = {"asnChatEventList": events[start:end], "bLastSegment": end >= len(events)}
            self._tell(session, "asnChatEvent", segment)

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


def _is_unicode(text: str) -> bool:
    """Whether it can be written: JSON also carries halves of characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _refused(result: int) -> dict[str, Any]:
    return {"iResult": result, "iConvSequenceID": 0, "u8sConversationID": ""}
