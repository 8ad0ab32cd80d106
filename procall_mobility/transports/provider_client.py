"""The connections to one provider: some that are warm, more under load, lost ones replaced."""

import itertools
from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from procall_mobility.gateway.allowance import Allowance
from procall_mobility.protocols.push.exchange import NoAnswer, ProviderRequest
from procall_mobility.transports.http2.attempts import Attempts, Origin
from procall_mobility.transports.http2.ownership import Done, MakeConnection, ProviderConnection
from procall_mobility.transports.http2.retrying import Retrying
from procall_mobility.transports.http2.rules import ClientRules
from procall_mobility.transports.http2.size import Size
from procall_mobility.transports.http2.timers import Timers
from procall_mobility.transports.pump import Household

log = Logger()

MOST_LEAVING = 32
"""Connections that take no more requests and have some without a result; no new ones before."""

LINES_AT_ONCE, LINES_PER_SECOND = 20.0, 1 / 300
"""Lines in the service book about connections to one provider, or to all whose hosts strangers
name: up to a thousand at a time, and ever others, that cannot be reached or hang up for ever.
What a lane's trouble is, and that it is over, is told elsewhere, once each."""


def allowed_lines(now: float) -> Allowance:
    """Return how many lines there may be from now on."""
    return Allowance(LINES_PER_SECOND, LINES_AT_ONCE, now)


class ProviderClient:
    """Makes requests to one origin; connects after `start`, ends with `stop`."""

    def __init__(
        self,
        origin: Origin,
        household: Household,
        dice: Callable[[], float],
        rules: ClientRules,
        capacity_changed: Callable[[], None],
        make: MakeConnection,
    ) -> None:
        """Prepare.

        Args:
            origin: whom to connect to.
            household: the clocks.
            dice: returns numbers from 0 up to 1.
            rules: bounds and waits.
            capacity_changed: called when requests can be made after none could, and when all
                connections together carry more or fewer of them at a time.
            make: makes a connection, of whatever HTTP is spoken.
        """
        self._origin = origin
        self._household = household
        self._rules = rules
        self._capacity_changed = capacity_changed
        self._lines = origin.lines or allowed_lines(household.now())
        self._retrying = Retrying(rules.retry, dice)
        self._make_connection = make
        self._size = Size(rules.warm, rules.most, rules.linger, rules.grows_from)
        self._coming = Attempts(origin.endpoint, self._make, self._not_connected)
        self._open: list[ProviderConnection] = []
        self._unproven: set[ProviderConnection] = set()
        self._leaving: set[ProviderConnection] = set()
        self._numbers = itertools.count()
        self._turn = 0
        self._had = (False, 0)
        """Whether there was capacity, and of how many streams."""
        self._timers = Timers(household.reactor)
        self._stopped: Deferred[None] | None = None
        self.trouble: str | None = None
        """Why the last connection failed; None once one is open."""

    # What the owner does ------------------------------------------------------------------

    def start(self) -> None:
        """Connect."""
        self._fill()

    @property
    def capacity(self) -> int:
        """How many requests can be made now."""
        return sum(connection.capacity for connection in self._open)

    @property
    def streams(self) -> int:
        """How many requests all connections together carry at a time."""
        return sum(connection.streams for connection in self._open)

    def request(
        self, request: ProviderRequest, done: Done, timeout: float, avoid: int | None = None
    ) -> int | None:
        """Make a request; `done` gets its one result, never within this call.

        Without capacity that is a `NoAnswer`, of a request that was not processed.

        Args:
            request: what to ask.
            done: gets the result.
            timeout: seconds after which the answer is waited for no longer.
            avoid: the number of a connection to use only where no other one has capacity.

        Returns:
            The number of the connection it went to; None without capacity.

        Raises:
            ValueError: a header field is none.
        """
        connection = self._choose(avoid)
        if connection is not None:
            connection.request(request, done, timeout)
            if not connection.capacity:
                self._look()
            return connection.number
        self._look()
        why = self.trouble or "no connection takes requests now"
        refusal = NoAnswer(was_processed=False, why=why)
        self._household.reactor.callLater(0, done, refusal)
        return None

    def renew(self) -> None:
        """Replace all connections, after the last result on each; credentials have changed."""
        for connection in tuple(self._open):
            self._retire(connection)
        self._look()
        self._fill()

    def hurry(self) -> None:
        """Wait no longer with the next attempt to connect, however often that has failed."""
        self._timers.hurry(self._fill)

    def stop(self, within: float) -> Deferred[None]:
        """Take no more requests; fires when all connections are closed.

        Those that still wait for answers after so many seconds are closed nevertheless.
        """
        if self._stopped is None:
            self._stopped = Deferred()
            self._timers.stop()
            self._timers.set(within, self._give_up)
            self._coming.cancel()
            self.renew()
            self._finish()
        return self._stopped

    # What connections tell ----------------------------------------------------------------

    def opened(self, connection: ProviderConnection) -> None:
        """Count on a connection."""
        self._coming.take(connection)
        self._open.append(connection)
        self._unproven.add(connection)
        self.trouble = None
        self._tell(log.info, "push provider connected")
        self._fill()

    def changed(self, connection: ProviderConnection) -> None:
        """See whether there is capacity again; a first answer proves a connection good."""
        if connection.has_answered and connection in self._unproven:
            self._prove(connection)
        self._look()

    def going(self, connection: ProviderConnection, why: str) -> None:
        """Replace a connection that the provider ends."""
        if connection in self._open:
            self._leave(connection, f"the provider ended the connection: {why}")
            self._look()
            self._fill()

    def lost(self, connection: ProviderConnection, why: str) -> None:
        """Replace a connection that is gone."""
        self._tell(log.info, "push connection ended", reason=why)
        if self._coming.take(connection):
            self._failed(why)
        elif connection in self._open:
            self._leave(connection, why)
        self._leaving.discard(connection)
        self._unproven.discard(connection)
        self._look()
        self._fill()
        self._finish()

    # Inside -------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Begin as many connections as are missing; after a failure one at a time."""
        while self._may_begin():
            self._coming.begin()

    def _may_begin(self) -> bool:
        coming = len(self._coming)
        return (
            self._stopped is None
            and self._fill not in self._timers
            and len(self._open) + coming < self._size.wanted
            and len(self._leaving) < MOST_LEAVING
            and not (coming and self._retrying.has_failed)
        )

    def _make(self) -> ProviderConnection:
        return self._make_connection(self, next(self._numbers))

    def _choose(self, avoid: int | None) -> ProviderConnection | None:
        """Take turns among the connections with capacity."""
        among, last_choice = self._open, None
        for _ in among:
            self._turn += 1
            connection = among[self._turn % len(among)]
            if connection.capacity:
                if connection.number != avoid:
                    return connection
                last_choice = connection
        return last_choice

    def _retire(self, connection: ProviderConnection) -> None:
        self._open.remove(connection)
        self._leaving.add(connection)
        connection.retire()

    def _leave(self, connection: ProviderConnection, why: str) -> None:
        """Count no more on a connection that ends; early that is a failure.

        Otherwise somebody who ends every connection at once would be called again and again.
        """
        self._open.remove(connection)
        self._leaving.add(connection)
        if connection in self._unproven:
            age = self._household.now() - connection.opened_at
            if age >= self._rules.settled_after:
                self._prove(connection)
            else:
                self._failed(why)

    def _prove(self, connection: ProviderConnection) -> None:
        self._unproven.discard(connection)
        self._retrying.succeeded()

    def _not_connected(self, why: str) -> None:
        self._failed(why)
        self._finish()

    def _failed(self, why: str) -> None:
        if self._stopped is None:
            self.trouble = why
            self._tell(log.error, "push provider not reached", reason=why)
            # Connections that fail together are one failure: the first has us wait already.
            if self._fill not in self._timers:
                self._timers.set(self._retrying.failed(), self._fill)

    def _tell(self, say: Callable[..., None], what: str, **members: str) -> None:
        if self._lines.take(self._household.now()):
            say(what, name=self._origin.authority, **members)

    def _look(self) -> None:
        """Tell when capacity has returned, or its bound has moved; grow when there is none.

        Where all transports are full it is gone although there are streams left, which nobody
        could know who counts requests.
        """
        had, has = self._had, (self.capacity > 0, self.streams)
        self._had = has
        if not has[0]:
            self._press()
        is_full = had[0] > has[0] and sum(each.in_flight for each in self._open) < has[1]
        if has[0] > had[0] or has[1] != had[1] or is_full:
            try:
                self._capacity_changed()
            except Exception:  # noqa: BLE001  # Not ours; the connection must go on.
                log.failure("fault in whoever waits for capacity")

    def _press(self) -> None:
        if self._open and not len(self._coming):
            limits = (connection.streams for connection in self._open)
            if self._size.press(limits, self._household.now()):
                self._fill()
                self._timers.set(self._rules.linger, self._shrink)

    def _shrink(self) -> None:
        """Let one connection go that was not needed for long."""
        if self._size.shrink(self._household.now()) and len(self._open) > self._size.wanted:
            self._retire(min(self._open, key=lambda connection: connection.in_flight))
        if self._size.is_grown:
            self._timers.set(self._rules.linger, self._shrink)

    def _give_up(self) -> None:
        for connection in tuple(self._leaving):
            connection.close("stopped")

    def _finish(self) -> None:
        """Tell that nothing is left."""
        left = len(self._coming) + len(self._open) + len(self._leaving)
        if self._stopped is not None and not self._stopped.called and not left:
            self._timers.stop()
            self._stopped.callback(None)
