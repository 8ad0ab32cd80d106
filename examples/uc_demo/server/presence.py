"""Presence: what everybody sees of everybody (Wire 9.2)."""

from collections.abc import Callable
from typing import Any

from examples.uc_demo.server.contacts import (
    ABSENT,
    ABSENT_BUSY,
    ABSENT_DND,
    AVAILABLE,
    BUSY,
    DO_NOT_DISTURB,
    IN_CALL,
    MOBILE,
    NOT_SET,
    OFFLINE,
    OUT,
    PRESENT,
    absent_state,
    first_absent_state,
    remote_contact,
)
from examples.uc_demo.server.directory import CONTACTS, Person
from examples.uc_demo.server.sessions import Session, Sessions

STATES = {
    PRESENT: AVAILABLE,
    OUT: ABSENT,
    ABSENT_BUSY: BUSY,
    ABSENT_DND: DO_NOT_DISTURB,
    NOT_SET: AVAILABLE,
}
"""What people have set to what others see, the low byte of iPresenceState."""

PRESENCE_CHANGED = 1
ABSENT_CHANGED = 16

Tell = Callable[[Session, str, dict[str, Any]], None]


class Presence:
    """Keeps what people have set, and tells who has subscribed."""

    def __init__(self, sessions: Sessions, tell: Tell, can_wake: Callable[[str], bool]) -> None:
        """Prepare; `can_wake` tells whether a contact can be called without a session."""
        self._sessions = sessions
        self._tell = tell
        self._can_wake = can_wake
        self._set: dict[str, int] = {}
        self._in_call: set[str] = set()

    def state(self, person: Person) -> int:
        """Return iPresenceState of a person."""
        if not self._sessions.of(person.contact_id):
            return OFFLINE | MOBILE if self._can_wake(person.contact_id) else OFFLINE
        flags = IN_CALL if person.contact_id in self._in_call else 0
        return STATES[self.absent(person)] | flags

    def absent(self, person: Person) -> int:
        """Return what a person has set."""
        return self._set.get(person.contact_id, NOT_SET)

    def subscribe(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnGetAndSubscribePresenceV2; without contacts, all of the company."""
        return {"seqSubscribedPresence": self._subscribe(session, argument, first=False)}

    def first_subscribe(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnGetAndSubscribePresence; events come in the first generation, too."""
        return {"seqSubscribedPresence": self._subscribe(session, argument, first=True)}

    def unsubscribe(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnUnsubscribePresence."""
        session.presence -= set(argument.get("seqContactIDs") or session.presence)
        return {}

    def set_absent_state(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnSetUserAbsentState, and asnAbsentStateSetUser of old clients."""
        assert session.person is not None
        wanted = argument.get("absentstate") or {}
        absent = wanted.get("eAbsentState", wanted.get("iAbsentState"))
        if absent not in STATES:
            return {"bSuccess": False}
        self._set[session.person.contact_id] = absent
        self._own_changed(session.person)
        return {"bSuccess": True}

    def get_absent_state(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnGetUserAbsentState."""
        assert session.person is not None
        return {"absentstate": absent_state(session.person, self.absent(session.person))}

    def reset_absent_state(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        """Answer asnResetUserAbsentState."""
        assert session.person is not None
        self._set.pop(session.person.contact_id, None)
        self._own_changed(session.person)
        return {}

    def in_call(self, contact_id: str, *, begins: bool) -> None:
        """Note that a person's call begins or ends."""
        if begins:
            self._in_call.add(contact_id)
        else:
            self._in_call.discard(contact_id)
        self.changed(CONTACTS[contact_id])

    def changed(self, person: Person) -> None:
        """Tell everybody who has subscribed to this person."""
        for session in self._sessions.logged_on():
            if person.contact_id in session.presence:
                first = session.first_generation
                event = {
                    "presence": self._entry(person, first=first),
                    "iChangedFlags": PRESENCE_CHANGED | ABSENT_CHANGED,
                }
                name = "asnUpdatePresence" if first else "asnUpdatePresenceV2"
                self._tell(session, name, event)

    def _own_changed(self, person: Person) -> None:
        self.changed(person)
        event = {"absentstate": absent_state(person, self.absent(person))}
        for session in self._sessions.of(person.contact_id):
            self._tell(session, "asnUpdateMyAbsentStateV2", event)

    def _subscribe(
        self, session: Session, argument: dict[str, Any], *, first: bool
    ) -> list[dict[str, Any]]:
        wanted = argument.get("seqContactIDs") or list(CONTACTS)
        known = [CONTACTS[each] for each in wanted if each in CONTACTS]
        session.presence |= {person.contact_id for person in known}
        session.first_generation = first
        return [self._entry(person, first=first) for person in known]

    def _entry(self, person: Person, *, first: bool) -> dict[str, Any]:
        state, absent = self.state(person), self.absent(person)
        return {
            "u8sContactId": person.contact_id,
            "iPresenceState": state,
            "asnRemoteContact": remote_contact(person),
            "asnAbsentState": first_absent_state(person, state, absent)
            if first
            else absent_state(person, absent),
        }
