"""The push pipeline: takes pushes, keeps them, sends them by their lanes, tells how they end.

Accepted means: durable, or already accepted by the provider.  From then on a push ends in exactly
one `Ending`, whatever crashes.  Calls go out while they are being written; others when they are.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.push.dispatch import Dispatch
from procall_mobility.gateway.push.entrance import Entrance
from procall_mobility.gateway.push.environments import Environments
from procall_mobility.gateway.push.gathering import Gathering
from procall_mobility.gateway.push.lane.lane import Lane
from procall_mobility.gateway.push.lane.outbox import NOT_STORED
from procall_mobility.gateway.push.lane.outputs import Drained, Wanted
from procall_mobility.gateway.push.lanes import Lanes
from procall_mobility.gateway.push.ledger import Ledger
from procall_mobility.gateway.push.ports import Answered, QueuedPush, State
from procall_mobility.gateway.push.quota import Quotas
from procall_mobility.gateway.push.receipts import Batch, Heard, Receipt, Receipts, refusal
from procall_mobility.gateway.push.restoring import Restoring
from procall_mobility.gateway.push.rules import PushPorts, PushRules
from procall_mobility.gateway.push.trace import PushTraces, Stage
from procall_mobility.gateway.push.waiting import CALL, Waiting
from procall_mobility.gateway.push.waiting_room import WaitingRoom
from procall_mobility.protocols.push.exchange import NoAnswer
from procall_mobility.protocols.push.outcomes import Outcome

LONGEST_WAIT: Final = 2.0
"""Seconds a request is held open to tell how its pushes end."""

STOPPING_FOR: Final = 5.0
"""Seconds until another node, or this one again, takes what comes while it stops."""


class PushPipeline:
    """The machine whose outputs are `Wanted`."""

    def __init__(self, rules: PushRules, ports: PushPorts) -> None:
        self._rules = rules
        self._ports = ports
        self._gathering = Gathering(ports.soon, lambda: self.settle(ports.clock()))
        self._outputs: list[Wanted] = []
        self.book = ports.book
        self._alarms = Alarms(lambda: None)
        self.traces = PushTraces(self._alarms)
        """What has happened to the pushes of calls."""
        self._quotas = Quotas(ports.share_of)
        self._receipts = Receipts()
        self._ledger = Ledger(ports.store, self._quotas, self._receipts, ports.wall_clock)
        self.known = self._ledger.known
        """Returns what has become of those pushes that are known, and a customer's."""
        environments = Environments()
        say = self._outputs.append
        self._lanes = Lanes(rules, ports, self._ledger, environments, self._alarms, say)
        self.past = self._lanes.past
        """What was counted of lanes that are no more."""
        self._entrance = Entrance(
            rules=rules.entrance,
            store=ports.store,
            routes=ports.routes,
            quotas=self._quotas,
            environments=environments,
            key=ports.key,
            has_room=self._lanes.admits,
        )
        self._dispatch = Dispatch(
            rules, ports, self._alarms, self._ledger, self._lanes, self.traces, self.settle
        )
        self.waiting_room = WaitingRoom(self._ledger, self._lanes, self._alarms, self.settle)
        """For operators."""
        self._unwritten = 0
        self._restoring = Restoring(
            ports=ports,
            alarms=self._alarms,
            entrance=self._entrance,
            ledger=self._ledger,
            lanes=self._lanes,
            traces=self.traces,
            say=say,
        )
        self._stop: Alarm | None = None
        self._is_drained = False

    # What can be asked --------------------------------------------------------------------

    @property
    def lanes(self) -> Mapping[str, Lane]:
        """Return the lanes there have been pushes or connections for."""
        return self._lanes.all

    @property
    def open(self) -> int:
        """How many accepted pushes have not ended, as far as they were read from the store."""
        return len(self._ledger)

    @property
    def is_restored(self) -> bool:
        """Whether all pushes of before the start are in their lanes."""
        return self._restoring.is_over

    def became(self, customer: str, push: str) -> Receipt | None:
        """Return what has become of a push; None of one that is not known, or not theirs."""
        return self.known(customer, [push]).get(push)

    # The machine --------------------------------------------------------------------------

    def take(self) -> list[Wanted]:
        """Return the outputs since the last call, in order."""
        outputs = self._outputs[:]
        self._outputs.clear()
        return outputs

    def wake_at(self) -> float | None:
        """When to be woken next."""
        return self._alarms.wake_at()

    def wake(self, now: float) -> None:
        """Do what is due."""
        self._alarms.wake(now)
        self.settle(now)

    def start(self, now: float) -> None:
        """Take up what the last run has left, a little at a time."""
        self._restoring.go_on(None, now)
        self.settle(now)

    def drain(self, now: float) -> None:
        """Take nothing more, and say `Drained` once the store may be closed.

        Calls still go out: a phone cannot wait for the next start.
        """
        if self._stop is None:
            self._stop = self._alarms.set(now + self._rules.drain_within, self._drained)
            self._restoring.is_stopped = True
            self._dispatch.is_over = True
            self._receipts.hurry_all()
            self._lanes.drain(now)
            self.settle(now)

    def settle(self, now: float) -> None:
        """See what follows from an input, and let it be known."""
        self._dispatch.send_noted(now)
        self._lanes.settle(now)
        if self._stop is not None and not self._is_drained and not self._is_busy():
            self._stop.cancel()
            self._drained(now)
        self._ports.stirred()

    # Pushes -------------------------------------------------------------------------------

    def accept(
        self,
        pushes: Sequence[QueuedPush],
        heard: Heard,
        now: float,
        *,
        wait: float = 0.0,
        answered: Answered | None = None,
    ) -> None:
        """Take pushes on.

        Args:
            pushes: With ids nobody has used before; their sizes, tokens and customer are checked.
            heard: Is told of each, in order: as soon as all are accepted or refused.
            now: The time.
            wait: Seconds, up to `LONGEST_WAIT`, that `heard` waits for how they all end.
            answered: To be stored in one piece with the pushes.
        """
        ids = [push.notification.id for push in pushes]
        batch = Batch(ids=ids, heard=heard, is_patient=wait > 0)
        unix = self._ports.wall_clock()
        entered: list[Waiting] = []
        kept: list[QueuedPush] = []
        calls: list[tuple[Waiting, QueuedPush]] = []
        for place, push in enumerate(pushes):
            is_new = self._stop is None and ids[place] not in self._ledger.open
            admitted = (self._entrance.admit if is_new else self._refused)(push, now, unix)
            if isinstance(admitted, Receipt):
                self._receipts.refuse(batch, place, admitted)
                self.book.not_accepted(push.customer, admitted.reason)
                continue
            waiting, lane, push = admitted
            self._receipts.watch(batch, place)
            self._ledger.enter(waiting, lane)
            self._lanes.get(lane, now, push.customer).counts.accepted += 1
            entered.append(waiting)
            kept.append(push)
            if waiting.urgency is CALL:
                calls.append((waiting, push))
        if not pushes:
            heard([])
        if not entered:
            return
        self.book.statistics.accept(kept)
        self._unwritten += 1
        self._ledger.keep(kept, lambda is_kept: self._written(entered, is_kept), answered)
        if wait > 0:
            until = now + min(wait, LONGEST_WAIT)
            self._alarms.set(until, lambda _: self._receipts.hurry(batch))
        for waiting, push in calls:
            waiting.trace = self.traces.begin(push, waiting.device, now, Stage.ACCEPTED)
            self._dispatch.send(waiting, now)
        if calls:
            self.settle(now)
        elif not self._gathering.is_due:
            self._gathering.note()

    def device_came(self, device: bytes, now: float) -> None:
        """Note that a device has a session of its own now, or has it again."""
        self._dispatch.came(device, now)
        self.settle(now)

    def share_changed(self, customer: str | None) -> None:
        """Take note of another share of a customer; None is for all of them."""
        self._quotas.changed(customer)

    def routes_changed(self, now: float) -> None:
        """Open lanes that are new; route anew what waits in those that are no more."""
        self._lanes.routed(now)
        self.settle(now)

    # Lanes --------------------------------------------------------------------------------

    def offers(self, lane: str, streams: int, now: float) -> None:
        """Note how many requests all connections of a lane together carry at a time."""
        self._lanes.touch(lane, now).offers(streams, now)
        self.settle(now)

    def answered(
        self,
        lane: str,
        push: str,
        outcome: Outcome,
        now: float,
        connection: int | None = None,
        status: int | None = None,
    ) -> None:
        """Note what a provider's answer means.

        `connection` is a number of whoever sent it, `status` what the provider's HTTP said.
        """
        self._lanes.touch(lane, now).answered(push, outcome, now, connection, status)
        if not self._gathering.is_due:
            self._gathering.note()

    def unanswered(
        self, lane: str, push: str, nothing: NoAnswer, now: float, connection: int | None = None
    ) -> None:
        """Note that no answer came."""
        self._lanes.touch(lane, now).unanswered(push, nothing, now, connection)
        self._gathering.note()

    def credential_renewed(self, lane: str, now: float) -> None:
        """Go on with a fresh token, or with another credential."""
        self._lanes.touch(lane, now).credential_renewed(now)
        self.settle(now)

    def credential_failed(self, lane: str, reason: str, now: float) -> None:
        """Note that there is no fresh token."""
        self._lanes.touch(lane, now).credential_failed(reason, now)
        self.settle(now)

    # How ----------------------------------------------------------------------------------

    def _refused(self, push: QueuedPush, now: float, unix: float) -> Receipt:
        if self._stop is not None:
            return refusal(push.id, "stopping", retry_after=STOPPING_FOR)
        return refusal(push.id, "id-in-use")

    def _written(self, entered: list[Waiting], is_kept: bool) -> None:
        """Go on with pushes that are durable now; or never will be."""
        now = self._ports.clock()
        self._unwritten -= 1
        for waiting in entered:
            if self._ledger.open.get(waiting.id) is not waiting:
                continue
            is_call = waiting.urgency is CALL
            if is_kept:
                waiting.is_durable = True
                if waiting.trace is not None:
                    waiting.trace.add(Stage.DURABLE, now)
                self._receipts.accepted(waiting.id)
                if not is_call:
                    self._dispatch.note(waiting)
            elif not is_call or self._lanes.touch(waiting.lane, now).withdraw(waiting):
                self._lanes.end(waiting, State.REJECTED, NOT_STORED)
            else:
                # It is with the provider or a session already, and may ring yet.
                waiting.is_forsaken = True
        self._gathering.note()

    def _is_busy(self) -> bool:
        return self._unwritten > 0 or self._dispatch.is_busy or self._lanes.are_busy

    def _drained(self, now: float) -> None:
        self._is_drained = True
        self._outputs.append(Drained(given_up=self._lanes.in_flight))
