"""All metrics there are, in the order of their page."""

from collections.abc import Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from procall_mobility.operations.metrics import connections, daemon, events, pushes, relay
from procall_mobility.operations.metrics.declaring import Declared, Source

CHAPTERS: Final[Mapping[str, Sequence[Declared]]] = {
    "Links, sessions, connections": connections.DECLARED,
    "What the access book counts": events.DECLARED,
    "The relay": relay.DECLARED,
    "Pushes": pushes.DECLARED,
    "The daemon": daemon.DECLARED,
}

ALL: Final = tuple(declared for chapter in CHAPTERS.values() for declared in chapter)


def of_process() -> Source:
    """Return what the client library knows of this process, in a registry of a daemon's own."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    PlatformCollector(registry=made)
    GCCollector(registry=made)
    return made
