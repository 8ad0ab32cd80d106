"""The demo server's office without a network: what it is asked, and what it tells whom."""

import itertools
from collections.abc import Callable
from typing import Any

from attrs import define, field

from examples.uc_demo.server.office import Office

ALICE, BOB = "sip:alice@demo.example", "sip:bob@demo.example"
NOON = 1_795_435_200.0
"""2026-11-23T12:00:00Z."""


@define
class Company:
    """An office, a clock, and the events it has sent: (session, operation, argument)."""

    now: float = 1000.0
    wall: float = NOON
    told: list[tuple[str, str, dict[str, Any]]] = field(factory=list)
    send: Callable[[str, str, dict[str, Any]], None] | None = None
    office: Office = field(init=False)

    def __attrs_post_init__(self) -> None:
        counter = itertools.count(1)
        self.office = Office(
            lambda size: next(counter).to_bytes(size, "big"),
            lambda: self.wall,
            self._sent,
        )

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

    def hears(self, session_id: str, operation: str) -> list[dict[str, Any]]:
        """Take the events of one kind a session was told."""
        found = [a for s, name, a in self.told if (s, name) == (session_id, operation)]
        self.told = [e for e in self.told if e[:2] != (session_id, operation)]
        return found
