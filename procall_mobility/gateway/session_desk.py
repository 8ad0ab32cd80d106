"""The life of sessions: opened, attached to a WebSocket, lost, taken up again, ended (Wire 3)."""

from collections.abc import Callable, Iterator

from procall_mobility.gateway.access import AccessEntry, Event, User
from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.allowance import Allowance
from procall_mobility.gateway.apps import app_name
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.ports import AccessBook, ClientWire
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.sessions import Session, SessionWatch, Unwatched
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.intentions import LogOn
from procall_mobility.protocols.ucclient.outcomes import LoggedIn
from procall_mobility.protocols.ucclient.socket_rules import CloseCode

CLOSE_CODES = {
    Reason.LOGGED_OFF: CloseCode.LOGGED_OFF,
    Reason.DESTROYED: CloseCode.LOGGED_OFF,
    Reason.REPLACED_SOCKET: CloseCode.LOGGED_OFF,
    Reason.SHUTTING_DOWN: CloseCode.DRAINING,
    Reason.SERVER_ENDED: CloseCode.SESSION_ENDED,
    Reason.TOO_MANY_FRAMES: CloseCode.SESSION_ENDED,
    Reason.MESSAGE_TOO_BIG: CloseCode.TOO_BIG,
    Reason.INTERNAL: CloseCode.INTERNAL,
    Reason.LINK_LOST: CloseCode.LINK_LOST,
    Reason.MOVED: CloseCode.LINK_LOST,
    Reason.SLOW_CLIENT: CloseCode.BUSY,
}
"""The code a client's WebSocket is closed with when its session ends for a reason (A-22)."""

DestroyAtServer = Callable[[Link, str, float], None]


class SessionDesk:
    """All sessions of this node."""

    def __init__(
        self,
        alarms: Alarms,
        book: AccessBook,
        rules: GatewayRules,
        assumptions: ClientAssumptions,
        destroy_at_server: DestroyAtServer,
    ) -> None:
        self._alarms = alarms
        self._book = book
        self._rules = rules
        self._assumptions = assumptions
        self._destroy_at_server = destroy_at_server
        self.watch: SessionWatch = Unwatched()
        self._sessions: dict[str, Session] = {}
        self._per_customer: dict[str, int] = {}
        self.sent = self.received = 0
        """Messages of sessions that have ended."""

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def change(self, rules: GatewayRules, assumptions: ClientAssumptions) -> None:
        """Go by other rules from now on; waits that have begun go on."""
        self._rules, self._assumptions = rules, assumptions
        for session in self:
            session.allowance.change(rules.frames_per_second, rules.frame_burst)

    def find(self, session_id: str) -> Session | None:
        """Return the session with this id."""
        return self._sessions.get(session_id)

    def of(self, link: Link) -> list[Session]:
        """Return the sessions over a link."""
        return [self._sessions[each] for each in link.sessions]

    def open(self, asked: LogOn, link: Link, user: LoggedIn, now: float) -> Reason | None:
        """Take in a logged-on user; a reason when that cannot be."""
        ucsid = link.customer.ucsid
        if user.session_id in self._sessions:
            # Ids are made by customers' servers: one of them must not take another's session over.
            return Reason.SERVER_MISBEHAVED
        if self._per_customer.get(ucsid, 0) >= link.customer.switches.sessions:
            return Reason.TOO_MANY_SESSIONS
        session = Session(
            id=user.session_id,
            link=link,
            user=User(user.user),
            app=app_name(asked.app_id),
            client=asked.client_address,
            since=now,
            allowance=Allowance(self._rules.frames_per_second, self._rules.frame_burst, now),
        )
        self._sessions[session.id] = session
        self._per_customer[ucsid] = self._per_customer.get(ucsid, 0) + 1
        link.sessions.add(session.id)
        self._expire(session, self._rules.upgrade_timeout, Reason.NEVER_ATTACHED, now)
        self._note(session, Event.SESSION_OPENED)
        return None

    def touched(self, session: Session, now: float) -> None:
        """Note a one-shot call: a session that is used needs no WebSocket to live on."""
        if session.wire is None:
            self._expire(session, self._rules.upgrade_timeout, Reason.NEVER_ATTACHED, now)

    def attach(self, session: Session, wire: ClientWire, client: str, now: float) -> None:
        """Give a session its WebSocket; an older one is replaced (A-21)."""
        old, session.wire = session.wire, wire
        session.client = client
        session.paused = session.is_held = False
        session.expiry.cancel()
        if old is not None:
            self._close(old, Reason.REPLACED_SOCKET)
        if session.link.paused:
            wire.hold()
        session.flush()
        self.watch.attached(session, now)

    def detached(self, session: Session, wire: ClientWire, now: float) -> None:
        """Note the loss of a WebSocket; without another one the session ends after the grace."""
        if session.wire is not wire:
            return
        session.wire = None
        session.paused = False
        self.watch.detached(session)
        if session.logged_off:
            self.end(session, Reason.LOGGED_OFF, now)
        else:
            self._expire(session, self._rules.grace, Reason.GRACE_OVER, now)

    def end(self, session: Session, reason: Reason, now: float, *, at_server: bool = True) -> None:
        """End a session, here and (unless it has ended there) at the customer's server."""
        if self._sessions.get(session.id) is not session:
            return
        del self._sessions[session.id]
        self._count_down(session)
        self.sent += session.sent
        self.received += session.received
        session.link.sessions.discard(session.id)
        session.expiry.cancel()
        wire, session.wire = session.wire, None
        if wire is not None:
            self._close(wire, reason)
        if at_server:
            self._destroy_at_server(session.link, session.id, now)
        self._note(session, Event.SESSION_CLOSED, reason, now - session.since)
        self.watch.ended(session)

    def _expire(self, session: Session, after: float, reason: Reason, now: float) -> None:
        session.expiry.cancel()
        session.expiry = self._alarms.set(
            now + after, lambda later: self.end(session, reason, later)
        )

    def _count_down(self, session: Session) -> None:
        ucsid = session.link.customer.ucsid
        self._per_customer[ucsid] -= 1
        if not self._per_customer[ucsid]:
            del self._per_customer[ucsid]

    def _close(self, wire: ClientWire, reason: Reason) -> None:
        code = CLOSE_CODES.get(reason, CloseCode.SESSION_ENDED)
        wire.close(self._assumptions.close_code(code), reason)

    def _note(
        self,
        session: Session,
        event: Event,
        reason: Reason | None = None,
        duration: float | None = None,
    ) -> None:
        ended = event is Event.SESSION_CLOSED
        self._book.write(
            AccessEntry(
                event=event,
                customer=session.link.customer.ucsid,
                client=session.client,
                app=session.app,
                user=session.user if session.user.name else None,
                via=session.link.name,
                duration=duration,
                sent=session.sent if ended else None,
                received=session.received if ended else None,
                reason=reason,
            )
        )
