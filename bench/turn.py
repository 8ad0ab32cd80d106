"""`make bench-turn`: packets through allocations, and allocations that come and go.

Our daemon and coturn in turn, pinned to one core; generator, clients and peers on the other.  The
generator keeps a few packets on the way on every flow: the server always has work, and none of it
need be dropped.  Every octet is compared.  CPU is that of the server's process, system calls
included, of which sending makes up the most.

BENCH=full measures more sizes and numbers of clients, for longer.
"""

import os
import resource
import tempfile
import time
from pathlib import Path

from attrs import frozen

from bench.figures import Case, cpu_seconds, report, resident_kib
from bench.turn_generator import Generator, build
from bench.turn_servers import Coturn, Ours, Server, coturn_version

FULL = os.environ.get("BENCH") == "full"
ROUNDS = 5
SECONDS = 4.0 if FULL else 1.5
SIZES = {"voice 160 B": 160, "video 1200 B": 1200}
DIRECTIONS = {"up": "to peers", "down": "to clients"}
TRIP_RATE = 2000.0
"""Packets a second, as of forty calls."""
COMING = 16
"""Clients that come and go at a time."""
HELD = (100, 1000, 5000)
PORT, COTURN_PORT, TLS_PORT, LINK_PORT = 23_478, 23_479, 28_443, 27_322


@frozen
class Crowd:
    """How many clients relay, and how many packets each of them may have on the way."""

    clients: int
    window: int


CROWDS = [Crowd(1, 64), Crowd(8, 16), Crowd(100, 2)] if FULL else [Crowd(8, 16)]


class Sides:
    """The two servers, which take turns."""

    def __init__(self, program: Path, ours: Server, coturn: Server) -> None:
        self.program = program
        self.servers = [ours, coturn]
        self.peer = coturn_version()

    def case(self, name: str, unit: str) -> Case:
        """Return a case without figures."""
        return Case(name, unit, self.peer)

    def generators(self) -> list[Generator]:
        """Return a generator for each server."""
        return [Generator(self.program, server) for server in self.servers]

    def turns(self, number: int) -> list[int]:
        """Return who goes first in a round, and who second."""
        return [0, 1] if number % 2 else [1, 0]


def put(case: Case, side: int, value: float) -> None:
    """Write a figure down."""
    (case.theirs if side else case.ours).append(value)


def measure_relaying(sides: Sides, crowd: Crowd) -> list[Case]:
    """Measure CPU per packet in saturation, each way."""
    cases = []
    generators = sides.generators()
    for each in generators:
        each.open(crowd.clients)
    for name, size in SIZES.items():
        for direction, where in DIRECTIONS.items():
            label = f"{name} {where}, {crowd.clients} clients"
            cpu = sides.case(label, "us CPU per packet")
            for number in range(ROUNDS):
                for side in sides.turns(number):
                    pid = sides.servers[side].pid
                    before = cpu_seconds(pid)
                    relayed = generators[side].saturate(direction, size, crowd.window, SECONDS)
                    put(cpu, side, (cpu_seconds(pid) - before) / relayed * 1e6)
            cases.append(cpu)
            print(f"  {label} measured", flush=True)
    for each in generators:
        each.close()
    return cases


def measure_round_trips(sides: Sides) -> list[Case]:
    """Measure how long a packet takes to a peer and back."""
    unit = f"us, {TRIP_RATE:.0f} a second"
    cases = [sides.case(f"round trip 160 B {p}", unit) for p in ("p50", "p99")]
    generators = sides.generators()
    for each in generators:
        each.open(8)
    for number in range(ROUNDS):
        for side in sides.turns(number):
            trips = generators[side].round_trips(160, TRIP_RATE, SECONDS)
            for case, seconds in zip(cases, trips, strict=True):
                put(case, side, seconds * 1e6)
    for each in generators:
        each.close()
    return cases


def measure_cycles(sides: Sides) -> list[Case]:
    """Measure clients that allocate, bind a channel and release: four requests each."""
    cpu = sides.case("allocate, bind, release", "us CPU per client")
    rate = sides.case("allocate, bind, release: rate", "clients per second")
    generators = sides.generators()
    for each in generators:
        each.cycles(COMING, 0.5)
    for number in range(ROUNDS):
        for side in sides.turns(number):
            pid = sides.servers[side].pid
            before = cpu_seconds(pid)
            cycles, seconds = generators[side].cycles(COMING, SECONDS)
            put(cpu, side, (cpu_seconds(pid) - before) / cycles * 1e6)
            put(rate, side, cycles / seconds)
    for each in generators:
        each.close()
    return [cpu, rate]


def measure_memory(sides: Sides) -> list[Case]:
    """Measure what an allocation with a channel holds, in servers that are new each round."""
    cases = [sides.case(f"{count} allocations", "KiB per allocation") for count in HELD]
    for number in range(ROUNDS):
        for side in sides.turns(number):
            server = sides.servers[side]
            server.stop()
            server.start()
            generator = Generator(sides.program, server)
            generator.cycles(1, 0.2)
            before = resident_kib(server.pid)
            for count, case in zip(HELD, cases, strict=True):
                generator.open(count)
                time.sleep(0.1)
                put(case, side, (resident_kib(server.pid) - before) / count)
            generator.close()
    return cases


def main() -> None:
    """Run everything and report."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, coturn = Ours("ours", folder, PORT), Coturn("coturn", folder, COTURN_PORT)
        ours.prepare(TLS_PORT, LINK_PORT)
        coturn.prepare()
        sides = Sides(build(folder), ours, coturn)
        cases = []
        try:
            for server in sides.servers:
                server.start()
            for crowd in CROWDS:
                cases += measure_relaying(sides, crowd)
            cases += measure_round_trips(sides)
            print("  round trips measured", flush=True)
            cases += measure_cycles(sides)
            print("  coming and going measured", flush=True)
            cases += measure_memory(sides)
        finally:
            for server in sides.servers:
                server.stop()
    report("turn", cases)


if __name__ == "__main__":
    main()
