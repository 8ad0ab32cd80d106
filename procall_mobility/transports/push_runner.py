"""Runs the push pipeline: its alarm, its connections to providers, and what comes back."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol, assert_never

from attrs import asdict, define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from procall_mobility.gateway.push_apps import PushApps
from procall_mobility.gateway.push_carriers import Carrier
from procall_mobility.gateway.push_outputs import (
    Drained,
    RefreshCredential,
    SendPush,
    TroubleOver,
    TroubleRaised,
    Wanted,
)
from procall_mobility.gateway.push_pipeline import PushPipeline
from procall_mobility.protocols.push.exchange import NoAnswer, ProviderRequest, Result
from procall_mobility.protocols.push.outcomes import Refused
from procall_mobility.protocols.push.unsayable import Unsayable
from procall_mobility.transports.pump import Household, Pump

CLOSING = 5.0
"""Seconds that connections may take to end after the last answer."""


class Client(Protocol):
    """The connections of one lane (`Http2Client`)."""

    @property
    def capacity(self) -> int:
        """How many requests can be made now."""

    @property
    def streams(self) -> int:
        """How many requests all connections together carry at a time."""

    def start(self) -> None:
        """Connect."""

    def request(
        self,
        request: ProviderRequest,
        done: Callable[[Result], None],
        timeout: float,
        avoid: int | None = None,
    ) -> int | None:
        """Make a request; `done` gets its one result, never within this call.

        Returns the number of the connection it went to, which a later request may `avoid`.
        """

    def stop(self, within: float) -> Deferred[None]:
        """Take no more requests; fires when all connections are closed."""


MakeClient = Callable[[str, Callable[[], None]], Client]
"""Makes the client for a host; it calls back when it can carry requests again, more or fewer."""


@define(eq=False)
class PushRunner:
    """Performs what the pipeline wants, in order."""

    pipeline: PushPipeline
    apps: PushApps
    household: Household
    make_client: MakeClient
    wall_clock: Callable[[], float]
    token_wanted: Callable[[], None] = field(default=lambda: None, init=False)
    """Called when a token has to be fetched before it is due."""
    troubles: dict[tuple[str, str], str] = field(factory=dict, init=False)
    """What operators have to look after: lane and kind of trouble, and why."""
    _pump: Pump[Wanted] = field(init=False)
    _clients: dict[str, Client] = field(factory=dict, init=False)
    _flights: Counter[str] = field(factory=Counter, init=False)
    _drained: Deferred[None] | None = field(default=None, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._pump = Pump(self.pipeline, self._perform, self.household)

    def stirred(self) -> None:
        """Look at the pipeline: somebody has told it something."""
        self._pump.run()

    def start(self) -> None:
        """Connect, and take up what was left by the last run."""
        self.apps_changed()
        self.pipeline.start(self.household.now())

    def stop(self) -> Deferred[None]:
        """Send what must not wait, take no more; fires when the store may be closed."""
        if self._drained is None:
            self._drained = Deferred()
            self.pipeline.drain(self.household.now())
        return self._drained

    def apps_changed(self) -> None:
        """Connect for lanes that are new; one that is no more ends when it has nothing to do."""
        lanes = self.apps.lanes()
        for lane, carrier in lanes.items():
            if lane not in self._clients and carrier.host:
                self._clients[lane] = client = self._client(lane, carrier)
                client.start()
        # What waits in lanes that are no more goes by those their applications have now.
        self.pipeline.routes_changed(lanes, self.household.now())
        for lane in [each for each in self._clients if each not in lanes]:
            self._clients.pop(lane).stop(CLOSING)

    def trouble_of(self, lane: str) -> str | None:
        """Return why a lane carries nothing now; None of one that does."""
        return next((why for (name, _), why in self.troubles.items() if name == lane), None)

    def account(self) -> list[dict[str, Any]]:
        """Return what there is to tell of each lane; nothing secret, no user."""
        return [
            {
                "lane": name,
                "waiting": lane.waiting,
                "in_flight": lane.in_flight,
                **asdict(lane.counts),
                "trouble": self.trouble_of(name),
            }
            for name, lane in sorted(self.pipeline.lanes.items())
        ]

    def token_arrived(self, lanes: Iterable[str]) -> None:
        """Go on in lanes for which a token was fetched."""
        now = self.household.now()
        for lane in lanes:
            self.pipeline.credential_renewed(lane, now)
            self._offer(lane)

    def token_missing(self, lanes: Iterable[str], reason: str) -> None:
        """Note that none could be fetched."""
        for lane in lanes:
            self.pipeline.credential_failed(lane, reason, self.household.now())

    # Inside -------------------------------------------------------------------------------

    def _client(self, lane: str, carrier: Carrier) -> Client:
        return self.make_client(carrier.host, lambda: self._offer(lane))

    def _offer(self, lane: str) -> None:
        """Tell how many requests the connections of a lane carry at a time."""
        client = self._clients.get(lane)
        carrier = self.apps.lanes().get(lane)
        is_ready = carrier is not None and carrier.is_ready(self.household.now())
        streams = 0
        if client is not None and is_ready:
            # The first is less where the transport is full, the second where a limit has shrunk.
            streams = min(client.capacity + self._flights[lane], client.streams)
        self.pipeline.offers(lane, streams, self.household.now())

    def _perform(self, wanted: Wanted) -> None:
        match wanted:
            case SendPush():
                self._send(wanted)
            case RefreshCredential(lane=lane, reason=reason):
                self._renew(lane, reason)
            case TroubleRaised(lane=lane, trouble=trouble, reason=reason):
                self.troubles[lane, trouble.value] = reason
                self._log.error(
                    "push lane in trouble", name=lane, text=trouble.value, reason=reason
                )
            case TroubleOver(lane=lane, trouble=trouble):
                self.troubles.pop((lane, trouble.value), None)
                self._log.info("push lane well again", name=lane, text=trouble.value)
            case Drained(given_up=given_up):
                self._end(given_up)
            case _ as never:
                assert_never(never)

    def _send(self, wanted: SendPush) -> None:
        lane, push, now = wanted.lane, wanted.push, self.household.now()
        branch, client = self.apps.branch(push), self._clients.get(lane)
        if branch is None:
            self.pipeline.answered(lane, push.id, Refused(reason="unknown-app"), now)
            return
        if client is None or branch.lane != lane:
            nothing = NoAnswer(was_processed=False, why="its lane is no more")
            self.pipeline.unanswered(lane, push.id, nothing, now)
            return
        carrier = branch.carrier
        try:
            request = carrier.request(push, now, self.wall_clock())
        except Unsayable as error:
            self.pipeline.answered(lane, push.id, Refused(reason=error.reason), now)
            return
        if request is None:
            nothing = NoAnswer(was_processed=False, why="there is no token")
            self.pipeline.unanswered(lane, push.id, nothing, now)
            self._offer(lane)
            return
        self._flights[lane] += 1
        connection: int | None = None

        def done(result: Result) -> None:
            self._flights[lane] -= 1
            now = self.household.now()
            if isinstance(result, NoAnswer):
                self.pipeline.unanswered(lane, push.id, result, now, connection)
                self._offer(lane)
                return
            outcome = carrier.judge(
                request, result, now, self.wall_clock(), has_moved=wanted.has_moved
            )
            self.pipeline.answered(lane, push.id, outcome, now, connection, result.status)

        try:
            connection = client.request(request, done, wanted.patience, wanted.avoid)
        except ValueError:  # A header field that is none; nothing of it was sent.
            self._flights[lane] -= 1
            self.pipeline.answered(lane, push.id, Refused(reason="unsayable"), now)

    def _renew(self, lane: str, reason: str) -> None:
        carrier = self.apps.lanes().get(lane)
        is_new = carrier.renew(self.household.now()) if carrier is not None else False
        if is_new is None:
            self.token_wanted()
        elif is_new:
            self.pipeline.credential_renewed(lane, self.household.now())
        else:
            self.pipeline.credential_failed(lane, reason, self.household.now())

    def _end(self, given_up: int) -> None:
        if given_up:
            self._log.warn(
                "pushes without an answer are sent again after the start", count=given_up
            )
        self._pump.stop()
        clients = list(self._clients.values())
        self._clients.clear()
        ended = DeferredList([each.stop(CLOSING) for each in clients])
        if self._drained is not None:
            drained = self._drained
            ended.addBoth(lambda _: drained.callback(None))
