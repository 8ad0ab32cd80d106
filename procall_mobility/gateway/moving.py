"""Moves a node's clients and servers away: what was accepted is answered, then all come back.

A server cannot be asked to come by another way while it holds its link: links only end.  So its
clients are held first, until nothing they or it have asked is unanswered.  Then the link ends, for
a server needs longer to come back, and then each client's WebSocket at a time of its own.
"""

from collections.abc import Callable
from functools import partial

from attrs import define, field, frozen

from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.links import Link, LinkTable
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.relay import Relay
from procall_mobility.gateway.session_desk import SessionDesk
from procall_mobility.gateway.sessions import Session

LOG_ONS_PER_SECOND = 100.0
"""How many clients at most come back at a time, on average: few are moved in no time."""

LOOK_EVERY = 0.02
"""Seconds between looks at what is unanswered; servers mostly answer sooner."""

EndLink = Callable[[Link, Reason, float], None]


@frozen(kw_only=True)
class Move:
    """How all are moved."""

    reason: Reason
    patience: float
    """Seconds that is waited for answers."""
    spread: float
    """Seconds over which a crowd is moved, at most."""
    dice: Callable[[], float] = field(repr=False)
    """Returns a number from 0 to below 1: when within that time."""

    def some_time_for(self, clients: int) -> float:
        """Return a part of the seconds in which so many clients are moved."""
        return self.dice() * min(self.spread, clients / LOG_ONS_PER_SECOND)


@define(eq=False, kw_only=True)
class Moving:
    """Moves everybody, once."""

    links: LinkTable
    sessions: SessionDesk
    relay: Relay
    alarms: Alarms
    end_link: EndLink
    """Ends a link and leaves alone those of its sessions that are `going`."""
    _move: Move | None = field(default=None, init=False)

    @property
    def has_begun(self) -> bool:
        """Whether nobody is let in any more."""
        return self._move is not None

    def begin(self, move: Move, now: float) -> None:
        """Move everybody away; a second call does nothing."""
        if self._move is not None:
            return
        self._move = move
        total = len(self.sessions)
        for link in self.links.all():
            at = now + move.some_time_for(total - len(link.sessions))
            self.alarms.set(at, partial(self._hold, link, move))

    def link_arrived(self, link: Link, now: float) -> None:
        """Move a link too that comes when all are moved."""
        if self._move is not None:
            self._hold(link, self._move, now)

    def _hold(self, link: Link, move: Move, now: float) -> None:
        """Read nothing more of its clients, but for answers that its server waits for."""
        for session in self.sessions.of(link):
            session.is_leaving = True
        self._look(link, move, now + move.patience, now)

    def _look(self, link: Link, move: Move, until: float, now: float) -> None:
        if link not in self.links.of(link.customer.ucsid):
            return  # It was lost meanwhile, and its clients know.
        sessions = self.sessions.of(link)
        for session in sessions:
            session.hold_when_heard_out()
        if now < until and (link.is_busy or any(each.is_busy for each in sessions)):
            at = min(until, now + LOOK_EVERY)
            self.alarms.set(at, partial(self._look, link, move, until))
        else:
            self._go(link, sessions, move, now)

    def _go(self, link: Link, sessions: list[Session], move: Move, now: float) -> None:
        self.relay.give_up_on(link, sessions, now)
        for session in sessions:
            session.is_going = True
        self.end_link(link, move.reason, now)
        for session in sessions:
            at = now + move.some_time_for(len(sessions))
            self.alarms.set(at, partial(self.sessions.end, session, move.reason, at_server=False))
