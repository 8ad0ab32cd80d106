"""The operations of the demo server: which there are, and what each of them does."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

from examples.uc_demo.server.calls import PASSED_ON, Calls, Later
from examples.uc_demo.server.chat import Chat
from examples.uc_demo.server.contacts import first_own_contact, own_contact
from examples.uc_demo.server.devices import Devices
from examples.uc_demo.server.directory import CONTACTS, Tokens
from examples.uc_demo.server.log_on import LogOn
from examples.uc_demo.server.presence import Presence
from examples.uc_demo.server.pushes import Message, Post, Pushes
from examples.uc_demo.server.replies import RefusedError, RejectedError
from examples.uc_demo.server.sessions import Session, Sessions
from procall_mobility.protocols.rose.messages import InvokeProblem

Send = Callable[[str, str, dict[str, Any]], None]
"""Takes session id, operation and argument of an event."""

InSession = Callable[[Session, dict[str, Any]], dict[str, Any] | None]

VERSION = "8.4.0.100"

CONNECTION_CHECKED = {
    "u8sServerVersion": VERSION,
    "u8sProductVersion": VERSION,
    "iProtocolVersion": 70,
    "iOEMID": 0,
    "u8sCookie": "",
}
"""The answer to asnCheckConnection (Wire 5.4)."""


class Office:
    """Everything the server can do, without knowing how it is connected."""

    def __init__(
        self,
        entropy: Callable[[int], bytes],
        wall_clock: Callable[[], float],
        send: Send,
        post: Post | None,
        later: Later,
        phone_page: str = "",
    ) -> None:
        """Send events to sessions through `send`, and pushes to phones, if any, through `post`.

        `phone_page` is where people see what phones show, if it is a show.
        """
        self._has_pushes = post is not None
        self._phone_page = phone_page
        self._wall_clock = wall_clock
        self._send = send
        self._ice: dict[str, Any] = {}
        self.sessions = Sessions(entropy)
        self.devices = Devices(self.sessions, entropy, wall_clock, self._devices_changed)
        self.pushes = Pushes(self.devices, post or _nowhere, entropy, wall_clock)
        self.presence = Presence(self.sessions, self._tell, self.devices.can_wake)
        database_id = entropy(8).hex()
        self.chat = Chat(self.sessions, self.pushes, self._tell, self._iso_now, database_id)
        self.calls = Calls(
            self.sessions,
            self.presence,
            self.pushes,
            self._tell,
            lambda: entropy(8).hex(),
            later,
        )
        self.log_on = LogOn(Tokens(entropy(32)), self.presence, wall_clock)
        self._anybody: dict[str, InSession] = {
            "asnLogon": self.log_on.first_generation,
            "asnLoginV2": self.log_on.second_generation,
            "asnTokenVerify": self.log_on.verify,
            "asnTokenVerifyV2": self.log_on.verify,
            "asnGetTime": lambda *_: {"stSystemtime": self._iso_now()},
        }
        self._users: dict[str, InSession] = {
            "asnGetLoggedInContact": self._first_own_contact,
            "asnGetLoggedInContactV2": self._own_contact,
            "asnGetUserToken": self.log_on.token,
            "asnGetUserTokenV2": self.log_on.token,
            "asnSubscribeServices": lambda *_: {},
            "asnSetClientCapabilities": self.calls.ready,
            "asnSetClientCapabilitiesV2": self.calls.ready,
            "asnAppsRegisterPush": self._register_push,
            "asnGetAndSubscribePresence": self.presence.first_subscribe,
            "asnGetAndSubscribePresenceV2": self.presence.subscribe,
            "asnUnsubscribePresence": self.presence.unsubscribe,
            "asnSetUserAbsentState": self.presence.set_absent_state,
            "asnAbsentStateSetUser": self.presence.set_absent_state,
            "asnGetUserAbsentState": self.presence.get_absent_state,
            "asnResetUserAbsentState": self.presence.reset_absent_state,
            "asnAbsentStateReset": self.presence.reset_absent_state,
            "asnChatGetDatabaseID": self.chat.database_id,
            "asnChatSubscribeEvents": self.chat.subscribe,
            "asnChatTextMessage": self.chat.text_message,
            "asnChatSetMessagesStatus": self.chat.set_status,
            "asnCheckConnection": lambda *_: CONNECTION_CHECKED,
            "asnAVMakeCallV2": self.calls.make,
            "asnAVGetIceServers": lambda *_: {"iceServers": self._ice.get("iceServers", [])},
            "asnGetSTUNandTURN": lambda *_: {"listConfigSTUNandTURN": self._stun_and_turn()},
        }
        self._events: dict[str, InSession] = {
            "asnChatUserStatus": self.chat.user_status,
            "asnAVConnectV2": self.calls.connect,
            "asnAVDropCall": self.calls.drop,
            "asnRequestSTUNandTURN": self._send_stun_and_turn,
        }
        for name in PASSED_ON:
            self._events[name] = partial(self._pass_on, name)

    def ice_servers(self, answer: dict[str, Any]) -> None:
        """Take the servers the daemon has issued, and tell everybody (Wire 6.1)."""
        self._ice = answer
        for session in self.sessions.logged_on():
            self._send_stun_and_turn(session, {})

    def invoked(self, operation: str | None, session_id: str, argument: Any, now: float) -> Any:
        """Do what a client asks for.

        Raises:
            RefusedError, RejectedError: it is not to be done.
        """
        session = self.sessions.find(session_id)
        if session is None:
            raise RejectedError(InvokeProblem.INVALID_SESSION_ID, "invalidSessionID")
        session.heard = now
        members = argument if isinstance(argument, dict) else {}
        act = self._anybody.get(operation or "")
        if act is None and session.person is not None:
            act = self._users.get(operation or "")
        if act is None:
            raise RejectedError(InvokeProblem.UNRECOGNISED_OPERATION, "unrecognisedOperation")
        return act(session, members)

    def told(self, operation: str | None, session_id: str, argument: Any, now: float) -> bool:
        """Take an event of a client; whether it has logged off by it."""
        session = self.sessions.find(session_id)
        if session is None:
            return False
        session.heard = now
        if operation == "asnLogoff":
            self.ended(session_id)
            return True
        act = self._events.get(operation or "")
        if act is not None and session.person is not None:
            act(session, argument if isinstance(argument, dict) else {})
        return False

    def ended(self, session_id: str) -> None:
        """Forget a session, and tell the others who is gone."""
        session = self.sessions.destroy(session_id)
        if session is not None and session.person is not None:
            self.calls.left(session)
            self.presence.changed(session.person)

    def link_lost(self) -> None:
        """Forget all sessions, and with them their calls."""
        for session_id in self.sessions.ids():
            self.ended(session_id)

    def _own_contact(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        person = session.person
        assert person is not None
        contact = own_contact(person, self.presence.state(person), self.presence.absent(person))
        return {"u8sLoggedInUser": person.user, "ownContact": contact}

    def _first_own_contact(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        person = session.person
        assert person is not None
        state, absent = self.presence.state(person), self.presence.absent(person)
        contact = first_own_contact(person, state, absent)
        return {"u8sLoggedInUser": person.user, "ownContact": contact}

    def _pass_on(self, name: str, session: Session, argument: dict[str, Any]) -> None:
        self.calls.pass_on(session, name, argument)

    def _register_push(self, session: Session, argument: dict[str, Any]) -> dict[str, Any]:
        if not self._has_pushes:
            raise RefusedError(0, "this server sends no pushes")
        told = self.devices.register(session, argument)
        # A member of our own: clients of others skip what they do not know.
        return told | {"u8sPhonePage": self._phone_page} if self._phone_page else told

    def _devices_changed(self, contact_id: str) -> None:
        if not self.sessions.of(contact_id):
            self.presence.changed(CONTACTS[contact_id])

    def _stun_and_turn(self) -> list[dict[str, Any]]:
        return [
            {
                "iType": 2 if server.get("username") else 1,
                "u8sUsername": server.get("username", ""),
                "u8sPassword": server.get("credential", ""),
                "stValidTo": self._ice["stValidTo"],
                "listURIs": server["urls"],
                "iTTL": self._ice["iTTL"],
            }
            for server in self._ice.get("iceServers", [])
        ]

    def _send_stun_and_turn(self, session: Session, argument: dict[str, Any]) -> None:
        event = {"listConfigSTUNandTURN": self._stun_and_turn()}
        self._tell(session, "asnSTUNandTURNConfigChanged", event)

    def _tell(self, session: Session, operation: str, argument: dict[str, Any]) -> None:
        self._send(session.id, operation, argument)

    def _iso_now(self) -> str:
        now = datetime.datetime.fromtimestamp(self._wall_clock(), datetime.UTC)
        return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _nowhere(messages: list[Message]) -> None:
    """Post nothing: nobody could register."""
