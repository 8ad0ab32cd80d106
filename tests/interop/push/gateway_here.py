"""The push gateway in the test's own process, with its real store, carriers and connections.

Only its clocks are the test's: what is to happen in three minutes happens when the test says so,
and what happens without a word of it happens at once, however long that takes here.
"""

import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from twisted.internet import reactor as global_reactor
from twisted.internet.epollreactor import EPollReactor

from procall_mobility import config
from procall_mobility.composition.push import assembly
from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.composition.terms import server_back_off
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.push.desks.orders import Result
from procall_mobility.gateway.push.desks.push_desk import PushDesk
from procall_mobility.operations.access_log import AccessLog
from procall_mobility.operations.rendering import Pseudonyms
from procall_mobility.operations.sinks import open_sink
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.password_checks import CheckedCustomers
from procall_mobility.transports.pump import Household
from tests.interop.push.running import PATIENCE, Running

ACME = Customer(ucsid="acme")
RESTING, TURNS = 0.1, 20
"""Seconds, and turns of the reactor.  It takes one to send what is due, and time stands still:
nothing falls due while a test rests."""
SLOT = 1800.0
"""Seconds; the time in a token for Apple is the beginning of one."""


@define
class Clocks:
    """Both clocks; they stand still but for what the test skips."""

    behind: float = 0.0
    """Seconds between the calendar here and the providers'."""
    ahead: float = 0.0
    """Seconds the test has skipped."""
    _began: float = field(factory=time.monotonic, init=False)
    _began_unix: float = field(factory=time.time, init=False)

    def now(self) -> float:
        return self._began + self.ahead

    def time(self) -> float:
        return self._began_unix - self.behind + self.ahead


def clocks_of_a_young_token() -> Clocks:
    """Return clocks by which a token for Apple is a minute old.

    They are far enough in the past that one made 20 minutes later is not from the future.
    """
    into = time.time() % SLOT
    return Clocks(into - 60.0 + (SLOT if into < 1300.0 else 0.0))


@define(eq=False)
class Here:
    """The gateway of one test; `orders` are taken as from a customer's server."""

    gateway: PushGateway
    """Composed as the daemon does it."""
    providers: Running
    clocks: Clocks
    reactor: Any

    def posts(self, *messages: dict[str, Any]) -> list[Result]:
        """Post a batch, and return what is answered."""
        told: list[list[Result]] = []
        self._desk.orders.take(
            ACME,
            json.dumps({"messages": messages}).encode(),
            lambda results, accepts: told.append(results),
            self.clocks.now(),
        )
        self.run(lambda: told)
        return told[0]

    def became(self, message: dict[str, Any]) -> Result:
        found = self._desk.orders.became(ACME, message["id"])
        assert found is not None
        return found

    def feedback(self) -> list[tuple[str, str]]:
        """Return dead tokens and why."""
        return [
            (each.token, each.reason) for each in self._desk.orders.store.feedback("acme", 0, 9)
        ]

    def lane(self, name: str) -> dict[str, Any]:
        """Return the account of the lane whose name begins like that."""
        (found,) = [
            each for each in self.gateway.runner.account() if each["lane"].startswith(name)
        ]
        return found

    def arrivals(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the requests in which a push has come to any provider."""
        found = self.providers.ask("arrivals")
        return [each for each in found if each["is_push"] and each["id"] == message["id"]]

    def run(self, until: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < ends, self.gateway.runner.account()
            self.reactor.iterate(0.01)
            # Twisted's TLS gathers small writes by the clock of this one.
            global_reactor.iterate(0)

    def rest(self) -> None:
        """Let happen what would happen at once: everybody has many turns."""
        ends, turns = time.monotonic() + RESTING, itertools.count(1)
        self.run(lambda: next(turns) > TURNS and time.monotonic() >= ends)

    def skip(self, seconds: float) -> None:
        """Let it be later."""
        self.clocks.ahead += seconds
        self.gateway.runner.pipeline.wake(self.clocks.now())
        self.gateway.runner.stirred()

    @property
    def _desk(self) -> PushDesk:
        (desk,) = [each for each in self.gateway.desks if isinstance(each, PushDesk)]
        return desk


@contextmanager
def gateway_here(
    settings: config.Settings,
    data: Path,
    providers: Running,
    clocks: Clocks,
    patch: pytest.MonkeyPatch,
) -> Iterator[Here]:
    """Have a gateway of the applications that are registered, with an empty queue."""
    reactor = EPollReactor()
    patch.setattr(assembly, "time", clocks)
    customers = CustomerStore(Path(settings.store.path), os.urandom, time.time)
    # The store is many tests', and the clocks of each are other ones.
    customers.connection.execute("DELETE FROM apple_tokens")
    access = AccessLog(
        open_sink(str(data / "access.log"), "push"),
        Pseudonyms(os.urandom(32)),
        time.time,
        lambda unix: datetime.fromtimestamp(unix, UTC),
        json=True,
    )
    gateway = assembly.compose_push(
        evolve(settings, service=evolve(settings.service, data=str(data))),
        customers,
        access=access,
        door=CustomerDoor(
            customers=CheckedCustomers(customers, lambda work: work()),
            book=access,
            back_off=server_back_off(settings),
            key=os.urandom(32),
            clock=clocks.now,
        ),
        household=Household(reactor=reactor, now=clocks.now),
        origin=lambda request: "",
        reactor=reactor,
    )
    assert gateway is not None
    here = Here(gateway, providers, clocks, reactor)
    # Names of hosts are looked up in threads, which only a reactor that runs has.
    threads = reactor.getThreadPool()
    threads.start()
    try:
        gateway.start()
        yield here
    finally:
        stopped: list[object] = []
        gateway.stop().addBoth(stopped.append)
        here.run(lambda: stopped)
        threads.stop()
        reactor.disconnectAll()
        customers.close()
