"""The connections of all lanes of pushes."""

from collections.abc import Callable
from typing import Protocol

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from procall_mobility.gateway.push.applications.destinations import Destination
from procall_mobility.protocols.push.exchange import ProviderRequest, Result
from procall_mobility.transports.certificate_files import CertificateError

CLOSING = 5.0
"""Seconds that connections may take to end after the last answer."""


class Client(Protocol):
    """The connections of one lane (`ProviderClient`)."""

    @property
    def capacity(self) -> int:
        """How many requests can be made now."""

    @property
    def streams(self) -> int:
        """How many requests all connections together carry at a time."""

    def start(self) -> None:
        """Connect."""

    def request(
        self,
        request: ProviderRequest,
        done: Callable[[Result], None],
        timeout: float,
        avoid: int | None = None,
    ) -> int | None:
        """Make a request; `done` gets its one result, never within this call.

        Returns the number of the connection it went to, which a later request may `avoid`.
        """

    def hurry(self) -> None:
        """Wait no longer with the next attempt to connect."""

    def stop(self, within: float) -> Deferred[None]:
        """Take no more requests; fires when all connections are closed."""


MakeClient = Callable[[Destination, Callable[[], None]], Client]
"""Makes the client for a destination; it calls back when it can carry more requests, or fewer."""


@define(eq=False)
class LaneClients:
    """Each lane's client goes to the one destination the lane's credential is for."""

    _make: MakeClient
    _changed: Callable[[str], None]
    """Called with the lane whose client can carry more requests, or fewer."""
    all: dict[str, Client] = field(factory=dict, init=False)
    """By lane; nobody else changes it."""
    _destinations: dict[str, Destination] = field(factory=dict, init=False, repr=False)
    _leaving: set[Deferred[None]] = field(factory=set, init=False)
    """Fire when connections have ended that belong to no lane any more; within `CLOSING`."""
    _is_stopped: bool = field(default=False, init=False)
    _log = Logger()

    def connect(self, lane: str, destination: Destination) -> bool:
        """See that a lane has connections to a destination, and to no other.

        Returns:
            Whether they are new.  Those there were before end after their last answers.
        """
        if self._is_stopped or self._destinations.get(lane) == destination:
            return False
        self.disconnect(lane)
        self._destinations[lane] = destination
        try:
            client = self._make(destination, lambda: self._changed(lane))
        except CertificateError as error:
            self._log.error("push lane without connections", name=lane, error=str(error))
        else:
            self.all[lane] = client
            client.start()
        return True

    def hurry(self, lane: str) -> None:
        """Wait no longer with the next attempt of a lane to connect."""
        client = self.all.get(lane)
        if client is not None:
            client.hurry()

    def disconnect(self, lane: str) -> None:
        """Let a lane's connections end after their last answers."""
        self._destinations.pop(lane, None)
        client = self.all.pop(lane, None)
        if client is not None:
            self._leave(client)

    def stop(self) -> "Deferred[None]":
        """End all of them, and make no more; fires when they have ended.

        So have those of lanes that were closed a moment ago: what they are answered is still to
        be written down.
        """
        self._is_stopped = True
        for lane in list(self.all):
            self.disconnect(lane)
        return DeferredList(list(self._leaving)).addCallback(lambda _: None)

    def _leave(self, client: Client) -> None:
        ended = client.stop(CLOSING)
        self._leaving.add(ended)
        ended.addBoth(lambda _: self._leaving.discard(ended))
