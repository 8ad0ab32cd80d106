"""Sessions of the demo server: one for each logged-on client."""

from collections.abc import Callable, Iterator

from attrs import define, field

from examples.uc_demo.server.directory import Person

MOST_SESSIONS = 10_000
SILENCE = 120.0
"""Seconds without a keep-alive or a call after which a session is over: four keep-alives."""


@define(eq=False)
class Session:
    """One session; nobody has logged on yet while `person` is None."""

    id: str = field(repr=False)
    heard: float
    person: Person | None = None
    chat: bool = False
    presence: set[str] = field(factory=set)
    """Contacts whose presence this client has subscribed to."""
    first_generation: bool = False
    """Whether it did so by the old name, and is told by the old name, too."""
    device: str = ""
    """The device it has registered for pushes; empty if none."""


class Sessions:
    """All sessions."""

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        self._entropy = entropy
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def create(self, now: float) -> Session | None:
        """Make a session with an id of 32 upper-case hex digits; None when there are too many."""
        if len(self._sessions) >= MOST_SESSIONS:
            return None
        session = Session(self._entropy(16).hex().upper(), now)
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """Return a session."""
        return self._sessions.get(session_id)

    def destroy(self, session_id: str) -> Session | None:
        """Forget a session and return it."""
        return self._sessions.pop(session_id, None)

    def ids(self) -> list[str]:
        """Return the ids of all sessions."""
        return list(self._sessions)

    def of(self, contact_id: str) -> list[Session]:
        """Return the sessions of one person."""
        return [
            s for s in self._sessions.values() if s.person and s.person.contact_id == contact_id
        ]

    def logged_on(self) -> Iterator[Session]:
        """Return all sessions with somebody in them."""
        return (s for s in list(self._sessions.values()) if s.person is not None)

    def silent(self, now: float) -> list[Session]:
        """Return the sessions that have been silent for too long."""
        return [s for s in self._sessions.values() if now - s.heard > SILENCE]
