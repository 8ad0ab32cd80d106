"""One provider: its judge, its script, its conduct, and the book its arrivals go into."""

from collections.abc import Callable

from attrs import define, evolve, field, frozen

from examples.push_simulators.arrivals import Arrival, Arrivals
from examples.push_simulators.conduct import Conduct
from examples.push_simulators.exchange import Judge, Reply, Request, Visit
from examples.push_simulators.script import Act, Say, SayRow, Script


@frozen
class Plan:
    """What a connection shall do about a request."""

    arrival: Arrival
    act: Act
    lawful: Reply
    """What the rules would have answered."""
    latency: float
    """Seconds to wait before."""


@define(eq=False)
class Simulator:
    """One provider at one address."""

    judge: Judge
    arrivals: Arrivals
    wall_clock: Callable[[], float]
    script: Script = field(factory=Script)
    conduct: Conduct = field(factory=Conduct)
    protocols: tuple[bytes, ...] = (b"h2", b"http/1.1")
    """What it speaks, by ALPN."""
    visits: int = 0

    @property
    def name(self) -> str:
        """The provider's."""
        return self.judge.name

    def welcome(self, certificate: str | None = None) -> Visit:
        """Begin a connection."""
        self.visits += 1
        return Visit(self.visits, certificate)

    def hears(self, request: Request, visit: Visit, stream: int) -> Plan:
        """Judge a request, note it, and decide."""
        at = self.wall_clock()
        verdict = self.judge.judge(request, visit, at)
        if not verdict.refusal:
            visit.accepted += verdict.is_push
        act, latency = self.script.act(verdict)
        if isinstance(act, SayRow):
            said = self.judge.answer(act.row, verdict, at if act.since is None else act.since)
            act = Say(evolve(said, headers=said.headers + act.headers))
        self.arrivals.number += 1
        arrival = Arrival(
            number=self.arrivals.number,
            provider=self.judge.name,
            visit=visit.number,
            stream=stream,
            at=at,
            method=request.method,
            path=request.path,
            headers=request.headers,
            body=request.body,
            is_push=verdict.is_push,
            token=verdict.tokens[0] if verdict.tokens else "",
            id=verdict.id,
            clear=verdict.clear,
            refusal=verdict.refusal,
            remarks=verdict.remarks,
            nth=self.arrivals.count_of(self.judge.name, verdict.id),
        )
        self.arrivals.add(arrival)
        return Plan(arrival, act, verdict.reply, latency + self.conduct.latency)

    def did(self, arrival: Arrival, what: str) -> None:
        """Note what was done about an arrival."""
        self.arrivals.done(arrival, what, self.wall_clock())

    def undid(self, arrival: Arrival) -> None:
        """Note that nothing was done about an arrival, and that its sender knows."""
        self.arrivals.uncount(arrival)
        self.did(arrival, "unprocessed")
