"""The daemon's life: started in order, watched while it runs, stopped in reverse order."""

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import Factory, define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.internet.task import deferLater
from twisted.logger import Logger

from procall_mobility import __version__
from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.composition.turn.relay import TurnRelay
from procall_mobility.config import SettingError
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.reasons import Reason
from procall_mobility.lifecycle.draining import Draining
from procall_mobility.lifecycle.rounds import Rounds
from procall_mobility.operations.access_log import AccessLog
from procall_mobility.operations.garbage import put_aside_the_start
from procall_mobility.reload.reloader import Outcome, Reloader
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.listening import Bind, ListenError, TcpListener
from procall_mobility.transports.pump import AlarmClock, Household
from procall_mobility.transports.turn.datagram_port import DatagramPort
from procall_mobility.transports.unix_listener import UnixListener

DRAIN = 1.0
"""Seconds for the last words to connections after they were told to go."""

EXPECTED_FOR = 60.0
"""Seconds until the servers of the daemon before should be here: theirs and ours are answered
first, and then they dial."""

Listener = TcpListener | UnixListener | DatagramPort


def _tell_whoever_looks(why: str) -> None:
    print(f"procall-mobility: {why}", file=sys.__stderr__, flush=True)


@define(kw_only=True, eq=False, slots=False)
class Daemon(Service):
    """The whole service."""

    node: str
    household: Household
    gateway: Gateway
    customer_door: CustomerDoor
    access: AccessLog
    store: CustomerStore
    certificate: Certificate | None
    connections: Connections
    listeners: list[TcpListener | DatagramPort]
    alarm: AlarmClock
    turn: TurnRelay | None
    """None when nobody may relay."""
    push: PushGateway | None
    """None when no pushes are taken."""
    bind: Bind
    """Opens a port for whoever comes later."""
    draining: Draining
    """Waits for what is under way."""
    rounds: Rounds = field(
        default=Factory(lambda self: Rounds(self.household.reactor), takes_self=True), init=False
    )
    """What is done again and again."""
    admin: UnixListener | None = None
    admin_doors: list[TcpListener] = field(factory=list)
    """Where health is asked for; they are open until the very end, which is a part of it."""
    reopen: Callable[[], None] = lambda: None
    """Has the service log go on in a fresh file."""
    reloads: list[Callable[[], None]] = field(factory=list)
    """What others do after each reload."""
    reloader: Reloader = field(init=False)
    """Has everybody take over other settings."""
    complain: Callable[[str], None] = _tell_whoever_looks
    """Is told why it does not start."""
    is_successor: bool = False
    """Whether another daemon serves, and will hand everything over."""
    hand_over: "Callable[[], Deferred[dict[str, Any]]] | None" = None
    """Has another daemon take over."""
    tell_successor: Callable[[Mapping[str, Any]], None] | None = None
    """Tells the daemon that has taken over what is waited for here."""
    predecessor: Mapping[str, Any] | None = field(default=None, init=False)
    """What the daemon before still waits for; None: it has ended."""
    is_stopping: bool = field(default=False, init=False)
    serves: bool = field(default=False, init=False)
    """Whether it has begun to; whoever takes over has not at first."""
    _started: float = field(default=0.0, init=False)
    _log = Logger()

    def startService(self) -> None:
        """Listen.  What could not be opened has ended the program before.

        Raises:
            SystemExit: a port is not to be had; the reason is told, everything is stopped again.
        """
        self._started = self.household.now()
        put_aside_the_start()
        self._open()
        super().startService()
        if not self.is_successor:
            self._serve()
            self._log.info("started", version=__version__, name=self.node)

    def take_over(self, customers: Iterable[str]) -> None:
        """Serve: the daemon before has let go of everything.

        Args:
            customers: Those whose servers it sends to us.
        """
        if self.push is not None:
            self.push.catch_up()
        until = self.household.now() + EXPECTED_FOR
        self.gateway.expected.expect(customers, until)
        self._serve()

    def let_go(self) -> "Deferred[Any]":
        """Take nobody in any more; fires when another daemon may go on with what is stored."""
        self.is_stopping = True
        self.draining.visits.end()
        waits = [
            listener.let_go()
            for listener in self.all_listeners()
            if not isinstance(listener, DatagramPort)
        ]
        if self.turn is not None:
            waits.append(self.turn.part(self.household.reactor))
        waits.append(self._put_pushes_away())
        return DeferredList([each for each in waits if each is not None])

    def expected_elsewhere(self) -> list[str]:
        """Return the customers whose servers are about to come to the daemon that takes over."""
        return sorted({link.customer.ucsid for link in self.gateway.links.all()})

    def drain_for_successor(self) -> "Deferred[Any]":
        """Wait until nobody is here any more, or the time is over."""
        if self.tell_successor is not None:
            self.draining.tell = self.tell_successor
        within = self.draining.rules.on_hand_over
        return self.draining.begin(within, Reason.MOVED, self._put_pushes_away())

    def drain(self) -> "Deferred[Any]":
        """Take nobody in any more, and wait until nobody is here, or the time is over."""
        if not self.serves:
            return succeed(None)
        self.is_stopping = True
        for listener in self.listeners:
            if isinstance(listener, TcpListener):
                listener.stopService()
        if self.turn is not None:
            self.turn.turn_away()
        within = self.draining.rules.on_stop
        return self.draining.begin(within, Reason.SHUTTING_DOWN, self._put_pushes_away())

    def heard_of_predecessor(self, facts: Mapping[str, Any] | None) -> None:
        """Note what the daemon before still waits for; None: it has ended."""
        self.predecessor = facts

    def stopService(self) -> "Deferred[Any]":
        """Stop listening, tell everybody to go, then close the store."""
        super().stopService()
        self.is_stopping = True
        if not self.serves:
            # Nothing is ours yet, and nothing has to be put in order.
            return DeferredList([])
        self._log.info("stopping")
        self.rounds.end()
        stopped = [
            listener.stopService()
            for listener in self.all_listeners()
            if listener not in self.admin_doors
        ]
        self.gateway.shut_down(self.household.now())
        if self.turn is not None:
            self.turn.stop(self.household.now())
        waits: list[Deferred[Any]] = [each for each in stopped if each is not None]
        waits.append(self._put_pushes_away())
        if self.connections.total:
            waits.append(deferLater(self.household.reactor, DRAIN, lambda: None))

        def close(result: Any) -> Any:
            for door in self.admin_doors:
                door.stopService()
            self.alarm.stop()
            self.store.close()
            self.access.close()
            self._log.info("stopped")
            return result

        return DeferredList(waits).addBoth(close)

    @property
    def uptime(self) -> float:
        """Return the seconds since it was started."""
        return self.household.now() - self._started

    # While it runs ------------------------------------------------------------------------

    def reload(self) -> Outcome:
        """Go on in fresh log files, and take over what the settings file says now (SIGHUP)."""
        self.reopen()
        self.access.reopen()
        if self.is_stopping or not self.serves:
            why = (
                "the daemon is told to end" if self.is_stopping else "another daemon serves still"
            )
            self._log.error("settings not taken over", error=why)
            return Outcome(errors=(SettingError("", why),))
        outcome = self.reloader.reload()
        for reloaded in self.reloads:
            try:
                reloaded()
            except Exception:  # noqa: BLE001  # Our bug; it is reloaded all the same.
                self._log.failure("fault after a reload")
        self.look_around()
        return outcome

    def look_for_changes(self) -> None:
        """Take over customers' changes that another process has made."""
        for change in self.store.changes():
            self.customer_door.forget(change.ucsid)
            if self.push is not None:
                self.push.customer_changed(change.ucsid)
            relay = self.turn is not None and self.turn.media.customer_changed(
                change.ucsid, self.household.now()
            )
            self.gateway.customer_changed(
                change.ucsid, credentials=change.credentials, relay=relay
            )

    def look_for_apps(self) -> None:
        """Take over applications for pushes, and credentials, that were changed."""
        if self.push is not None:
            self.push.look_for_changes()

    def look_at_certificate(self) -> None:
        """Take over a certificate that was replaced."""
        if self.certificate is not None:
            self.certificate.reload_if_changed()

    def look_around(self) -> None:
        """Close to the relay what has become an address of this machine, or a resolver of it."""
        try:
            if self.turn is not None:
                if self.turn.look_around():
                    self._log.info("own addresses or resolvers changed")
                self.turn.datapath.look_around()
        except OSError as error:
            self._log.error("own addresses not read", error=str(error))

    def all_listeners(self) -> list[Listener]:
        """Return everything that listens, or will."""
        admin = [self.admin] if self.admin is not None else []
        return [*admin, *self.listeners, *self.admin_doors]

    def _put_pushes_away(self) -> "Deferred[Any]":
        return succeed(None) if self.push is None else self.push.stop()

    def _serve(self) -> None:
        self.serves = True
        for listener in self.all_listeners():
            listener.startService()
        if self.turn is not None:
            self.turn.start()
        if self.push is not None:
            self.push.start()
        self.rounds.begin()

    def _open(self) -> None:
        try:
            for listener in self.all_listeners():
                listener.open()
        except ListenError as error:
            for listener in self.all_listeners():
                if self.is_successor:
                    listener.let_go()
                else:
                    listener.stopService()
            self._log.error("not started", error=str(error))
            self.complain(str(error))
            raise SystemExit(1) from error
