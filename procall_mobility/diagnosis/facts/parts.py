"""Looks for libraries, and tries whether the kernel takes the program that relays."""

import os
from ipaddress import ip_address

from attrs import evolve

from procall_mobility.config import Settings
from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.kernel import KernelRelay, Sizes
from procall_mobility.datapath.libbpf import libbpf
from procall_mobility.datapath.self_test import self_test
from procall_mobility.diagnosis.facts.daemon import ask
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.diagnosis.judgements.parts import DatapathFacts, PartFacts
from procall_mobility.operations.admin_answer import Answer
from procall_mobility.operations.masking import masks_natively
from procall_mobility.transports.http2 import library

FEW = Sizes(channels=16, allocations=16)
"""Enough for a trial: the kernel takes memory for all at once."""


def look_at_parts(settings: Settings) -> PartFacts:
    """Look for what pushes and WebSockets need."""
    try:
        version = library.load().version
    except library.LibraryMissing:
        version = None
    return PartFacts(
        takes_pushes=settings.push.enabled,
        push_library=version,
        masks_natively=masks_natively(),
    )


def look_at_datapath(settings: Settings, daemon: DaemonFacts) -> DatapathFacts:
    """Ask the daemon who relays; where none runs, try: loaded, tried, gone, attached nowhere."""
    found = _look(settings, daemon)
    hosts = (*(host for host, _ in settings.turn.udp), *settings.turn.relay)
    alone = all(ip_address(host).is_loopback for host in hosts)
    return evolve(found, is_for_itself=alone)


def _look(settings: Settings, daemon: DaemonFacts) -> DatapathFacts:
    choice = settings.turn.datapath
    told = Answer(ask(settings, "turn-datapath") if daemon.status is not None else None)
    if told:
        carrier, why = told["path"].text or None, _inner(told["why"].text)
        return DatapathFacts(choice=choice, carrier=carrier, why=why, as_daemon=True)
    if choice == "python":
        return DatapathFacts(choice=choice, carrier="python", why="", as_daemon=True)
    is_root = os.geteuid() == 0
    try:
        program = KernelRelay(libbpf(), FEW)
        try:
            self_test(program)
        finally:
            program.close()
    except CannotCarry as error:
        return DatapathFacts(choice=choice, carrier="python", why=str(error), as_daemon=is_root)
    return DatapathFacts(choice=choice, carrier="kernel", why="", as_daemon=is_root)


def _inner(why: str) -> str:
    """Return the reason out of the daemon's line, which says too who relays instead."""
    return why.partition(", as the kernel cannot: ")[2] or why
