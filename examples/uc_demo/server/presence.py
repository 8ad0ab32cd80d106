"""Presence: what everybody sees of everybody (Wire 9.2)."""

from collections.abc import Callable
from typing import Any

from examples.uc_demo.server.directory import (
    ABSENT,
    AVAILABLE,
    BUSY,
    CONTACTS,
    DO_NOT_DISTURB,
    IN_CALL,
    OFFLINE,
    Person,
    absent_state,
    remote_contact,
)
from examples.uc_demo.server.sessions import Session, Sessions

STATES = {0: AVAILABLE, 1: ABSENT, 2: BUSY, 3: DO_NOT_DISTURB, 4: AVAILABLE}
"""eAbsentState, which people set, to the low byte of iPresenceState."""

PRESENCE_CHANGED = 1
ABSENT_CHANGED = 16

Tell = Callable[[Session, str, dict[str, Any]], None]


class Presence:
    """Keeps what people have set, and tells who has subscribed."""

    def __init__(self, sessions: Sessions, tell: Tell) -> None:
        self._sessions = sessions
        self._tell = tell
        self._set: dict[str, int] = {}
        self._in_call: set[str] = set()

    def state(self, person: Person) -> int:
        """Return iPresenceState of a person."""
        if not self._sessions.of(person.contact_id):
            return OFFLINE
        flags = IN_CALL if person.contact_id in self._in_call else 0
        return STATES[self._set.get(person.contact_id, 4)] | flags

    def subscribe(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnGetAndSubscribePresenceV2; without contacts, all of the company."""
        wanted = argument.get("seqContactIDs") or list(CONTACTS)
        known = [CONTACTS[each] for each in wanted if each in CONTACTS]
        session.presence |= {person.contact_id for person in known}
        return {"seqSubscribedPresence": [self._entry(person) for person in known]}

    def unsubscribe(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnUnsubscribePresence."""
        session.presence -= set(argument.get("seqContactIDs") or session.presence)
        return {}

    def set_absent_state(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnSetUserAbsentState."""
        assert session.person is not None
        state = (argument.get("absentstate") or {}).get("eAbsentState")
        if state not in STATES:
            return {"bSuccess": False}
        self._set[session.person.contact_id] = state
        self.changed(session.person)
        return {"bSuccess": True}

    def get_absent_state(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnGetUserAbsentState."""
        assert session.person is not None
        state = self._set.get(session.person.contact_id, 4)
        return {"absentstate": absent_state(session.person, state)}

    def reset_absent_state(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnResetUserAbsentState."""
        assert session.person is not None
        self._set.pop(session.person.contact_id, None)
        self.changed(session.person)
        return {"bSuccess": True}

    def in_call(self, contact_id: str, *, begins: bool) -> None:
        """Note that a person's call begins or ends."""
        if begins:
            self._in_call.add(contact_id)
        else:
            self._in_call.discard(contact_id)
        self.changed(CONTACTS[contact_id])

    def changed(self, person: Person) -> None:
        """Tell everybody who has subscribed to this person."""
        event = {
            "presence": self._entry(person),
            "iChangedFlags": PRESENCE_CHANGED | ABSENT_CHANGED,
        }
        for session in self._sessions.logged_on():
            if person.contact_id in session.presence:
                self._tell(session, "asnUpdatePresenceV2", event)

    def _entry(self, person: Person) -> dict[str, Any]:
        return {
            "u8sContactId": person.contact_id,
            "iPresenceState": self.state(person),
            "asnRemoteContact": remote_contact(person),
            "asnAbsentState": absent_state(person, self._set.get(person.contact_id, 4)),
        }
