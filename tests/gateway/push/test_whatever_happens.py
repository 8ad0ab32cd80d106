"""Whatever customers, providers, disks, crashes and clocks do: no accepted push is lost, each ends
once, nothing grows beyond its bounds, no lane is in another's way (push.md sections 1 and 4)."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis.stateful import invariant

from procall_mobility.gateway.push.lane.fairness import SWEPT_FROM
from procall_mobility.gateway.push.lanes import TURN
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.protocols.push.outcomes import Delivered
from tests.gateway.push.life import LONGEST, STANDING, Life


class Promises(Life):
    """What holds after every step of such a life, and at its end."""

    @invariant()
    def no_accepted_push_is_lost(self) -> None:
        ended = Counter(each.id for each in self.house.store.ended)
        waiting = self.house.store.told.queued
        for name, receipt in self.heard.items():
            if receipt.is_accepted:
                assert name in waiting or ended[name], "lost"
            else:
                assert not ended[name]
                assert name not in waiting

    @invariant()
    def each_ends_once(self) -> None:
        for name, times in Counter(each.id for each in self.house.store.ended).items():
            assert times <= 1 + self.again[name], "ended twice"

    @invariant()
    def what_customers_hear_is_how_it_ended(self) -> None:
        first = {each.id: each for each in reversed(self.house.store.ended)}
        for name, receipt in self.heard.items():
            if receipt.is_accepted and receipt.state is not State.QUEUED:
                assert (first[name].state, first[name].reason) == (receipt.state, receipt.reason)

    @invariant()
    def only_newer_ones_replace(self) -> None:
        newest: dict[object, str] = {}
        for name, each in self.made.items():
            newest[self.key(each)] = max(name, newest.get(self.key(each), ""))
        for ending in self.house.store.ended:
            if ending.state is State.REPLACED:
                assert newest[self.key(self.made[ending.id])] > ending.id

    @staticmethod
    def key(each: QueuedPush) -> object:
        told = each.notification
        return each.customer, each.app, told.token, told.collapse

    @invariant()
    def what_is_on_disk_is_in_memory(self) -> None:
        pipeline = self.house.pipeline
        if pipeline.is_restored:
            for name in self.house.store.told.queued:
                assert name in pipeline._ledger.open

    @invariant()
    def no_lane_is_in_anothers_way(self) -> None:
        """What may go has gone: nothing that happens elsewhere holds it back."""
        now = self.house.now
        for lane in self.house.pipeline.lanes.values():
            health, outbox = lane.health, lane._outbox
            wanted, alarm = outbox.wake_at(), self.house.pipeline.wake_at()
            if wanted is not None:
                assert alarm is not None, "nobody wakes it"
                assert alarm <= max(wanted, now + TURN)
            may_send = health.streams > lane.in_flight and health.may_send(now)
            if outbox.queue.ready and (may_send or outbox.is_closed):
                at = outbox.wake_at()
                assert at is not None, "forgotten"
                assert at <= now + 1.0

    @invariant()
    def nothing_grows_beyond_its_bounds(self) -> None:
        pipeline = self.house.pipeline
        alive = 0
        for lane in pipeline.lanes.values():
            queue = lane._outbox.queue
            alive += len(queue) + lane.in_flight
            assert len(queue._times) <= SWEPT_FROM + 2 * len(queue) + 1
            assert len(queue._newest) <= len(queue)
            assert 0 <= queue.ready <= len(queue)
            assert queue.held >= 0
        at_sessions = len(pipeline._dispatch._offers)
        unwritten = pipeline.open - alive - at_sessions
        assert unwritten >= 0
        assert unwritten == 0 or pipeline._unwritten > 0
        queued = pipeline._quotas._queued.items()
        # Those to places count in their family as well.
        in_lanes = (each.pushes for (_, lane, _), each in queued if lane != "web")
        assert sum(in_lanes) == sum(pipeline._ledger._loads.values()) == pipeline.open
        for lane in pipeline._ledger._loads:
            assert lane in pipeline.lanes, "a lane with pushes is there"
        assert len(pipeline._receipts) <= pipeline.open

    def teardown(self) -> None:
        """All is well again, and everything comes to its end."""
        house = self.house
        house.store.unreadable = house.store.broken = False
        house.sessions.connected.clear()
        house.wall = 0.0
        for _ in range(40):
            house.store.commit()
            for lane in {*STANDING, *house.pipeline.lanes}:
                house.pipeline.credential_renewed(lane, house.now)
                house.pipeline.offers(lane, 100, house.now)
            self.looks()
            for each in list(self.flying.values()):
                del self.flying[each.push.id]
                house.pipeline.answered(each.lane, each.push.id, Delivered(), house.now)
            house.later(LONGEST / 20)
            self.looks()
        assert not self.flying
        assert house.pipeline.open == 0
        house.store.commit()
        assert not house.store.disk.queued
        ended = {each.id for each in house.store.ended}
        assert {name for name, each in self.heard.items() if each.is_accepted} <= ended
        self.each_ends_once()
        assert len(house.pipeline._receipts) == 0


TestLife: Any = Promises.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
