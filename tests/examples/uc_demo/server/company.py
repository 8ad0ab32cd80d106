"""The demo server's office without a network: what it is asked, and what it tells whom."""

import base64
import itertools
import json
from collections.abc import Callable
from typing import Any

from attrs import define, field
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from twisted.internet.task import Clock

from examples.uc_demo.server.office import Office

ALICE, BOB = "sip:alice@demo.example", "sip:bob@demo.example"
NOON = 1_795_435_200.0
"""2026-11-23T12:00:00Z."""


@define
class Company:
    """An office, clocks, the pushes it has posted, and the events it has sent:
    (session, operation, argument).
    """

    now: float = 1000.0
    wall: float = NOON
    told: list[tuple[str, str, dict[str, Any]]] = field(factory=list)
    send: Callable[[str, str, dict[str, Any]], None] | None = None
    posted: list[dict[str, Any]] = field(factory=list)
    timers: Clock = field(factory=Clock)
    office: Office = field(init=False)

    def __attrs_post_init__(self) -> None:
        counter = itertools.count(1)
        self.office = Office(
            lambda size: next(counter).to_bytes(size, "big"),
            lambda: self.wall,
            self._sent,
            self.posted.extend,
            self._later,
            "http://127.0.0.1:8090/",
        )

    def _later(self, wait: float, act: Callable[[], None]) -> None:
        self.timers.callLater(wait, act)

    def _sent(self, session_id: str, operation: str, argument: dict[str, Any]) -> None:
        self.told.append((session_id, operation, argument))
        if self.send is not None:
            self.send(session_id, operation, argument)

    def arrives(self, user: str) -> str:
        """Log somebody on in a session of its own; returns its id."""
        session = self.office.sessions.create(self.now)
        assert session is not None
        simple = {"u8sClientUsername": user, "u8sClientUserPassword": user}
        self.asks(session.id, "asnLogon", authentication={"simple": simple})
        return session.id

    def asks(self, session_id: str, operation: str, **argument: Any) -> Any:
        """Return what the office answers."""
        return self.office.invoked(operation, session_id, argument, self.now)

    def says(self, session_id: str, operation: str, **argument: Any) -> bool:
        """Send an event; whether it ended the session."""
        return self.office.told(operation, session_id, argument, self.now)

    def installs(self, session_id: str, device: str, kinds: int = 255, **more: Any) -> bytes:
        """Register a phone, with DEVICE and DEVICE-calls for tokens; returns its key."""
        usual = {
            "iRegisterType": kinds,
            "u8sDeviceID": device,
            "u8sPushID": device,
            "u8sPushChannelID": "demo.phone",
            "iEncryption": 1,
            "u8sPushIDVoIP": f"{device}-calls",
        }
        answer = self.asks(session_id, "asnAppsRegisterPush", **usual | more)
        return base64.b64decode(answer.get("key", ""))

    def pushes(self, kind: str) -> list[dict[str, Any]]:
        """Take the pushes of one kind."""
        found = [each for each in self.posted if each["kind"] == kind]
        self.posted[:] = [each for each in self.posted if each["kind"] != kind]
        return found

    def hears(self, session_id: str, operation: str) -> list[dict[str, Any]]:
        """Take the events of one kind a session was told."""
        found = [a for s, name, a in self.told if (s, name) == (session_id, operation)]
        self.told = [e for e in self.told if e[:2] != (session_id, operation)]
        return found


def opened(push: dict[str, Any], key: bytes) -> Any:
    """Return what a push says to the application that has the key."""
    octets = base64.b64decode(push["payload"]["data"])
    about = f"{push['id']} {push['kind']}".encode()
    return json.loads(AESGCM(key).decrypt(octets[:12], octets[12:], about))
