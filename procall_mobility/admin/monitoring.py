"""Puts together what watches the daemon: its metrics, its health, and its status page."""

from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes
from typing import Any

from attrs import asdict, frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator
from twisted.internet.threads import deferToThreadPool

from procall_mobility import __version__
from procall_mobility.admin.status_page import status_pages
from procall_mobility.composition.push.gateway import PushGateway
from procall_mobility.composition.turn.datapath import Datapath
from procall_mobility.config import Settings
from procall_mobility.gateway.push.applications.expiry import Expiring
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.lifecycle.rounds import Task
from procall_mobility.operations import lateness
from procall_mobility.operations.admin_site import Page, Told, admin_factory, as_json
from procall_mobility.operations.bearer import Bearer
from procall_mobility.operations.lateness import Lateness
from procall_mobility.operations.metrics.catalogue import of_process
from procall_mobility.operations.metrics.connections import ConnectionMetrics
from procall_mobility.operations.metrics.daemon import DaemonMetrics
from procall_mobility.operations.metrics.declaring import Source
from procall_mobility.operations.metrics.events import AccessEvents
from procall_mobility.operations.metrics.pushes import PushMetrics
from procall_mobility.operations.metrics.relay import KernelFacts, RelayMetrics
from procall_mobility.operations.metrics.scrape import CONTENT_TYPE, Scraper
from procall_mobility.operations.readiness import Obstacle, Readiness
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.operations.status_page.passes import Passes
from procall_mobility.storage.writability import why_not_writable
from procall_mobility.transports.certificates import Certificate


@frozen
class Watched:
    """A daemon that is watched."""

    factory: Any
    """Of connections of those who ask."""
    passes: Passes
    sources: list[Source]

    def change(self, settings: Settings) -> None:
        """Tell of other things from now on."""
        for each in self.sources:
            if isinstance(each, ConnectionMetrics):
                each.most = settings.connections.total
            if isinstance(each, ConnectionMetrics | RelayMetrics):
                each.customers = settings.admin.customers_in_metrics
            if isinstance(each, PushMetrics):
                each.count_customers(settings.admin.customers_in_metrics)


def watch(
    daemon: Daemon, settings: Settings, bearer: Bearer, log: ServiceLog, reactor: Any
) -> Watched:
    """Have a daemon watched; nobody is told of it before a port is opened."""
    late = Lateness(daemon.household.now)
    passes = Passes(bearer=bearer, dice=token_bytes, now=daemon.household.now)
    sources = _sources(daemon, settings, log, late)
    # One step a turn: each takes a millisecond or two at most.
    turns = Cooperator(lambda: lambda: True, scheduler=lambda more: reactor.callLater(0, more))
    scraper = Scraper([*sources, of_process()], turns)
    readiness = Readiness(
        looks=(lambda: _closed(daemon), lambda: _stopping(daemon)),
        store=_stores(settings, daemon.push, reactor),
        now=daemon.household.now,
        later=reactor.callLater,
    )

    def metrics() -> "Deferred[Told]":
        return scraper.scrape().addCallback(lambda text: Told(200, CONTENT_TYPE, text))

    def health() -> Told:
        up = round(daemon.uptime, 1)
        return as_json(200, {"status": "alive", "uptime": up, "late": round(late.last, 3)})

    def ready() -> "Deferred[Told]":
        return readiness.obstacles().addCallback(_told)

    pages = {
        b"/metrics": Page(metrics),
        b"/healthz": Page(health, is_open=True, is_local=True),
        b"/readyz": Page(ready, is_open=True, is_local=True),
        **status_pages(
            daemon,
            log=log,
            late=late,
            readiness=readiness,
            passes=passes,
            cooperator=turns,
        ),
    }
    daemon.rounds.add(Task(lateness.EVERY, late.look))
    return Watched(admin_factory(pages, passes.admits, reactor), passes, sources)


def _sources(daemon: Daemon, settings: Settings, log: ServiceLog, late: Lateness) -> list[Source]:
    customers = settings.admin.customers_in_metrics
    sources: list[Source] = [
        ConnectionMetrics(
            gateway=daemon.gateway,
            connections=lambda: daemon.connections.total,
            most=settings.connections.total,
            customers=customers,
        ),
        AccessEvents(daemon.access.counters),
        DaemonMetrics(
            version=__version__,
            node=daemon.node,
            listeners=lambda: sum(each.running for each in daemon.listeners),
            is_stopping=lambda: daemon.is_stopping,
            certificate_ends=lambda: _end(daemon.certificate),
            bugs=lambda: log.bugs,
            log_lines=log.lines,
            lateness=late,
        ),
    ]
    if daemon.turn is not None:
        media, datapath = daemon.turn.media, daemon.turn.datapath
        sources.append(
            RelayMetrics(media=media, kernel=lambda: kernel_facts(datapath), customers=customers)
        )
    push = daemon.push
    if push is not None:
        pushes = PushMetrics(
            pipeline=push.runner.pipeline,
            acknowledged=push.acknowledged,
            expiring=_expiring(push),
            knows=push.runner.apps.knows,
        )
        pushes.count_customers(customers)
        sources.append(pushes)
    return sources


def _end(certificate: Certificate | None) -> float | None:
    return None if certificate is None else certificate.facts.until.timestamp()


def _expiring(push: PushGateway) -> Callable[[], list[Expiring]]:
    return lambda: push.expiring


def kernel_facts(datapath: Datapath) -> KernelFacts:
    """Return how it goes where the kernel relays; all zero where Python does."""
    table = datapath.path.table
    if table is None:
        return KernelFacts()
    return KernelFacts(
        enabled=table.enabled,
        channels=len(table),
        most_channels=datapath.sizes.channels,
        passed_up=table.passed_up(),
        left=table.left,
    )


def _closed(daemon: Daemon) -> list[Obstacle]:
    return [
        Obstacle("listeners", f"{each.address} is not listened on")
        for each in daemon.listeners
        if not each.running
    ]


def _stopping(daemon: Daemon) -> list[Obstacle]:
    text = "the daemon is told to end, and takes nobody in any more"
    return [Obstacle("stopping", text)] if daemon.is_stopping else []


def _stores(
    settings: Settings, push: PushGateway | None, reactor: Any
) -> "Callable[[], Deferred[str | None]]":
    files = [Path(settings.store.path)]
    if push is not None:
        data = Path(settings.service.data)
        files.append(Path(settings.push.queue) if settings.push.queue else data / "push.sqlite")

    def look() -> str | None:
        found = [why for why in map(why_not_writable, files) if why is not None]
        return "; ".join(found) or None

    def ask() -> "Deferred[str | None]":
        return deferToThreadPool(reactor, reactor.getThreadPool(), look)

    return ask


def _told(obstacles: list[Obstacle]) -> Told:
    status = 503 if obstacles else 200
    return as_json(status, {"ready": not obstacles, "reasons": [*map(asdict, obstacles)]})
