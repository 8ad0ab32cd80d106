"""Doors and ports as they stand: opened, changed and closed while people come and go."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attrs import frozen
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from procall_mobility.composition.entrances import Entrance
from procall_mobility.config import SettingError, SettingsError
from procall_mobility.reload.reloader import Prepared
from procall_mobility.transports.door import DoorFactory
from procall_mobility.transports.listening import (
    Bind,
    ListenError,
    TcpListener,
    bound_socket,
    share,
)


@frozen
class Place:
    """Where something listens, and what for."""

    purpose: str
    host: str
    port: int


@frozen
class Wanted:
    """What is to listen at a place."""

    factory: "Factory[Any]"
    setting: str
    """Names the place."""


class Ports:
    """TCP ports that become others."""

    _log = Logger()

    def __init__(self, reactor: Any, bind: Bind) -> None:
        """Listen nowhere; `bind` opens ports."""
        self._reactor = reactor
        self._bind = bind
        self._listeners: dict[Place, TcpListener] = {}

    @property
    def listeners(self) -> list[TcpListener]:
        """Return what listens, or will when it is started."""
        return list(self._listeners.values())

    def begin(self, wanted: Mapping[Place, Wanted]) -> None:
        """Have listeners at these places; whoever starts the daemon opens them."""
        self._listeners = {
            place: self._listener(place, what, self._bind) for place, what in wanted.items()
        }

    def prepare(self, wanted: Mapping[Place, Wanted]) -> Prepared:
        """Open what is new; what is wanted no more is closed with the commit.

        A port that only gets another purpose stays open all the time, and so does one that is
        taken on another address of this machine.

        Raises:
            SettingsError: ports are not to be had, each with its reason.
        """
        leaving = {p: each for p, each in self._listeners.items() if p not in wanted}
        opened: dict[Place, TcpListener] = {}
        errors = []
        for place, what in wanted.items():
            if place in self._listeners:
                continue
            listener = self._listener(place, what, self._bind_of(place, leaving))
            try:
                listener.open()
            except ListenError as error:
                errors.append(SettingError(what.setting, str(error)))
            else:
                opened[place] = listener

        def undo() -> None:
            for each in opened.values():
                each.stopService()

        def commit() -> None:
            for each in opened.values():
                each.startService()
            for each in leaving.values():
                self._log.info("listening no more", address=each.address)
                each.stopService()
            kept = {**self._listeners, **opened}
            self._listeners = {place: kept[place] for place in wanted}

        if errors:
            undo()
            raise SettingsError(tuple(errors))
        return Prepared(commit=commit, undo=undo)

    def _listener(self, place: Place, what: Wanted, bind: Bind) -> TcpListener:
        return TcpListener(
            self._reactor, place.host, place.port, what.factory, place.purpose, bind
        )

    def _bind_of(self, place: Place, leaving: Mapping[Place, TcpListener]) -> Bind:
        near = {p: each for p, each in leaving.items() if p.port == place.port != 0}
        same = [sock for p, each in near.items() if p.host == place.host for sock in each.sockets]
        if same:
            return lambda host, port: same[0].dup()
        for listener in near.values():
            for sock in listener.sockets:
                share(sock)
        return partial(bound_socket, shares=True) if near else self._bind


class Doors:
    """The front doors: where connections are taken, and what is spoken there."""

    def __init__(self, entrances: Sequence[Entrance], reactor: Any, bind: Bind) -> None:
        """Make them; nothing is open before its listener is started."""
        self._factories = {each.purpose: DoorFactory(each.services) for each in entrances}
        self._ports = Ports(reactor, bind)
        self._ports.begin(self._wanted(entrances))

    @property
    def listeners(self) -> list[TcpListener]:
        """Return what listens, or will when it is started."""
        return self._ports.listeners

    def prepare(self, entrances: Sequence[Entrance]) -> Prepared:
        """Make ready to meet whoever comes as `entrances` say.

        Raises:
            SettingsError: ports are not to be had, each with its reason.
        """
        ports = self._ports.prepare(self._wanted(entrances))

        def commit() -> None:
            for each in entrances:
                self._factories[each.purpose].change(each.services)
            ports.commit()

        return Prepared(commit=commit, undo=ports.undo)

    def _wanted(self, entrances: Sequence[Entrance]) -> dict[Place, Wanted]:
        return {
            Place(each.purpose, host, port): Wanted(self._factories[each.purpose], each.setting)
            for each in entrances
            for host, port in each.addresses
        }
