"""Where metrics, health and the status page are asked for, and by which token."""

from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from procall_mobility.admin.monitoring import Watched, watch
from procall_mobility.composition.doors import Place, Ports, Wanted
from procall_mobility.config import SettingError, Settings, SettingsError
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.bearer import Bearer
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.reload.reloader import Prepared


@define(eq=False)
class Watching:
    """Has a daemon watched, from when the settings name an address for that."""

    daemon: Daemon
    log: ServiceLog
    reactor: Any
    _door: "_AdminDoor" = field(init=False)
    _ports: Ports = field(init=False)
    _watched: Watched | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._door = _AdminDoor()
        self._ports = Ports(self.reactor, self.daemon.bind)

    def begin(self, settings: Settings) -> None:
        """Have it watched from its start on.

        Raises:
            OSError: the token cannot be read or made.
        """
        if settings.admin.http:
            self._watch(settings, _bearer(settings))
            self._ports.begin(self._wanted(settings))
            self.daemon.admin_doors = self._ports.listeners

    def prepare(self, before: Settings, after: Settings) -> Prepared:
        """Prepare to be asked elsewhere, or by another token, or to tell of other things.

        Raises:
            SettingsError: the token cannot be read, or an address is not to be had.
        """
        watched = self._watched
        file, makes = _token_file(after)
        if watched is None and not after.admin.http:
            return Prepared(commit=lambda: None)
        try:
            bearer = _bearer(after) if watched is None else watched.passes.bearer
            take_token = bearer.prepare(file, makes=makes)
        except OSError as error:
            raise SettingsError((SettingError("admin.token_file", str(error)),)) from error
        ports = self._ports.prepare(self._wanted(after))

        def commit() -> None:
            known = self._watched or self._watch(after, bearer)
            if take_token():
                known.passes.end_all()
            known.change(after)
            ports.commit()
            self.daemon.admin_doors = self._ports.listeners

        return Prepared(commit=commit, undo=ports.undo)

    def _watch(self, settings: Settings, bearer: Bearer) -> Watched:
        self._watched = watched = watch(self.daemon, settings, bearer, self.log, self.reactor)
        self._door.inner = watched.factory
        return watched

    def _wanted(self, settings: Settings) -> dict[Place, Wanted]:
        wanted = Wanted(self._door, "admin.http")
        return {Place("admin", host, port): wanted for host, port in settings.admin.http}


class _AdminDoor(Factory):
    """A door to what is made when it is opened first."""

    noisy = False
    inner: Any = None

    def buildProtocol(self, addr: IAddress | None) -> Any:
        return self.inner.buildProtocol(addr)


def _bearer(settings: Settings) -> Bearer:
    file, makes = _token_file(settings)
    return Bearer(file, makes=makes)


def _token_file(settings: Settings) -> tuple[Path, bool]:
    """Return where the token is, and whether one is made when there is none."""
    if settings.admin.token_file:
        return Path(settings.admin.token_file), False
    return Path(settings.service.data) / "admin.token", True
