"""A server that takes nothing more holds back its clients; one that stays so is cut off."""

from attrs import define

from procall_mobility.gateway.alarms import Alarms
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.session_desk import SessionDesk


@define(eq=False)
class BackPressure:
    """Hands on what connections of servers can take."""

    alarms: Alarms
    sessions: SessionDesk

    def paused(self, link: Link, patience: float, now: float) -> None:
        """Hold back the clients of a server, and cut it off after so many seconds."""
        if link.paused:
            return
        link.paused = True
        link.stall = self.alarms.set(now + patience, lambda _: link.wire.abort())
        for session in self.sessions.of(link):
            if session.wire is not None:
                session.wire.hold()

    def resumed(self, link: Link) -> None:
        """Let the clients of a server speak again; those that are about to be moved need not."""
        if not link.paused:
            return
        link.paused = False
        link.stall.cancel()
        for session in self.sessions.of(link):
            if session.wire is not None and not session.is_held:
                session.wire.release()
