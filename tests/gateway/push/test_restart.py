"""Crashes and stops: what was accepted is taken up again, with the same id (push.md 4.1)."""

from attrs import define

from procall_mobility.gateway.push.lane.outputs import Drained, NotTakenUp
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.push.restoring import ROWS_AT_ONCE
from procall_mobility.protocols.push.outcomes import Later
from tests.gateway.push.fakes import UNIX, Apps, call, numbers, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.memory import MemoryStore


def filled(count: int, **members: object) -> PushHouse:
    """A house whose last run has left so many pushes."""
    house = PushHouse()
    house.store.add([push(number, **members) for number in range(count)], lambda _: None)  # type: ignore[arg-type]
    house.store.commit()
    return house


@define(eq=False, kw_only=True)
class Stumbling(Apps):
    """Applications, and a mistake of ours about one push."""

    stumbles_over: str

    def lane(self, push: QueuedPush) -> str | None:
        if push.id == self.stumbles_over:
            raise ZeroDivisionError
        return super().lane(push)


class TestRestoring:
    def test_what_was_in_flight_is_sent_again_with_the_same_id(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1))
        assert house.ids() == [push(1).id]
        house.restarts()
        house.opens()
        assert house.ids() == [push(1).id]

    def test_what_has_ended_on_disk_has_ended(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1))
        house.delivers()
        house.restarts()
        assert house.opens().taken() == []
        assert house.pipeline.open == 0

    def test_what_was_not_durable_is_nobodys(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(push(1))
        house.restarts()
        house.later(1.0)
        assert (receipts, house.opens().taken()) == ([], [])

    def test_attempts_and_times_survive(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1))
        house.says(Later(reason="x", after=60.0))
        house.restarts()
        house.opens()
        house.later(60.0)
        assert house.taken() == []
        house.later(1.0)
        (sent,) = house.taken()
        assert sent.push.attempts == 1

    def test_what_has_expired_meanwhile_is_told(self) -> None:
        house = PushHouse()
        house.accepts(push(1, ttl=10.0))
        house.now += 60.0
        house.restarts()
        assert house.ended() == {push(1).id: State.EXPIRED}

    def test_a_long_queue_is_read_a_little_at_a_time(self) -> None:
        house = filled(3 * ROWS_AT_ONCE + 1)
        house.pipeline.start(0.0)
        assert house.pipeline.open == ROWS_AT_ONCE
        assert not house.pipeline.is_restored
        turns = 0
        while not house.pipeline.is_restored:
            at = house.pipeline.wake_at()
            assert at is not None
            assert at > house.now, "others have a turn"
            house.now = at
            house.pipeline.wake(house.now)
            turns += 1
        assert (turns, house.pipeline.open) == (4, 3 * ROWS_AT_ONCE + 1)

    def test_new_pushes_and_calls_are_served_meanwhile(self) -> None:
        house = filled(1000)
        house.pipeline.start(0.0)
        house.opens(1)
        house.taken()
        house.accepts(call(5000), push(0xFFFF0000))
        house.delivers(*house.sent)
        house.pipeline.answered("apns", push(0).id, Later(reason="x"), 0.0)
        assert house.ids() == [call(5000).id]
        house.later(1.0)
        assert house.pipeline.open == 1002
        assert house.lane().counts.restored == 1000

    def test_an_old_push_gives_way_to_a_new_one_that_came_while_reading(self) -> None:
        house = filled(ROWS_AT_ONCE)
        house.store.add([push(999, token="t", collapse="k")], lambda _: None)
        house.pipeline.start(0.0)
        house.accepts(push(2000, token="t", collapse="k"))
        house.later(1.0)
        assert house.ended() == {push(999).id: State.REPLACED}

    def test_of_two_old_ones_of_a_key_the_newer_is_kept(self) -> None:
        """The crash came before the end of the older one was written."""
        house = PushHouse()
        pushes = [push(number, token="t", collapse="k") for number in (1, 2)]
        house.store.add(pushes, lambda _: None)
        house.pipeline.start(0.0)
        assert house.ended() == {push(1).id: State.REPLACED}

    def test_the_newer_one_is_the_one_accepted_later_whatever_its_id(self) -> None:
        """Ids are the customers': a call that is over would ring again."""
        house = PushHouse()
        for number, seconds in ((2, 0.0), (1, 5.0)):
            each = push(number, token="t", collapse="k", unix=UNIX + seconds)
            house.store.add([each], lambda _: None)
        house.pipeline.start(0.0)
        assert house.ended() == {push(2).id: State.REPLACED}

    def test_what_an_application_that_is_no_more_has_left_ends(self) -> None:
        house = filled(2, app="gone")
        house.pipeline.start(0.0)
        house.run()
        assert house.endings() == [(State.REJECTED, "unknown-app")] * 2
        assert house.pipeline.open == 0

    def test_a_push_found_in_the_other_environment_goes_there(self) -> None:
        house = PushHouse(apps=Apps(others={"phone": "sandbox"}))
        house.store.add([push(1, sandbox=True)], lambda _: None)
        house.pipeline.start(0.0)
        house.opens(1, "sandbox")
        assert [each.lane for each in house.taken()] == ["sandbox"]

    def test_reading_that_fails_is_tried_again(self) -> None:
        house = filled(ROWS_AT_ONCE + 5)
        house.pipeline.start(0.0)
        house.store.unreadable = True
        house.later(0.5)
        assert not house.pipeline.is_restored
        house.store.unreadable = False
        house.later(2.0)
        assert house.pipeline.is_restored
        assert house.pipeline.open == ROWS_AT_ONCE + 5

    def test_a_row_that_cannot_be_taken_up_costs_no_other(self) -> None:
        """It is for the next start, which may have learnt what to make of it."""
        count = 2 * ROWS_AT_ONCE
        house = filled(count)
        odd = push(3).id
        house.apps = Stumbling(stumbles_over=odd)
        house.pipeline = house.built()
        house.pipeline.start(0.0)
        house.later(1.0)
        assert house.pipeline.is_restored
        assert house.pipeline.open == count - 1
        (told,) = house.told(NotTakenUp)
        assert (told.push, type(told.fault)) == (odd, ZeroDivisionError)
        assert odd in house.store.disk.queued
        house.apps = Apps()
        house.restarts()
        house.later(1.0)
        assert house.pipeline.open == count

    def test_contents_of_a_long_queue_are_read_when_they_are_sent(self) -> None:
        house = filled(6000, content="x" * 1000)
        house.pipeline.start(0.0)
        house.later(1.0)
        held = house.lane()._outbox.queue.held
        assert 3_990_000 < held <= 4_000_000
        house.opens(10_000)
        house.later(1.0)
        sent = house.taken()
        assert len(sent) == 6000
        assert all(len(each.push.notification.content["data"]) == 1000 for each in sent)
        assert 1000 < house.store.fetched < 3000


class TestDraining:
    def test_what_is_in_flight_is_waited_for(self) -> None:
        house = PushHouse().opens(1)
        house.accepts(push(1), push(2))
        house.pipeline.drain(house.now)
        assert not house.is_drained()
        house.delivers()
        assert house.told(Drained) == [Drained(given_up=0)]
        assert list(house.store.disk.queued) == [push(2).id], "kept for the next start"
        house.pipeline.drain(house.now)
        house.run()
        assert len(house.told(Drained)) == 1

    def test_but_not_for_ever(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1))
        house.pipeline.drain(house.now)
        house.later(9.9)
        assert not house.is_drained()
        house.later(0.2)
        assert house.told(Drained) == [Drained(given_up=1)]
        house.delivers()
        assert len(house.told(Drained)) == 1

    def test_nothing_to_wait_for_is_not_waited_for(self) -> None:
        house = PushHouse()
        house.accepts(push(1))
        house.pipeline.drain(house.now)
        house.run()
        assert house.is_drained()

    def test_new_pushes_are_turned_away(self) -> None:
        house = PushHouse().opens()
        house.pipeline.drain(house.now)
        assert house.accepts(call(1)) == [
            Receipt(
                id=call(1).id,
                state=State.REJECTED,
                reason="stopping",
                is_accepted=False,
                retry_after=5.0,
            )
        ]

    def test_calls_still_go_out(self) -> None:
        house = PushHouse().opens(1)
        house.accepts(call(1), call(2))
        house.pipeline.drain(house.now)
        house.delivers()
        assert not house.is_drained()
        house.delivers()
        assert house.is_drained()

    def test_calls_of_a_lane_without_connections_are_not_waited_for(self) -> None:
        house = PushHouse()
        house.accepts(call(1))
        house.pipeline.drain(house.now)
        house.run()
        assert house.is_drained()

    def test_what_is_being_written_is_waited_for(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(push(1))
        house.pipeline.drain(house.now)
        house.run()
        assert not house.is_drained()
        house.store.commit()
        house.run()
        assert house.is_drained()
        assert [each.state for each in receipts] == [State.QUEUED]
        assert house.taken() == []

    def test_sessions_are_not_offered_anything_and_their_answers_are_waited_for(self) -> None:
        house = PushHouse(commits=False).opens()
        house.sessions.connected.add("t")
        house.accepts(push(1, token="t"))
        house.store.commit()
        house.accepts(push(2, token="t"))
        house.pipeline.drain(house.now)
        house.store.commit()
        house.run()
        assert numbers([offered for offered, _ in house.sessions.offered]) == [1]
        assert not house.is_drained()
        house.sessions.offered[0][1](True)
        house.run()
        assert house.is_drained()

    def test_whoever_waits_is_told_at_once(self) -> None:
        house = PushHouse().opens()
        first = house.accepts(push(1), push(2), wait=2.0)
        house.pipeline.drain(house.now)
        assert [each.state for each in first] == [State.QUEUED] * 2

    def test_a_lane_that_comes_late_drains_too(self) -> None:
        house = PushHouse(apps=Apps(lanes={"phone": "apns", "pad": "fcm"}), commits=False)
        house.accepts(push(1, app="pad"))
        house.pipeline.drain(house.now)
        house.opens(10, "late", "fcm")
        house.store.commit()
        house.run()
        assert house.taken() == []
        assert house.is_drained()

    def test_reading_the_queue_stops(self) -> None:
        house = PushHouse(store=MemoryStore())
        house.store.add([push(number) for number in range(1000)], lambda _: None)
        house.pipeline.start(0.0)
        house.pipeline.drain(0.0)
        house.later(20.0)
        assert house.pipeline.open <= 2 * ROWS_AT_ONCE
        assert not house.pipeline.is_restored
        assert push(0).accepted == UNIX
