"""Puts the house together: whoever reads `compose` knows what exists."""

import datetime
import hashlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool

from procall_mobility import __version__
from procall_mobility.admin.verbs import AdminVerbs
from procall_mobility.admin.watching import Watching
from procall_mobility.composition.doors import Doors
from procall_mobility.composition.entrances import House, entrances
from procall_mobility.composition.push.assembly import compose_push
from procall_mobility.composition.push.neighbours import PushNeighbours
from procall_mobility.composition.terms import (
    ToldOrigin,
    client_assumptions,
    drain_rules,
    gateway_rules,
    ice_issuer,
    needs_certificate,
    server_back_off,
    turn_is_on,
)
from procall_mobility.composition.turn.assembly import Neighbours, compose_datapath, compose_relay
from procall_mobility.config import Settings
from procall_mobility.config.settings_file import SettingsFile
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.customer_tokens import CustomerTokens
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.last_refusals import LastRefusals
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.gateway.reasons import Reason
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.lifecycle.draining import Draining
from procall_mobility.lifecycle.rounds import Task
from procall_mobility.operations.access_log import AccessLog
from procall_mobility.operations.admin_socket import AdminFactory
from procall_mobility.operations.rendering import Pseudonyms
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.operations.sinks import open_sink
from procall_mobility.operations.stand_in_key import stand_in_key
from procall_mobility.reload.parts import ReloadParts
from procall_mobility.reload.reloader import Reloader
from procall_mobility.storage.customer_keys import CustomerKeyStore
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.password_checks import CheckedCustomers, RunInThread
from procall_mobility.storage.turn_secrets import TurnSecretStore
from procall_mobility.transports.callers import Peer
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.passed import Passed
from procall_mobility.transports.pump import AlarmClock, Household
from procall_mobility.transports.unix_listener import UnixListener
from procall_mobility.transports.visits import Visits

CHANGES_EVERY = 2.0
"""Seconds between looks into the store for changes nobody told us of."""

ADDRESSES_EVERY = 10.0
"""Seconds between looks at this machine's addresses, which cost a fraction of a millisecond."""

KEY_SIZE = 32


def compose(
    settings: Settings,
    reactor: Any,
    log: ServiceLog,
    passed: Passed | None = None,
    *,
    file: Path,
    give_up_privileges: Callable[[], None] = lambda: None,
) -> Daemon:
    """Make the daemon; nothing listens before it is started.

    Sockets that were passed to us are taken before any is bound.  The settings are read again
    from `file`.  Privileges are given up before anything is read that the daemon itself can
    write: who has broken into it must not get by a file of SQLite's what it had given up.

    Raises:
        OSError, StoreError, CertificateError, CannotCarry: something named cannot be used.
    """
    household = Household(reactor=reactor, now=time.monotonic)
    wall_clock = time.time
    data = Path(settings.service.data)
    passed = passed or Passed()
    is_json = settings.log.format == "json"

    datapath = compose_datapath(settings, household) if turn_is_on(settings) else None
    give_up_privileges()

    store = CustomerStore(Path(settings.store.path), os.urandom, wall_clock)
    customers = CheckedCustomers(store, _in_threads(reactor))
    stand_ins = stand_in_key(data / "pseudonyms.key")
    access = AccessLog(
        open_sink(settings.log.access, "procall-mobility-access"),
        Pseudonyms(stand_ins),
        wall_clock,
        _local,
        json=is_json,
    )
    certificate = (
        Certificate(Path(settings.tls.certificate), Path(settings.tls.key), wall_clock)
        if needs_certificate(settings)
        else None
    )
    connections = Connections(
        total=settings.connections.total,
        per_address=settings.connections.per_address,
        now=household.now,
    )

    def refused(peer: Peer, reason: Reason, text: str) -> None:
        gateway.connection_refused(peer.host, reason)

    turn = (
        compose_relay(
            settings,
            Neighbours(
                customers=customers,
                secrets=TurnSecretStore(store),
                book=access,
                connections=connections,
                certificate=certificate,
                refused=refused,
            ),
            datapath,
            household,
            reactor,
            passed,
        )
        if datapath is not None
        else None
    )
    origin = ToldOrigin(settings)
    own = OwnCalls(is_on=settings.assumptions.a41_own_operations)
    gateway = Gateway(
        customers,
        access,
        gateway_rules(settings),
        client_assumptions(settings),
        ice_issuer(settings, turn.own(settings) if turn is not None else None, wall_clock),
        own=own,
        origin=origin,
        version=__version__,
        sooner=lambda: alarm.arrange(),  # noqa: PLW0108  # Not made yet.
    )
    alarm = AlarmClock(gateway, household, lambda: None)

    tokens = CustomerTokens(
        keys=CustomerKeyStore(store).verifiers,
        audience=settings.service.origin,
        secret=os.urandom(KEY_SIZE),
        wall_clock=time.time,
    )
    back_off = server_back_off(settings)
    door = CustomerDoor(
        customers=customers,
        book=access,
        back_off=back_off,
        key=os.urandom(KEY_SIZE),
        clock=household.now,
        tokens=tokens,
    )
    neighbours = PushNeighbours(
        gateway=gateway,
        own=own,
        key=hashlib.blake2b(b"devices", key=stand_ins).digest(),
        largest=settings.ucclient.body_size,
        now=household.now,
    )
    push = compose_push(settings, store, access, door, household, origin, reactor, neighbours)
    visits = Visits()
    house = House(
        gateway=gateway,
        household=household,
        connections=connections,
        customer_door=door,
        turn=turn,
        push=push,
        refused=refused,
        visits=visits,
    )
    doors = Doors(entrances(settings, house, certificate, reactor), reactor, passed.tcp)
    daemon = Daemon(
        node=settings.service.node,
        household=household,
        gateway=gateway,
        customer_door=door,
        access=access,
        store=store,
        certificate=certificate,
        connections=connections,
        listeners=[*doors.listeners, *(turn.ports if turn is not None else ())],
        alarm=alarm,
        turn=turn,
        push=push,
        bind=passed.tcp,
        draining=Draining(
            gateway=gateway,
            turn=turn,
            household=household,
            visits=visits,
            rules=drain_rules(settings),
            dice=secrets.SystemRandom().random,
            wall_clock=wall_clock,
        ),
    )
    daemon.rounds.add(
        Task(CHANGES_EVERY, daemon.look_for_changes),
        Task(CHANGES_EVERY, daemon.look_for_apps),
        Task(settings.tls.check_every, daemon.look_at_certificate),
        Task(ADDRESSES_EVERY, daemon.look_around),
        Task(access.period, access.end_period),
    )
    refusals = LastRefusals(household.now)
    access.heard.append(refusals.entered)
    answering = AdminFactory(AdminVerbs(daemon, refusals).all())

    def admin_at(path: str) -> UnixListener:
        return UnixListener(reactor, path, answering, passed.unix, passed.is_ours)

    daemon.admin = admin_at(settings.admin.socket)
    watching = Watching(daemon, log, reactor)
    watching.begin(settings)
    parts = ReloadParts(
        daemon=daemon,
        house=house,
        doors=doors,
        own=own,
        origin=origin,
        tokens=tokens,
        back_off=back_off,
        log=log,
        admin_at=admin_at,
        watching=watching.prepare,
        wall_clock=wall_clock,
        reactor=reactor,
    )
    daemon.reloader = Reloader(
        source=SettingsFile(file),
        settings=settings,
        parts=parts.all(),
        waits=parts.waits,
    )
    return daemon


def _in_threads(reactor: Any) -> RunInThread:
    def run(function: Any, done: Any) -> None:
        deferred = deferToThreadPool(reactor, reactor.getThreadPool(), function)
        deferred.addCallbacks(done, lambda _: done(False))

    return run


def _local(unix: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(unix, datetime.UTC).astimezone()
