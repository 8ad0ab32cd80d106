"""push.md section 1: collapse keys, not-before times, expiry, pauses of devices, and bounds."""

from procall_mobility.gateway.push.lane import queue
from procall_mobility.gateway.push.lane.fairness import SWEPT_FROM
from procall_mobility.gateway.push.lane.queue import MOST_DUE, PushQueue
from procall_mobility.gateway.push.waiting import Waiting, waiting
from procall_mobility.protocols.push.notification import Urgency
from tests.gateway.push.fakes import UNIX, call, push


class Desk:
    """A queue, and numbers for its pushes."""

    def __init__(self) -> None:
        self.queue = PushQueue(lambda _: 1.0)
        self.number = 0

    def made(self, urgency: Urgency = Urgency.ALERT, **members: object) -> Waiting:
        self.number += 1
        return waiting(push(self.number, urgency, **members), self.number, 0.0, UNIX)  # type: ignore[arg-type]

    def add(self, urgency: Urgency = Urgency.ALERT, **members: object) -> Waiting:
        added = self.made(urgency, **members)
        assert self.queue.add(added, 0.0) is None
        return added


def test_what_may_go_goes_in_order() -> None:
    desk = Desk()
    first, second = desk.add(), desk.add()
    assert (len(desk.queue), desk.queue.ready) == (2, 2)
    assert desk.queue.pop(0.0) is first
    assert not first.is_queued
    assert desk.queue.pop(0.0) is second
    assert desk.queue.pop(0.0) is None


def test_none_goes_before_its_time() -> None:
    desk = Desk()
    late = desk.add(not_before=UNIX + 10.0)
    assert (len(desk.queue), desk.queue.ready) == (1, 0)
    assert desk.queue.pop(9.9) is None
    assert desk.queue.wake_at() == 10.0
    assert desk.queue.due(10.0) == []
    assert desk.queue.pop(10.0) is late


def test_a_push_that_has_expired_is_told_and_not_sent() -> None:
    desk = Desk()
    short, long = desk.add(ttl=5.0), desk.add(ttl=50.0)
    assert desk.queue.wake_at() == 5.0
    assert desk.queue.due(4.9) == []
    assert desk.queue.due(5.0) == [short]
    assert desk.queue.pop(5.0) is long
    assert len(desk.queue) == desk.queue.held == 0
    assert desk.queue.wake_at() is None


def test_what_has_left_does_not_expire_here() -> None:
    desk = Desk()
    flying = desk.add(ttl=5.0)
    assert desk.queue.pop(0.0) is flying
    desk.add(ttl=50.0)
    assert desk.queue.due(10.0) == []
    assert len(desk.queue) == 1


def test_not_all_that_expire_at_one_time_are_taken_out_in_one_go() -> None:
    desk = Desk()
    for _ in range(MOST_DUE + 5):
        desk.add(ttl=5.0)
    assert len(desk.queue.due(5.0)) == MOST_DUE
    assert desk.queue.wake_at() == 5.0
    assert len(desk.queue.due(5.0)) == 5


def test_one_whose_time_is_after_its_end_expires_and_is_never_sent() -> None:
    desk = Desk()
    never = desk.add(ttl=5.0, not_before=UNIX + 10.0)
    assert desk.queue.wake_at() == 5.0
    assert desk.queue.pop(4.0) is None
    assert desk.queue.due(7.0) == [never]


class TestCollapsing:
    def test_a_newer_push_takes_the_place_of_an_unsent_older_one(self) -> None:
        desk = Desk()
        older = desk.add(token="t", collapse="call-91")
        newer = desk.made(token="t", collapse="call-91")
        assert desk.queue.add(newer, 0.0) is older
        assert not older.is_queued
        assert desk.queue.pop(0.0) is newer
        assert desk.queue.pop(0.0) is None

    def test_also_across_classes(self) -> None:
        """The end of a call takes the place of its beginning."""
        desk = Desk()
        ring = desk.add(Urgency.CALL, token="t", collapse="call-91")
        over = desk.made(token="t", collapse="call-91")
        assert desk.queue.add(over, 0.0) is ring
        assert desk.queue.calls == 0
        assert desk.queue.pop(0.0) is over

    def test_also_one_that_waits_for_its_time(self) -> None:
        desk = Desk()
        older = desk.add(token="t", collapse="k", not_before=UNIX + 60)
        newer = desk.made(token="t", collapse="k")
        assert desk.queue.add(newer, 0.0) is older
        assert len(desk.queue) == 1

    def test_an_older_one_that_comes_back_gives_way_to_a_newer_one(self) -> None:
        desk = Desk()
        older = desk.add(token="t", collapse="k")
        assert desk.queue.pop(0.0) is older
        newer = desk.add(token="t", collapse="k")
        assert desk.queue.add(older, 0.0) is older
        assert desk.queue.pop(0.0) is newer
        assert desk.queue.pop(0.0) is None

    def test_other_devices_applications_customers_and_keys_are_left_alone(self) -> None:
        desk = Desk()
        same = {"token": "t", "collapse": "k", "app": "phone", "customer": "acme"}
        for other in ("token", "collapse", "app", "customer"):
            desk.add(**{**same, other: "another"})
        desk.add(**same)
        desk.add(token="t")
        desk.add(token="t")
        assert len(desk.queue) == 7


class TestPausedDevices:
    def test_a_pause_of_one_device_is_nobody_elses(self) -> None:
        desk = Desk()
        paused, other = desk.add(token="t"), desk.add(token="u")
        desk.queue.pause(paused.device, 60.0)
        assert desk.queue.pop(0.0) is other
        assert desk.queue.pop(0.0) is None
        assert desk.queue.wake_at() == 60.0
        assert desk.queue.due(60.0) == []
        assert desk.queue.pop(60.0) is paused

    def test_a_shorter_pause_does_not_end_a_longer_one(self) -> None:
        desk = Desk()
        paused = desk.made(token="t")
        desk.queue.pause(paused.device, 60.0)
        desk.queue.pause(paused.device, 10.0)
        desk.queue.add(paused, 0.0)
        assert desk.queue.pop(30.0) is None

    def test_the_first_is_forgotten_when_there_are_too_many(self, monkeypatch) -> None:
        monkeypatch.setattr(queue, "MOST_PAUSES", 3)
        desk = Desk()
        pushes = [desk.add(token=f"t{number}") for number in range(4)]
        for each in pushes:
            desk.queue.pause(each.device, 60.0)
        assert desk.queue.pop(0.0) is pushes[0]
        assert desk.queue.pop(0.0) is None


class TestPassing:
    def test_who_finds_nobody_waiting_need_not_queue(self) -> None:
        desk = Desk()
        fresh = desk.made()
        assert desk.queue.is_passed_by(fresh, 0.0)
        desk.add()
        assert not desk.queue.is_passed_by(fresh, 0.0)

    def test_but_for_its_time_its_end_and_its_devices_pause(self) -> None:
        desk = Desk()
        assert not desk.queue.is_passed_by(desk.made(not_before=UNIX + 1), 0.0)
        assert not desk.queue.is_passed_by(desk.made(ttl=1.0), 1.0)
        paused = desk.made(token="t")
        desk.queue.pause(paused.device, 60.0)
        assert not desk.queue.is_passed_by(paused, 59.0)
        assert desk.queue.is_passed_by(paused, 60.0)


class TestBounds:
    def test_content_in_memory_is_counted(self) -> None:
        desk = Desk()
        one, two, three = desk.add(), desk.add(), desk.add(ttl=1.0)
        assert desk.queue.held == one.octets * 3
        desk.queue.let_go(two)
        desk.queue.let_go(two)
        assert (two.push, desk.queue.held) == (None, one.octets * 2)
        assert desk.queue.absent == 1
        desk.queue.due(1.0)
        assert desk.queue.held == one.octets
        assert not three.is_queued
        desk.queue.pop(1.0)
        assert desk.queue.pop(1.0) is two
        assert (desk.queue.held, desk.queue.absent) == (0, 0)
        assert desk.queue.add(two, 1.0) is None
        assert (desk.queue.held, desk.queue.absent) == (0, 1)

    def test_what_has_left_is_swept_out_of_the_times(self) -> None:
        """Four weeks is the longest life: what was delivered at once must not lie there."""
        desk = Desk()
        for _ in range(5000):
            desk.add(ttl=1e6)
            desk.queue.pop(0.0)
        assert len(desk.queue._times) <= SWEPT_FROM + 3

    def test_a_push_replaced_all_day_leaves_nothing_behind(self) -> None:
        desk = Desk()
        for _ in range(5000):
            desk.queue.add(desk.made(token="t", collapse="k", ttl=1e6), 0.0)
        assert len(desk.queue) == len(desk.queue._newest) == 1
        assert len(desk.queue._times) <= SWEPT_FROM + 3
        desk.queue.pop(0.0)
        assert not desk.queue._newest

    def test_removed_ones_are_gone_from_where_they_were(self) -> None:
        desk = Desk()
        ready, later = desk.add(), desk.add(not_before=UNIX + 5)
        desk.queue.remove(ready)
        desk.queue.remove(later)
        assert (len(desk.queue), desk.queue.ready, desk.queue.held) == (0, 0, 0)
        assert desk.queue.wake_at() is None


def test_a_repr_shows_neither_token_nor_content() -> None:
    shown = repr(waiting(call(1, token="secret-token", content="secret"), 1, 0.0, UNIX))
    assert "secret" not in shown
