"""Puts the push gateway together: its queue, its applications, its connections."""

import os
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.task import Cooperator
from twisted.logger import Logger

from procall_mobility import __version__
from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.composition.push.neighbours import PushNeighbours
from procall_mobility.composition.push.terms import PushTerms, endpoint_policy, which
from procall_mobility.config import Settings
from procall_mobility.gateway.access import Device
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.front_desk import Origin
from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.book import PushBook
from procall_mobility.gateway.push.desks.capability_desk import CapabilityDesk
from procall_mobility.gateway.push.desks.errands import PushErrands
from procall_mobility.gateway.push.desks.matrix_desk import MatrixDesk
from procall_mobility.gateway.push.desks.mattermost_desk import MattermostDesk
from procall_mobility.gateway.push.desks.orders import PushOrders
from procall_mobility.gateway.push.desks.push_desk import PushDesk
from procall_mobility.gateway.push.desks.sender_door import SenderDoor
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.providers.credentials import PushCredentials
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.gateway.push.rounds import OrderRounds
from procall_mobility.gateway.push.routes import Nobody
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.operations.access_log import AccessLog
from procall_mobility.operations.push_verbs import PushVerbs
from procall_mobility.protocols.push.capabilities import CapabilitySeal
from procall_mobility.storage.apple_token_uses import AppleTokenUses
from procall_mobility.storage.customers import CustomerStore
from procall_mobility.storage.push_apps import PushAppStore
from procall_mobility.storage.push_bounds import Bounds
from procall_mobility.storage.push_keys import read_key
from procall_mobility.storage.push_opening import open_push_store
from procall_mobility.storage.push_senders import PushSenderStore
from procall_mobility.storage.push_thread import WriterThread
from procall_mobility.transports.http2 import library
from procall_mobility.transports.providers import ProviderNetwork, trusted
from procall_mobility.transports.pump import Household
from procall_mobility.transports.push_probe import PushProbe
from procall_mobility.transports.push_runner import PushRunner

KEY_SIZE = 32

UUID_TIME, UUID_CHANCE = 48, 74
"""Bits of a UUID of version 7 (RFC 9562 section 5.7)."""


def compose_push(
    settings: Settings,
    customers: CustomerStore,
    access: AccessLog,
    door: CustomerDoor,
    household: Household,
    origin: Origin,
    reactor: Any,
    neighbours: PushNeighbours | None = None,
) -> PushGateway | None:
    """Make the gateway; None where pushes are switched off, or nothing can carry them.

    Without neighbours it knows neither links nor sessions.

    Raises:
        StoreError, OSError, CertificateError: a file it needs cannot be used.
    """
    if not settings.push.enabled:
        return None
    try:
        library.load()
    except library.LibraryMissing as error:
        Logger(namespace=__name__).error("no pushes are taken", error=str(error))
        return None
    push, data = settings.push, Path(settings.service.data)
    key = Path(push.key) if push.key else data / "push.key"
    store = open_push_store(
        Path(push.queue) if push.queue else data / "push.sqlite",
        key,
        makes_key=not push.key,
        bounds=Bounds(),
        clock=reactor,
        wall_clock=time.time,
        entropy=os.urandom,
        elsewhere=lambda: WriterThread(reactor.callFromThread),
    )
    apps = PushApps()
    terms = PushTerms(settings)
    book = PushBook(book=access, which=which(settings), clock=household.now)
    device_key = os.urandom(KEY_SIZE) if neighbours is None else neighbours.key

    def soon(act: Callable[[], None]) -> None:
        reactor.callLater(0, act)

    pipeline = PushPipeline(
        PushRules(),
        PushPorts(
            store=store,
            routes=apps,
            presence=Nobody() if neighbours is None else neighbours.presence,
            share_of=lambda _: terms.share,
            wall_clock=time.time,
            clock=household.now,
            dice=random.random,
            key=device_key,
            stirred=lambda: runner.stirred(),  # noqa: PLW0108  # Not made yet.
            soon=soon,
            book=book,
        ),
    )
    network = ProviderNetwork(
        household=household,
        reactor=reactor,
        dice=random.random,
        authorities=trusted(push.authorities) if push.authorities else None,
    )
    runner = PushRunner(pipeline, apps, household, network.connect, time.time)
    orders = PushOrders(
        apps=apps,
        pipeline=pipeline,
        store=store,
        wall_clock=time.time,
        new_id=new_id,
    )
    if neighbours is not None:
        neighbours.meet(orders, pipeline, store)
    desk = PushDesk(
        door=door,
        orders=orders,
        name_of=lambda customer, device: access.names.of_device(customer, Device(device)),
        clock=household.now,
        rounds=OrderRounds(orders, soon, _bug_in_an_order),
    )
    capability_desk = CapabilityDesk(
        door=door,
        find_customer=customers.find,
        apps=apps,
        pipeline=pipeline,
        store=store,
        seal=CapabilitySeal(read_key(key).for_capabilities()),
        paces=terms.urls,
        origin=origin,
        wall_clock=time.time,
        clock=household.now,
        new_id=new_id,
    )
    sender_door = SenderDoor(
        find_sender=PushSenderStore(customers).find,
        find_customer=customers.find,
        apps=apps,
        paces=terms.senders,
        noted=door.note,
        clock=household.now,
    )
    errands = PushErrands(pipeline=pipeline, store=store, wall_clock=time.time)
    matrix_desk = MatrixDesk(
        door=sender_door,
        errands=errands,
        clock=household.now,
        wall_clock=time.time,
        new_id=new_id,
    )
    mattermost_desk = MattermostDesk(
        door=sender_door,
        errands=errands,
        version=__version__,
        clock=household.now,
        wall_clock=time.time,
        new_id=new_id,
    )
    verbs = PushVerbs(
        pipeline=pipeline,
        dead=store,
        names=access.names,
        device_of=lambda customer, app, token: device_of(customer, app, token, device_key),
        trouble_of=runner.trouble_of,
        app_test=PushProbe(runner=runner, wall_clock=time.time, new_id=new_id).asked,
        hurry=runner.hurry,
        clock=household.now,
        cooperator=Cooperator(scheduler=lambda more: reactor.callLater(0, more)),
    )
    workshop = Workshop(
        wall_clock=time.time,
        clock=household.now,
        dice=random.random,
        entropy=os.urandom,
        endpoints=endpoint_policy(settings),
        hosts=_hosts(settings),
        memory=AppleTokenUses(customers),
    )

    def change(other: Settings) -> bool:
        if neighbours is not None:
            neighbours.change(largest=other.ucclient.body_size)
        return terms.change(other, book, workshop)

    return PushGateway(
        desks=(capability_desk, desk, matrix_desk, mattermost_desk),
        runner=runner,
        verbs=verbs.verbs(),
        acknowledged=mattermost_desk.acknowledged,
        store=store,
        customers=customers,
        registered=PushAppStore(customers),
        credentials=PushCredentials(workshop),
        network=network,
        change=change,
    )


def _bug_in_an_order(_: Exception) -> None:
    """Write down the exception that is being dealt with."""
    Logger(namespace=__name__).failure("bug in an order of pushes")


def new_id() -> str:
    """Return a UUID nobody has."""
    return uuid7(time.time(), os.urandom)


def uuid7(unix: float, entropy: Callable[[int], bytes]) -> str:
    """Return a UUID of version 7: those made later are greater."""
    chance = int.from_bytes(entropy(10)) & (1 << UUID_CHANCE) - 1
    high, low = chance >> 62, chance & (1 << 62) - 1
    number = int(unix * 1000) << 80 | 7 << 76 | high << 64 | 2 << 62 | low
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _hosts(settings: Settings) -> Mapping[str, str]:
    told = attrs.asdict(settings.push.hosts)
    return {name.replace("_", "-"): host for name, host in told.items() if host}
