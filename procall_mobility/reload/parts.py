"""The parts of the house that other settings are put in force in, each by itself."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from procall_mobility.composition.doors import Doors
from procall_mobility.composition.entrances import House, entrances
from procall_mobility.composition.terms import (
    ToldOrigin,
    client_assumptions,
    drain_rules,
    gateway_rules,
    ice_issuer,
    needs_certificate,
)
from procall_mobility.config import SettingError, Settings, SettingsError
from procall_mobility.config.secret_files import secret_files
from procall_mobility.gateway.back_off import BackOff
from procall_mobility.gateway.customer_tokens import CustomerTokens
from procall_mobility.gateway.ice import IceIssuer
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.operations.sinks import Sink, open_sink
from procall_mobility.reload.reloader import Part, Prepared
from procall_mobility.reload.table import why_not
from procall_mobility.transports.certificates import Certificate, CertificateError
from procall_mobility.transports.listening import ListenError
from procall_mobility.transports.own_addresses import spelled_out
from procall_mobility.transports.unix_listener import UnixListener

RELAY_IS_OFF = "the relay is off, and is put together at start"
DISCOVERY_IS_ON = "these sockets belong together with that of turn.alternate"
PUSH_IS_OFF = "no pushes are taken, and their gateway is put together at start"


@frozen(kw_only=True)
class ReloadParts:
    """All of them."""

    daemon: Daemon
    house: House
    doors: Doors
    own: OwnCalls
    origin: ToldOrigin
    tokens: CustomerTokens
    back_off: BackOff
    log: ServiceLog
    admin_at: Callable[[str], UnixListener]
    """Makes what listens to the command line."""
    watching: Part
    wall_clock: Callable[[], float]
    reactor: Any

    def all(self) -> Mapping[str, Part]:
        """Return them by name, in the order they are put in force in."""
        return {
            "log books": self.books,
            "gateway": self.gateway,
            "relay": self.relay,
            "pushes": self.pushes,
            "front doors": self.front,
            "admin socket": self.admin_socket,
            "admin pages": self.watching,
        }

    def waits(self, path: str) -> str | None:
        """Return why a change of a setting has to wait for a restart; None when it has not."""
        relay = self.daemon.turn
        if relay is None and path.startswith("turn."):
            return RELAY_IS_OFF
        if relay is not None and path == "turn.udp" and relay.settings.turn.alternate:
            return DISCOVERY_IS_ON
        if self.daemon.push is None and path.startswith("push."):
            return PUSH_IS_OFF
        return why_not(path)

    def books(self, before: Settings, after: Settings) -> Prepared:
        """Write elsewhere, or otherwise."""
        is_json = after.log.format == "json"
        opened: dict[str, Sink] = {}
        errors = []
        for name, identifier in BOOKS.items():
            target = getattr(after.log, name)
            if target == getattr(before.log, name):
                continue
            try:
                opened[name] = open_sink(target, identifier)
            except OSError as error:
                text = f"{target}: {error.strerror}; the daemon's user must be able to write it"
                errors.append(SettingError(f"log.{name}", text))

        def undo() -> None:
            for sink in opened.values():
                sink.close()

        def commit() -> None:
            self.daemon.access.change(opened.get("access"), json=is_json)
            self.log.change(opened.get("service"), least=after.log.level, json=is_json)

        if errors:
            undo()
            raise SettingsError(tuple(errors))
        return Prepared(commit=commit, undo=undo)

    def gateway(self, before: Settings, after: Settings) -> Prepared:
        """Go by other rules, and offer other servers for calls."""
        ice = self._ice(after)

        def commit() -> None:
            rules = gateway_rules(after)
            self.origin.settings = after
            self.own.is_on = after.assumptions.a41_own_operations
            self.tokens.rename(after.service.origin)
            self.back_off.rules = rules.server_back_off
            self.daemon.draining.rules = drain_rules(after)
            self.daemon.gateway.change(rules, client_assumptions(after), ice)

        return Prepared(commit=commit)

    def relay(self, before: Settings, after: Settings) -> Prepared:
        """Relay for others, more or less, by other ports and to other peers."""
        relay = self.daemon.turn
        if relay is None:
            return Prepared(commit=_nothing)
        # What a wildcard stands for is looked at when it is another one.
        is_elsewhere = before.turn.udp != after.turn.udp
        places = list(spelled_out(after.turn.udp)) if is_elsewhere else None
        opened = None if places is None else relay.udp.prepare(places)

        def commit() -> None:
            relay.change(after)
            if opened is not None:
                opened.commit()

        return Prepared(commit=commit, undo=_nothing if opened is None else opened.undo)

    def pushes(self, before: Settings, after: Settings) -> Prepared:
        """Push more or less."""
        push = self.daemon.push
        return Prepared(commit=lambda: None if push is None else push.change(after))

    def front(self, before: Settings, after: Settings) -> Prepared:
        """Listen elsewhere, with another certificate, and meet whoever comes otherwise."""
        daemon, errors = self.daemon, []
        certificate, take = daemon.certificate, _nothing
        opened = Prepared(commit=_nothing)
        if needs_certificate(after):
            chain, key = Path(after.tls.certificate), Path(after.tls.key)
            try:
                if certificate is None:
                    certificate = Certificate(chain, key, self.wall_clock)
                else:
                    take = certificate.prepare(chain, key)
            except CertificateError as error:
                name = "key" if str(error).startswith(f"{key}:") else "certificate"
                errors.append(SettingError(f"tls.{name}", str(error)))
        try:
            opened = self.doors.prepare(entrances(after, self.house, certificate, self.reactor))
        except SettingsError as error:
            errors += error.errors

        def commit() -> None:
            take()
            daemon.certificate = certificate if needs_certificate(after) else None
            limits = after.connections
            daemon.connections.change(total=limits.total, per_address=limits.per_address)
            opened.commit()
            ports = daemon.turn.ports if daemon.turn is not None else ()
            daemon.listeners = [*self.doors.listeners, *ports]
            daemon.rounds.pace(daemon.look_at_certificate, after.tls.check_every)

        if errors:
            opened.undo()
            raise SettingsError(tuple(errors))
        return Prepared(commit=commit, undo=opened.undo)

    def admin_socket(self, before: Settings, after: Settings) -> Prepared:
        """Listen to the command line elsewhere."""
        if after.admin.socket == before.admin.socket:
            return Prepared(commit=_nothing)
        listener = self.admin_at(after.admin.socket)
        try:
            listener.open()
        except ListenError as error:
            raise SettingsError((SettingError("admin.socket", str(error)),)) from error

        def commit() -> None:
            listener.startService()
            last, self.daemon.admin = self.daemon.admin, listener
            if last is not None:
                last.stopService()

        return Prepared(commit=commit, undo=listener.stopService)

    def _ice(self, after: Settings) -> IceIssuer:
        relay = self.daemon.turn
        own = None if relay is None else relay.own(after)
        try:
            return ice_issuer(after, own, self.wall_clock)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(tuple(_unreadable(after))) from error


BOOKS = {"access": "procall-mobility-access", "service": "procall-mobility"}
"""By the name of their setting, how they call themselves in the journal."""


def _unreadable(settings: Settings) -> list[SettingError]:
    """Return which secrets of others' servers cannot be read, and why."""
    errors = []
    for path, file, _ in secret_files(settings):
        if not path.startswith("ice."):
            continue
        try:
            secret = file.read_bytes()
            if path.endswith("credential_file"):
                secret.decode()
        except OSError as error:
            text = f"{file}: {error.strerror}; the daemon's user must be able to read it"
            errors.append(SettingError(path, text))
        except UnicodeDecodeError:
            errors.append(SettingError(path, f"{file}: not UTF-8"))
    return errors


def _nothing() -> None:
    """Do nothing."""
