"""The relay as it runs: it starts, goes by other settings, is handed on, and ends."""

from collections.abc import Callable, Sequence

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from procall_mobility.composition.terms import turn_urls
from procall_mobility.composition.turn.datapath import Datapath
from procall_mobility.composition.turn.ports import TurnPorts
from procall_mobility.composition.turn.terms import peer_rules, surroundings_of, turn_rules
from procall_mobility.config import Settings
from procall_mobility.gateway.ice import OwnRelay
from procall_mobility.gateway.media import Media
from procall_mobility.protocols.turn.allocations import Newcomers
from procall_mobility.protocols.turn.relay_addresses import RelayHost
from procall_mobility.transports.callers import Peer
from procall_mobility.transports.pump import AlarmClock, Now
from procall_mobility.transports.turn.datagram_port import DatagramPort
from procall_mobility.transports.turn.hub import DatagramHub
from procall_mobility.transports.turn.stream import TurnStream

KEPT_AT_ONCE = 50
"""Clients that get sockets of their own before others are looked after: some milliseconds."""


@define(kw_only=True, eq=False)
class TurnRelay:
    """The relay, ready to be started."""

    settings: Settings
    """In force; `change` takes others over."""
    media: Media
    hosts: Sequence[RelayHost]
    """Where relays are opened."""
    hub: DatagramHub
    alarm: AlarmClock
    datapath: Datapath
    udp: TurnPorts
    stream: Callable[[Peer], TurnStream]
    """Makes the protocol of a client that comes by TCP or TLS."""
    now: Now

    def start(self) -> None:
        """Begin to relay; listening is another thing."""
        self.datapath.start()
        self.hub.start()

    def look_around(self) -> bool:
        """Take over addresses and resolvers that this machine has got or lost.

        Returns:
            Whether there are any.

        Raises:
            OSError: it cannot be told; all stays as it was.
        """
        self.udp.tidy()
        return self.media.moved(surroundings_of(self.settings, self.hosts), self.now())

    @property
    def ports(self) -> list[DatagramPort]:
        """Return where clients come by UDP and DTLS."""
        return self.udp.listeners

    def own(self, settings: Settings) -> OwnRelay:
        """Return what clients are told of it."""
        urls = turn_urls(settings, [each.seen_as for each in self.hosts])
        return OwnRelay(urls=urls, users=self.media.users)

    def change(self, settings: Settings) -> None:
        """Go by other settings from now on, as far as they may change; call `look_around` then."""
        self.settings = settings
        self.media.users.longest_ttl = settings.ice.ttl
        self.media.change(turn_rules(settings.turn), peer_rules(settings.turn), self.now())

    def turn_away(self) -> None:
        """Take no new clients; those who are relayed go on."""
        self.media.server.allocations.newcomers = Newcomers.REFUSED

    def part(self, clock: IReactorTime) -> "Deferred[None]":
        """Leave new clients to the process that has our sockets, too; the others go on.

        Fires when no socket of ours is read any more that others may read.
        """
        self.media.server.allocations.newcomers = Newcomers.ELSEWHERE
        parted: Deferred[None] = Deferred()

        def go_on() -> None:
            if any(port.keep(self.hub, KEPT_AT_ONCE) for port in self.ports):
                clock.callLater(0, go_on)
                return
            for port in self.ports:
                port.part(self.hub)
            parted.callback(None)

        go_on()
        return parted

    def stop(self, now: float) -> None:
        """End every allocation and relay no more."""
        self.media.shut_down(now)
        self.alarm.stop()
        self.datapath.stop()
        self.udp.stop()
        self.hub.stop()
