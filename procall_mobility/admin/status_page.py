"""Puts together the status page: whom it asks, and what is told to its list of incidents."""

import platform
import time
from typing import Any

from attrs import asdict
from OpenSSL import SSL
from twisted.internet.task import Cooperator

import twisted
from procall_mobility import __version__
from procall_mobility.lifecycle.daemon import Daemon
from procall_mobility.lifecycle.rounds import Task
from procall_mobility.operations.admin_site import Page
from procall_mobility.operations.lateness import Lateness
from procall_mobility.operations.readiness import Obstacle, Readiness
from procall_mobility.operations.service_log import ServiceLog
from procall_mobility.operations.status_page import sampling
from procall_mobility.operations.status_page.connection_facts import ConnectionFacts
from procall_mobility.operations.status_page.document import StatusDocument
from procall_mobility.operations.status_page.expiry_facts import Ending
from procall_mobility.operations.status_page.figures import (
    ConnectionFigures,
    DaemonFigures,
    PushFigures,
    RelayFigures,
)
from procall_mobility.operations.status_page.incidents import Breakers, Incidents
from procall_mobility.operations.status_page.pages import StatusPages
from procall_mobility.operations.status_page.passes import Passes
from procall_mobility.operations.status_page.push_facts import PushFacts
from procall_mobility.operations.status_page.relay_facts import RelayFacts
from procall_mobility.operations.status_page.sampling import Figures, Sampler


def status_pages(
    daemon: Daemon,
    *,
    log: ServiceLog,
    late: Lateness,
    readiness: Readiness,
    passes: Passes,
    cooperator: Cooperator,
) -> dict[bytes, Page]:
    """Return the status page, and have the daemon tell it what it wants to know."""
    now = daemon.household.now
    incidents = Incidents(wall_clock=time.time)
    log.heard = incidents.logged
    daemon.access.heard.append(incidents.entered)
    sampler = Sampler(_figures(daemon, late), since_boot)
    daemon.rounds.add(Task(sampling.EVERY, sampler.sample))
    turn, push = daemon.turn, daemon.push
    if push is not None:
        lanes = push.runner.pipeline
        daemon.rounds.add(Task(sampling.EVERY, Breakers(lambda: lanes.lanes, incidents).look))
    document = StatusDocument(
        about=lambda: _about(daemon, late),
        readiness=lambda: readiness.obstacles().addCallback(_ready),
        connections=ConnectionFacts(gateway=daemon.gateway),
        relay=None
        if turn is None
        else RelayFacts(allocations=turn.media.server.allocations, datapath=turn.datapath.facts),
        push=None
        if push is None
        else PushFacts(pipeline=push.runner.pipeline, trouble_of=push.runner.trouble_of),
        endings=lambda: _endings(daemon),
        incidents=incidents,
        history=sampler.history,
        now=now,
        wall_clock=time.time,
        offset=lambda: time.time() - since_boot(),
    )
    pages = StatusPages(status=document, passes=passes, cooperator=cooperator, now=now)
    return pages.pages()


def since_boot() -> float:
    """Return seconds of a clock that nobody sets, and that goes on while the machine sleeps.

    By the monotonic one all that was plotted before would move to right before it woke.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _figures(daemon: Daemon, late: Lateness) -> list[Figures]:
    figures: list[Figures] = [
        DaemonFigures(cpu=time.process_time, lateness=late),
        ConnectionFigures(gateway=daemon.gateway, connections=lambda: daemon.connections.total),
    ]
    if daemon.turn is not None:
        figures.append(RelayFigures(allocations=daemon.turn.media.server.allocations))
    if daemon.push is not None:
        figures.append(PushFigures(pipeline=daemon.push.runner.pipeline))
    return figures


def _about(daemon: Daemon, late: Lateness) -> dict[str, Any]:
    doors = (*daemon.listeners, *daemon.admin_doors)
    return {
        "node": daemon.node,
        "uptime": round(daemon.uptime, 3),
        "late": round(late.last, 4),
        "versions": {
            "procall-mobility": __version__,
            "Python": platform.python_version(),
            "Twisted": twisted.__version__,
            "OpenSSL": SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode().split()[1],
            "Linux": platform.release(),
        },
        "listening": [each.address for each in doors if each.running],
        "connections": {
            "open": daemon.connections.total,
            "most": daemon.connections.most,
        },
    }


def _ready(obstacles: list[Obstacle]) -> dict[str, Any]:
    return {"ready": not obstacles, "reasons": [*map(asdict, obstacles)]}


def _endings(daemon: Daemon) -> list[Ending]:
    found = []
    if daemon.certificate is not None:
        facts = daemon.certificate.facts
        until = facts.until.timestamp()
        found.append(Ending(kind="certificate", names=facts.names, until=until))
    if daemon.push is not None:
        found += [
            Ending(kind="push credential", names=(each.name,), until=each.at)
            for each in daemon.push.expiring
        ]
    return found
