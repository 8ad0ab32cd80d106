"""`make bench-push`: pushes through the whole gateway, and through what others would build.

    .venv/bin/python -m bench.push [--only single] [--rounds 5] [--folder DIRECTORY] ...

A customer's server posts over HTTP with its password; a simulated Apple gets what it has posted by
HTTP/2 and TLS.  Ours writes every push to the disk before it says yes; aioapns and apns2 stand
behind a few lines of HTTP each, and keep nothing.  They take turns, are posted the same messages,
and send to the same Apple, which has a process of its own, like the load.  CPU is that of the
gateway's process, with all its threads.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from attrs import frozen

from bench import push_recovery
from bench.figures import Case, cpu_seconds, report
from bench.push_load import closed_loop, open_loop, percentile, requests
from bench.push_sides import (
    NODE_MODULES,
    PATIENCE,
    REST_CORE,
    Aioapns,
    Apns2,
    Ours,
    Side,
    Target,
)

UNIT = "pushes per CPU-second"
APNS_PORT, PORT, TLS_PORT = 24_195, 24_080, 24_443
CASES = ("batch", "single", "latency", "recovery")
RATES = {10: 5.0, 100: 4.0, 1000: 3.0}
"""Calls a second, and for how many seconds of a round."""
WARM_UP = 2000
"""Pushes before anything is measured."""

Numbers = dict[str, Any]


@frozen(kw_only=True)
class Shape:
    """How pushes are posted."""

    pushes: int
    in_a_request: int
    requests_in_flight: int


@frozen
class Sides:
    """Those who take turns."""

    target: Target
    ours: Ours
    peers: Sequence[Side]

    def turns(self, number: int, sides: Sequence[Side]) -> list[Side]:
        """Return the sides, another one first in each round."""
        at = number % len(sides)
        return [*sides[at:], *sides[:at]]


@frozen
class Comparison:
    """A case for each peer; the first has the bare name."""

    ours: Side
    cases: dict[str, Case]

    @classmethod
    def of(cls, name: str, unit: str, ours: Side, peers: Sequence[Side]) -> "Comparison":
        """Make one without figures."""
        names = [name, *(f"{name}, beside {peer.name}" for peer in peers[1:])]
        cases = {
            peer.name: Case(label, unit, versioned(peer.name))
            for label, peer in zip(names, peers, strict=True)
        }
        return cls(ours, cases)

    def put(self, side: Side, value: float) -> None:
        """Write a figure down; ours stands beside each peer's."""
        if side is self.ours:
            for case in self.cases.values():
                case.ours.append(value)
        else:
            self.cases[side.name].theirs.append(value)


def versioned(name: str) -> str:
    """Return the name of a peer with its version."""
    if name == "aioapns":
        return f"{name} {metadata.version(name)}"
    package = json.loads((NODE_MODULES / name / "package.json").read_text())
    return f"{name} {package['version']}"


async def through(target: Target, side: Side, shape: Shape) -> float:
    """Send pushes through a gateway; return how many it sends in a second of its processor.

    Raises:
        ValueError: pushes were wrong, or came twice.
    """
    asked = requests(shape.pushes, shape.in_a_request)
    before, cpu = target.numbers(), cpu_seconds(side.pid)
    await closed_loop(side.port, asked, shape.requests_in_flight)
    until = time.monotonic() + PATIENCE
    while (now := target.numbers())["requests"] < before["requests"] + shape.pushes:
        if time.monotonic() > until:
            raise TimeoutError(f"{side.name}: {before}, {now}")
        await asyncio.sleep(0.02)
    # What is noted of their ends costs something, too.
    await asyncio.sleep(0.2)
    spent = cpu_seconds(side.pid) - cpu
    if not is_right(before, target.numbers(), shape.pushes, has_ids=side.name != "apns2"):
        raise ValueError(f"{side.name}: {before}, {now}")
    return shape.pushes / spent


def is_right(before: Numbers, after: Numbers, pushes: int, *, has_ids: bool) -> bool:
    """Tell whether each push has come once and as Apple wants it; apns2 cannot be told ids."""
    more = {name: after[name] - before[name] for name in ("requests", "ids", "faults")}
    return (more["requests"], more["faults"]) == (pushes, 0) and more["ids"] in (
        {pushes} if has_ids else {0, 1}
    )


async def measure_throughput(name: str, shape: Shape, sides: Sides, rounds: int) -> list[Case]:
    """Measure pushes for each second of the processor."""
    found = Comparison.of(name, UNIT, sides.ours, sides.peers)
    everybody = [sides.ours, *sides.peers]
    for number in range(rounds):
        for side in sides.turns(number, everybody):
            found.put(side, await through(sides.target, side, shape))
    return list(found.cases.values())


async def latencies(
    target: Target, side: Side, rate: float, seconds: float, seed: int
) -> list[float]:
    """Post calls; return how long each took from its moment to the provider, in milliseconds."""
    target.numbers("times")
    due = await open_loop(side.port, rate, seconds, seed)
    arrived: dict[str, float] = {}
    until = time.monotonic() + PATIENCE
    while len(arrived) < len(due):
        if time.monotonic() > until:
            raise TimeoutError(f"{side.name}: {len(due)} calls, {len(arrived)} arrived")
        arrived |= target.numbers("times")
        await asyncio.sleep(0.02)
    return [(arrived[name] - at) * 1000 for name, at in due.items()]


async def measure_latency(sides: Sides, rounds: int) -> list[Case]:
    """Measure calls at several rates; the bare name is that of the figure that matters most."""
    peers = [side for side in sides.peers if side.name == "aioapns"]
    cases = []
    for rate, seconds in RATES.items():
        made = []
        for share, word in ((0.5, "p50"), (0.99, "p99")):
            is_first = (rate, word) == (100, "p99")
            name = "push call latency" if is_first else f"push call latency {word} at {rate}/s"
            unit = f"ms, {word} at {rate} a second" if is_first else "ms"
            made.append((share, Comparison.of(name, unit, sides.ours, peers)))
        for number in range(rounds):
            for side in sides.turns(number, [sides.ours, *peers]):
                took = await latencies(sides.target, side, rate, seconds, number)
                for share, found in made:
                    found.put(side, percentile(took, share))
        cases += [case for _, found in made for case in found.cases.values()]
    return cases


async def measure(sides: Sides, chosen: argparse.Namespace) -> list[Case]:
    """Measure what was asked for."""
    shapes = {
        "batch": Shape(pushes=chosen.batched, in_a_request=256, requests_in_flight=4),
        "single": Shape(pushes=chosen.single, in_a_request=1, requests_in_flight=64),
    }
    cases: list[Case] = []
    warm_up = Shape(pushes=WARM_UP, in_a_request=5, requests_in_flight=4)
    for side in (sides.ours, *sides.peers):
        side.start()
        await through(sides.target, side, warm_up)
    for name, shape in shapes.items():
        if name in chosen.only:
            cases += await measure_throughput(f"push {name}", shape, sides, chosen.rounds)
            print(f"  push {name} measured", flush=True)
    if "latency" in chosen.only:
        cases += await measure_latency(sides, chosen.latency_rounds)
        print("  push call latency measured", flush=True)
    for side in sides.peers:
        side.stop()
    if "recovery" in chosen.only:
        rounds, queued = chosen.recovery_rounds, chosen.queued
        cases += await push_recovery.measure(sides.ours, sides.target, rounds, queued)
    return cases


def main() -> None:
    """Run everything and report."""
    parser = argparse.ArgumentParser(description="Measure the push gateway beside others.")
    parser.add_argument("--only", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batched", type=int, default=10_240, help="pushes of a round in batches")
    parser.add_argument("--single", type=int, default=5_000, help="pushes of a round one by one")
    parser.add_argument("--latency-rounds", type=int, default=3)
    parser.add_argument("--recovery-rounds", type=int, default=1)
    parser.add_argument("--queued", type=int, default=100_000, help="pushes to be recovered")
    parser.add_argument("--folder", type=Path, help="on the disk to be used")
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {int(REST_CORE)} if (os.cpu_count() or 1) > 1 else {0})
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        target = Target("target", folder, APNS_PORT)
        ours = Ours("ours", folder, PORT, target, TLS_PORT)
        peers = [
            Aioapns("aioapns", folder, PORT + 1, target),
            Apns2("apns2", folder, PORT + 2, target),
        ]
        sides = Sides(target, ours, peers)
        try:
            target.start()
            ours.prepare()
            cases = asyncio.run(measure(sides, chosen))
        except Exception:
            for side in (*peers, ours, target):
                print(f"{side.name} has said: {side.said()}", flush=True)
            raise
        finally:
            for side in (*peers, ours, target):
                side.stop()
    report("push", cases)


if __name__ == "__main__":
    main()
