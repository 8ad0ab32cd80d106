"""Where the relay's clients come by UDP: ports that are opened and left while calls go on."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from attrs import define, field
from twisted.logger import Logger

from procall_mobility.config import SettingError, SettingsError
from procall_mobility.reload.reloader import Prepared
from procall_mobility.transports.listening import ListenError
from procall_mobility.transports.turn.datagram_port import DatagramPort, Datagrams
from procall_mobility.transports.turn.udp_listener import UdpListener

Place = tuple[str, int]


@define(eq=False)
class TurnPorts:
    """All of them.  One that is left serves the calls it has until they end, and nobody else."""

    bind: Callable[[str, int], UdpListener]
    """Opens a port."""
    fixed: Sequence[DatagramPort]
    """Those that stay what they are until the end."""
    _ports: dict[Place, DatagramPort] = field(factory=dict, init=False)
    _left: dict[Place, DatagramPort] = field(factory=dict, init=False)
    _readers: dict[Place, UdpListener] = field(factory=dict, init=False)
    _log = Logger()

    def begin(self, places: Sequence[Place]) -> None:
        """Have ports at these places; whoever starts the daemon opens them."""
        self._ports = {place: self._port(place) for place in places}

    @property
    def listeners(self) -> list[DatagramPort]:
        """Return what listens for everybody, or will when it is started."""
        return [*self._ports.values(), *self.fixed]

    def prepare(self, places: Sequence[Place]) -> Prepared:
        """Open what is new, and leave with the commit what is wanted no more.

        Raises:
            SettingsError: ports are not to be had, each with its reason.
        """
        opened: dict[Place, DatagramPort] = {}
        errors = []
        for place in places:
            if place in self._ports or place in self._left:
                continue
            port = self._port(place)
            try:
                port.open()
            except ListenError as error:
                errors.append(SettingError("turn.udp", str(error)))
            else:
                opened[place] = port

        if errors:
            self._undo(opened)
            raise SettingsError(tuple(errors))
        return Prepared(
            commit=partial(self._commit, places, opened), undo=partial(self._undo, opened)
        )

    def tidy(self) -> None:
        """Close what was left, and has no calls any more."""
        for place, port in list(self._left.items()):
            if not self._readers[place].flows:
                port.stopService()
                del self._left[place], self._readers[place]

    def stop(self) -> None:
        """Close what was left; for the others there are others to do so."""
        for port in self._left.values():
            port.stopService()

    def _commit(self, places: Sequence[Place], opened: Mapping[Place, DatagramPort]) -> None:
        for port in opened.values():
            port.startService()
        known = {**self._ports, **self._left, **opened}
        before, self._ports = self._ports, {place: known[place] for place in places}
        for place in self._left.keys() & self._ports.keys():
            self._readers[place].stay()
            del self._left[place]
        for place in before.keys() - self._ports.keys():
            self._log.info("listening no more", address=before[place].address)
            self._readers[place].leave()
            self._left[place] = before[place]
        self.tidy()

    def _undo(self, opened: Mapping[Place, DatagramPort]) -> None:
        for place, port in opened.items():
            port.stopService()
            del self._readers[place]

    def _port(self, place: Place) -> DatagramPort:
        return named("turn-udp", place, partial(self._read, place))

    def _read(self, place: Place) -> Sequence[Datagrams]:
        self._readers[place] = reader = self.bind(*place)
        return [reader]


def named(
    purpose: str, place: Place, open_readers: Callable[[], Sequence[Datagrams]]
) -> DatagramPort:
    """Return a port with an address for people."""
    host, port = place
    shown = f"[{host}]" if ":" in host else host
    return DatagramPort(f"{purpose} {shown}:{port}", open_readers)
