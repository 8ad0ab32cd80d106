"""`make bench-turn-kernel`: packets of bound channels by the kernel, by Python and by coturn.

All three in one network of namespaces, in turn, in the same rounds: our daemon with its kernel
path on and off, and coturn.  The cost is that of the whole system, interrupts included, from
`/proc/stat`, less what the same packets cost between the same clients and peers without a relay,
measured in the same round: work for packets is charged to whoever runs just then, so that the CPU
of a process says little.  Every packet belongs to another client than the one before, and goes
both ways; every octet, its sender and its receiver are checked.

BENCH=full measures longer.
"""

import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

from attrs import define, field

from bench.figures import Case, cpu_seconds, report, spread
from bench.namespaces import NoNamespaces
from bench.turn_generator import Generator, build
from bench.turn_network import CLIENTS, PEERS, Network, hindrance
from bench.turn_servers import Coturn, Ours, coturn_version

FULL = os.environ.get("BENCH") == "full"
ROUNDS = 5
SECONDS = 5.0 if FULL else 1.0
SIZES = (160, 1200)
CHANNELS = (1, 100, 1000, 5000)
FLIGHT = 32
"""Packets on the way each way: the server always has work, and coturn's buffers do not overflow,
not even when all of them are one client's."""
OURS_AT, COTURN_AT = "10.77.48.1", "10.77.48.2"
PORT, COTURN_PORT, TLS_PORT, LINK_PORT = 3478, 3479, 8443, 7322
SETTINGS = """\
datapath = "kernel"
interfaces = ["clients", "peers"]
"""
PEER = PEERS[0].replace("0/20", "1")
MOST_FOREIGN = 0.03
WORTHLESS = ": the figures say nothing; this needs a machine with nothing else to do"
UNIT = "us CPU of the system per packet"


def busy_seconds() -> float:
    """Return what all processors have worked since the start, interrupts included."""
    line = Path("/proc/stat").read_text().splitlines()[0]
    user, nice, system, _idle, _waiting, irq, softirq, *_ = map(int, line.split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


@define
class Contest:
    """Who relays, and what each of them costs."""

    ours: Ours
    coturn: Coturn
    generators: tuple[Generator, Generator]
    """Of our daemon's clients, and of coturn's."""
    costs: dict[tuple[str, int, int], list[float]] = field(factory=dict)
    """By who relays, octets and channels: microseconds of a packet, in each round."""
    is_on: bool = True
    busy: float = 0.0
    """Seconds all processors have worked while packets were relayed."""
    own: float = 0.0
    """Those of it that were for servers and generators."""

    def switch(self, *, on: bool) -> None:
        """Turn the kernel path on or off, live; it sees no packet of coturn's and Python's."""
        if on is not self.is_on:
            self.ours.tell("turn", "datapath", "on" if on else "off")
            self.is_on = on

    def measure(self, size: int, channels: int, number: int) -> None:
        """Let each of them relay for a while."""
        ours, coturn = self.generators
        runs: list[tuple[str, Callable[[], int]]] = [
            ("kernel", lambda: ours.crowd(size, FLIGHT, SECONDS)),
            ("python", lambda: ours.crowd(size, FLIGHT, SECONDS)),
            ("coturn", lambda: coturn.crowd(size, FLIGHT, SECONDS)),
            ("none", lambda: ours.crowd(size, FLIGHT, SECONDS, direct=True)),
        ]
        found = {}
        for name, run in runs[number % 4 :] + runs[: number % 4]:
            self.switch(on=name == "kernel")
            before, own = busy_seconds(), self._own_seconds()
            relayed = run()
            worked = busy_seconds() - before
            found[name] = worked / relayed * 1e6
            self.busy += worked
            self.own += self._own_seconds() - own
        for name in ("kernel", "python", "coturn"):
            costs = self.costs.setdefault((name, size, channels), [])
            costs.append(found[name] - found["none"])

    @property
    def foreign(self) -> float:
        """Which part of the work was somebody else's: it is in all figures."""
        return max(0.0, 1 - self.own / self.busy)

    def cases(self) -> list[Case]:
        """Return what it came to."""
        peer = coturn_version()
        cases = []
        for size in SIZES:
            for name in ("kernel", "python"):
                for channels in CHANNELS:
                    case = Case(f"turn {name} saturation {size} {channels}", UNIT, peer)
                    case.ours = self.costs[name, size, channels]
                    case.theirs = self.costs["coturn", size, channels]
                    cases.append(case)
                cases += self._growth(name, size, peer)
        return cases

    def _own_seconds(self) -> float:
        servers = [each.pid for each in (self.ours, self.coturn)]
        return sum(map(cpu_seconds, [*servers, *(each.pid for each in self.generators)]))

    def _growth(self, name: str, size: int, peer: str) -> list[Case]:
        """Return how much more a packet costs among many channels than on a single one."""
        cases = []
        for channels in CHANNELS[1:]:
            case = Case(f"turn {name} growth {size} {channels}", "x cost at 1 channel", peer)
            for side, who in ((case.ours, name), (case.theirs, "coturn")):
                one, many = self.costs[who, size, 1], self.costs[who, size, channels]
                side += [after / before for before, after in zip(one, many, strict=True)]
            cases.append(case)
        return cases


def run(network: Network, folder: Path) -> list[Case]:
    """Start the servers and let them relay."""
    allowed = PEERS[0]
    ours = Ours("ours", folder, PORT, host=OURS_AT, peers=allowed, inside=network.server)
    coturn = Coturn("coturn", folder, COTURN_PORT, host=COTURN_AT, inside=network.server)
    ours.prepare(TLS_PORT, LINK_PORT, SETTINGS)
    coturn.prepare()
    program = build(folder)
    try:
        for server in (ours, coturn):
            server.start()
        places = CLIENTS[0].partition("/")[0], PEER
        one, other = (
            Generator(
                program,
                server,
                clients=places[0],
                peer=places[1],
                networks=(network.client, network.peer),
            )
            for server in (ours, coturn)
        )
        contest = Contest(ours, coturn, (one, other))
        for channels in CHANNELS:
            for each in contest.generators:
                each.gather(channels)
            for size in SIZES:
                for number in range(ROUNDS):
                    contest.measure(size, channels, number)
                costs = (
                    spread(contest.costs[who, size, channels]) for who in ("kernel", "coturn")
                )
                print(
                    f"  {size} octets, {channels} channels: {' '.join(map(str, costs))}",
                    flush=True,
                )
        for each in contest.generators:
            each.close()
    finally:
        for server in (ours, coturn):
            server.stop()
    share = contest.foreign
    print(f"others did {share:.1%} of all work meanwhile" + WORTHLESS * (share > MOST_FOREIGN))
    return contest.cases()


def main() -> None:
    """Run everything and report; where it cannot be done, say why."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    why = hindrance()
    if why is not None:
        print(f"the kernel path is not measured: {why}")
        return
    try:
        network = Network.make(shortcut=True)
    except (NoNamespaces, PermissionError) as error:
        print(f"the kernel path is not measured: {error}")
        return
    try:
        with tempfile.TemporaryDirectory() as name:
            cases = run(network, Path(name))
    finally:
        network.remove()
    report("turn-kernel", cases)


if __name__ == "__main__":
    main()
