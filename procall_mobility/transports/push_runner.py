"""Runs the push pipeline: its alarm, its connections to providers, and what comes back."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, assert_never

from attrs import asdict, define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.applications.carriers import Attempt
from procall_mobility.gateway.push.lane.outputs import (
    CloseLane,
    ConnectNow,
    Drained,
    NotTakenUp,
    OpenLane,
    RefreshCredential,
    SendPush,
    TroubleOver,
    TroubleRaised,
    Wanted,
)
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push.exchange import NoAnswer, ProviderRequest, Result
from procall_mobility.protocols.push.outcomes import FAULT, CredentialStale, Delivered, Refused
from procall_mobility.protocols.push.unsayable import Unsayable
from procall_mobility.transports.pump import Household, Pump
from procall_mobility.transports.push_clients import Client, LaneClients, MakeClient

PAST = "closed lanes"
"""What lanes that are no more have in common, in accounts."""


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
    _lanes: set[str] = field(factory=set, init=False)
    _clients: LaneClients = field(init=False)
    _flights: Counter[str] = field(factory=Counter, init=False)
    _refused: dict[str, ProviderRequest] = field(factory=dict, init=False, repr=False)
    """By lane, the last request whose token was refused."""
    _drained: Deferred[None] | None = field(default=None, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._pump = Pump(self.pipeline, self._perform, self.household)
        self._clients = LaneClients(self.make_client, self._offer)

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
        """Take over what applications there are now.

        What waits in lanes that are no more goes by those their applications have now.
        """
        self.pipeline.routes_changed(self.household.now())
        for lane in list(self._lanes):
            self._connect(lane)

    @property
    def lanes(self) -> Collection[str]:
        """Return the names of the lanes that pushes go by."""
        return self._lanes

    def client_of(self, lane: str) -> Client | None:
        """Return the connections of a lane, if it has any."""
        return self._clients.all.get(lane)

    def hurry(self, lanes: Iterable[str]) -> None:
        """Wait no longer with attempts to connect, and to get tokens: an operator says so."""
        for lane in lanes:
            self._clients.hurry(lane)
        self.token_wanted()

    def trouble_of(self, lane: str) -> str | None:
        """Return why a lane carries nothing now; None of one that does."""
        return next((why for (name, _), why in self.troubles.items() if name == lane), None)

    def account(self) -> list[dict[str, Any]]:
        """Return what there is to tell of each lane; nothing secret, no user.

        Lanes that were there on demand, and are not any more, are one row at the end.
        """
        told = [
            {
                "lane": name,
                "waiting": lane.waiting,
                "in_flight": lane.in_flight,
                **asdict(lane.counts),
                "trouble": self.trouble_of(name),
            }
            for name, lane in sorted(self.pipeline.lanes.items())
        ]
        past = asdict(self.pipeline.past)
        if any(past.values()):
            told.append({"lane": PAST, "waiting": 0, "in_flight": 0, **past, "trouble": None})
        return told

    def token_arrived(self, lanes: Iterable[str]) -> None:
        """Go on in lanes for which a token was fetched."""
        now = self.household.now()
        for lane in lanes:
            self.pipeline.credential_renewed(lane, now)
            self._offer(lane)

    def token_missing(self, lanes: Iterable[str], reason: str) -> None:
        """Note that none could be fetched; where one still serves, that is no matter."""
        now = self.household.now()
        for lane in lanes:
            carrier = self.apps.carrier(lane)
            if carrier is None or not carrier.is_ready(now):
                self.pipeline.credential_failed(lane, reason, now)

    # Inside -------------------------------------------------------------------------------

    def _open(self, lane: str) -> None:
        self._lanes.add(lane)
        self._connect(lane)

    def _close(self, lane: str) -> None:
        self._lanes.discard(lane)
        self._clients.disconnect(lane)
        # Strangers name lanes: nothing is kept of one that is no more.
        self._refused.pop(lane, None)
        if not self._flights[lane]:
            del self._flights[lane]

    def _connect(self, lane: str) -> None:
        """Leave connections that were made for another credential than there is now."""
        carrier = self.apps.carrier(lane)
        wanted = None if carrier is None else carrier.destination
        was_there = self._clients.all.get(lane) is not None
        if wanted is not None and self._clients.connect(lane, wanted):
            now = self.household.now()
            self.pipeline.offers(lane, 0, now)
            if was_there:
                # What the provider refused was the credential before.
                self.pipeline.credential_renewed(lane, now)

    def _offer(self, lane: str) -> None:
        """Tell how many requests the connections of a lane carry at a time."""
        client = self._clients.all.get(lane)
        if client is None:
            return  # It is about connections that are being closed.
        carrier = self.apps.carrier(lane)
        streams = 0
        if carrier is not None and carrier.is_ready(self.household.now()):
            room, flights = client.capacity, self._flights[lane]
            # The second is less where a limit has shrunk.
            streams = min(room + flights, client.streams)
            if not room and flights < client.streams:
                # The transport is full: answers make no room for requests.  One, as there are
                # connections all the same.
                streams = 1
        self.pipeline.offers(lane, streams, self.household.now())

    def _perform(self, wanted: Wanted) -> None:
        match wanted:
            case SendPush():
                self._send(wanted)
            case ConnectNow(lane=lane):
                self._clients.hurry(lane)
            case OpenLane(lane=lane):
                self._open(lane)
            case CloseLane(lane=lane):
                self._close(lane)
            case RefreshCredential(lane=lane, reason=reason):
                self._renew(lane, reason)
            case TroubleRaised(lane=lane, trouble=kind, reason=why):
                self.troubles[lane, kind.value] = why
                self._log.error("push lane in trouble", name=lane, text=kind.value, reason=why)
            case TroubleOver(lane=lane, trouble=trouble):
                self.troubles.pop((lane, trouble.value), None)
                self._log.info("push lane well again", name=lane, text=trouble.value)
            case NotTakenUp(push=push, fault=fault):
                self._log.failure("push left for the next start", Failure(fault), push=push)
            case Drained(given_up=given_up):
                self._end(given_up)
            case _ as never:
                assert_never(never)

    def _send(self, wanted: SendPush) -> None:
        lane, push, now = wanted.lane, wanted.push, self.household.now()
        branch, client = self.apps.branch(push), self._clients.all.get(lane)
        if branch is None:
            self.pipeline.answered(lane, push.id, Refused(reason="unknown-app", is_ours=True), now)
            return
        if client is None or branch.lane != lane:
            nothing = NoAnswer(was_processed=False, why="its lane is no more")
            self.pipeline.unanswered(lane, push.id, nothing, now)
            return
        carrier = branch.carrier
        try:
            request = carrier.request(push, now, self.wall_clock())
        except Unsayable as error:
            refused = Refused(reason=error.reason, is_ours=True)
            self.pipeline.answered(lane, push.id, refused, now)
            return
        except Exception:  # noqa: BLE001  # Whatever it is, the push must not fly for ever.
            self._spoilt(lane, push)
            return
        if request is None:
            nothing = NoAnswer(was_processed=False, why="there is no token")
            self.pipeline.unanswered(lane, push.id, nothing, now)
            self._offer(lane)
            return
        self._flights[lane] += 1
        connection: int | None = None

        def done(result: Result) -> None:
            self._landed(lane)
            now = self.household.now()
            if isinstance(result, NoAnswer):
                self.pipeline.unanswered(lane, push.id, result, now, connection)
                self._offer(lane)
                return
            try:
                token, has_moved = push.notification.token, wanted.has_moved
                attempt = Attempt(request, token, has_moved, now, self.wall_clock())
                outcome = carrier.judge(attempt, result)
            except Exception:  # noqa: BLE001  # The same: strangers write answers.
                self._spoilt(lane, push)
                return
            if not isinstance(outcome, Delivered):
                if isinstance(outcome, CredentialStale):
                    self._refused[lane] = request
                self._trace(lane, carrier.traces(result))
            self.pipeline.answered(lane, push.id, outcome, now, connection, result.status)

        try:
            connection = client.request(request, done, wanted.patience, wanted.avoid)
        except ValueError:  # A header field that is none; nothing of it was sent.
            self._landed(lane)
            self.pipeline.answered(lane, push.id, Refused(reason="unsayable", is_ours=True), now)

    def _spoilt(self, lane: str, push: QueuedPush) -> None:
        self._log.failure("fault in what speaks to a provider")
        self.pipeline.answered(lane, push.id, FAULT, self.household.now())

    def _landed(self, lane: str) -> None:
        self._flights[lane] -= 1
        if not self._flights[lane] and lane not in self._lanes:
            del self._flights[lane]

    def _renew(self, lane: str, reason: str) -> None:
        carrier, request = self.apps.carrier(lane), self._refused.pop(lane, None)
        is_new: bool | None = False
        if carrier is not None and request is not None:
            is_new = carrier.renew(request, self.household.now(), self.wall_clock())
        if is_new is None:
            self.token_wanted()
        elif is_new:
            self.pipeline.credential_renewed(lane, self.household.now())
        else:
            self.pipeline.credential_failed(lane, reason, self.household.now())

    def _trace(self, lane: str, traces: Mapping[str, str]) -> None:
        if traces:
            text = " ".join(f"{name}={value}" for name, value in traces.items())
            self._log.info("push provider said no", name=lane, text=text)

    def _end(self, given_up: int) -> None:
        if given_up:
            self._log.warn("pushes without answers are sent again after the start", count=given_up)
        self._pump.stop()
        ended = self._clients.stop()
        if self._drained is not None:
            drained = self._drained
            # The end of a connection may be that of an answer.
            ended.addBoth(lambda _: self.pipeline.settle(self.household.now()))
            ended.addBoth(lambda _: drained.callback(None))
