"""push.md section 1: weighted fair queueing between customers, classes by strict priority with an
aged share."""

import time
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.gateway.push.lane.fairness import (
    AGED_AFTER,
    AGED_SHARE,
    SWEPT_FROM,
    ClassQueue,
    FairQueue,
)
from procall_mobility.gateway.push.waiting import Waiting, waiting
from procall_mobility.protocols.push.notification import Urgency
from tests.gateway.push.fakes import UNIX, push


def one(
    number: int, customer: str = "acme", urgency: Urgency = Urgency.ALERT, order: int | None = None
) -> Waiting:
    made = waiting(
        push(number, urgency, customer=customer), number if order is None else order, 0.0, UNIX
    )
    made.alarm = (0.0, made.order, made)  # As if it was in a queue.
    return made


def popped(queue: FairQueue, times: int, now: float = 0.0) -> list[Waiting]:
    found = []
    for _ in range(times):
        push = queue.pop(now)
        assert push is not None
        push.alarm = None
        found.append(push)
    return found


def filled(**customers: int) -> FairQueue:
    """So many pushes of each customer, the first customer's all before the second's."""
    queue = FairQueue(lambda customer: {"big": 3.0}.get(customer, 1.0))
    number = 0
    for customer, count in customers.items():
        for _ in range(count):
            number += 1
            queue.add(one(number, customer), 0.0)
    return queue


class TestCustomers:
    def test_a_flood_of_one_lets_the_push_of_another_pass(self) -> None:
        queue = filled(flood=1000, acme=1)
        assert "acme" in [each.customer for each in popped(queue, 2)]

    def test_each_gets_as_much_as_the_others(self) -> None:
        queue = filled(first=500, second=500, third=500)
        got = Counter(each.customer for each in popped(queue, 300))
        assert got == {"first": 100, "second": 100, "third": 100}

    def test_each_gets_its_weight(self) -> None:
        queue = filled(big=500, small=500)
        got = Counter(each.customer for each in popped(queue, 400))
        assert abs(got["big"] - 300) <= 2

    def test_the_pushes_of_one_go_in_the_order_they_came(self) -> None:
        queue = filled(acme=5)
        assert [each.order for each in popped(queue, 5)] == [1, 2, 3, 4, 5]

    def test_one_that_has_come_back_goes_before_newer_ones(self) -> None:
        queue = filled(acme=3)
        queue.add(one(9, order=0), 0.0)
        assert [each.order for each in popped(queue, 4)] == [0, 1, 2, 3]

    def test_who_was_idle_has_saved_up_nothing(self) -> None:
        queue = filled(busy=1000)
        queue.add(one(2000, "late"), 0.0)
        popped(queue, 500)
        for number in range(3000, 3100):
            queue.add(one(number, "late"), 0.0)
        got = Counter(each.customer for each in popped(queue, 100))
        assert abs(got["late"] - 50) <= 2

    def test_who_sends_one_at_a_time_does_not_go_first_for_ever(self) -> None:
        queue = filled(flood=1000)
        got: Counter[str] = Counter()
        is_waiting = False
        for number in range(2000, 2100):
            if not is_waiting:
                queue.add(one(number, "drip"), 0.0)
            (each,) = popped(queue, 1)
            got[each.customer] += 1
            is_waiting = each.customer != "drip"
        assert abs(got["drip"] - got["flood"]) <= 2

    def test_removed_ones_take_no_turn_and_do_not_pile_up(self) -> None:
        """A customer that replaces its own pushes all day, in a lane that is dead."""
        queue = ClassQueue(lambda _: 1.0)
        queue.add(one(1, "other"), 0.0)
        for number in range(2, 5000):
            added = one(number)
            queue.add(added, 0.0)
            added.alarm = None
            queue.removed(added)
        assert len(queue) == 1
        assert len(queue._lines["acme"].pushes) <= SWEPT_FROM + 1
        queue.add(one(6000), 0.0)
        assert {queue.pop().order, queue.pop().order} == {1, 6000}
        assert not len(queue)

    def test_a_line_whose_pushes_were_all_removed_is_passed(self) -> None:
        queue = filled(acme=1, other=2)
        first = popped(queue, 1)[0]
        assert first.customer == "acme"
        again = one(10)
        queue.add(again, 0.0)
        again.alarm = None
        queue.removed(again)
        assert [each.customer for each in popped(queue, 2)] == ["other", "other"]
        assert queue.pop(0.0) is None

    def test_nobody_is_remembered_once_all_is_sent(self) -> None:
        queue = ClassQueue(lambda _: 1.0)
        for number in range(100):
            queue.add(one(number, f"customer-{number}"), 0.0)
        for _ in range(100):
            queue.pop()
        assert not queue._lines
        assert not queue._ranks


class TestClasses:
    def test_calls_go_first_then_alerts(self) -> None:
        queue = FairQueue(lambda _: 1.0)
        for number, urgency in enumerate(reversed(Urgency)):
            queue.add(one(number, urgency=urgency), 0.0)
        assert [each.urgency for each in popped(queue, 3)] == list(Urgency)

    def test_only_calls_when_only_calls_are_wanted(self) -> None:
        queue = FairQueue(lambda _: 1.0)
        queue.add(one(1), 0.0)
        assert queue.pop(0.0, calls_only=True) is None
        queue.add(one(2, urgency=Urgency.CALL), 0.0)
        found = queue.pop(0.0, calls_only=True)
        assert found is not None
        assert (found.order, len(queue), queue.calls) == (2, 1, 0)

    def test_background_waits_while_it_is_not_aged(self) -> None:
        queue = FairQueue(lambda _: 1.0)
        queue.add(one(0, urgency=Urgency.BACKGROUND), 0.0)
        for number in range(1, 200):
            queue.add(one(number), 0.0)
        assert all(each.urgency is Urgency.ALERT for each in popped(queue, 199, AGED_AFTER))

    def test_aged_classes_get_their_share_and_calls_almost_everything(self) -> None:
        queue = FairQueue(lambda _: 1.0)
        for number in range(1600):
            for urgency in Urgency:
                queue.add(one(3 * number + urgency, urgency=urgency), 0.0)
        got = Counter(each.urgency for each in popped(queue, 1600, AGED_AFTER + 1))
        assert got[Urgency.BACKGROUND] >= 1600 // (AGED_SHARE + 2)
        assert got[Urgency.ALERT] >= 1600 // (AGED_SHARE + 2)
        assert got[Urgency.CALL] >= 1600 * (AGED_SHARE - 2) // AGED_SHARE

    def test_a_class_that_ran_empty_is_young_again(self) -> None:
        queue = FairQueue(lambda _: 1.0)
        queue.add(one(0, urgency=Urgency.BACKGROUND), 0.0)
        popped(queue, 1)
        queue.add(one(1, urgency=Urgency.BACKGROUND), 100.0)
        for number in range(2, 50):
            queue.add(one(number), 100.0)
        assert all(each.urgency is Urgency.ALERT for each in popped(queue, 48, 101.0))


@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=6),
    weights=st.lists(st.sampled_from([0.5, 1.0, 2.0, 5.0]), min_size=6, max_size=6),
    served=st.integers(1, 60),
)
def test_no_two_backlogged_customers_are_further_apart_than_one_push_each(
    sizes: list[int], weights: list[float], served: int
) -> None:
    """The bound of start-time fair queueing: |W_i/w_i - W_j/w_j| <= 1/w_i + 1/w_j."""
    share = {f"c{index}": weights[index] for index in range(len(sizes))}
    queue = FairQueue(share.__getitem__)
    number = 0
    left = {}
    for index, size in enumerate(sizes):
        left[f"c{index}"] = size
        for _ in range(size):
            number += 1
            queue.add(one(number, f"c{index}"), 0.0)
    got: Counter[str] = Counter()
    for _ in range(min(served, number)):
        customer = popped(queue, 1)[0].customer
        got[customer] += 1
        left[customer] -= 1
        busy = [each for each in share if left[each]]
        for a in busy:
            for b in busy:
                apart = abs(got[a] / share[a] - got[b] / share[b])
                assert apart <= 1 / share[a] + 1 / share[b] + 1e-9


def test_a_turn_costs_as_much_among_many_as_among_few() -> None:
    """O(log n): fifty times as many may cost a few times as much, never fifty times."""

    def cost(pushes: int) -> float:
        made = [one(number, f"c{number % (pushes // 10)}") for number in range(pushes)]
        queue = FairQueue(lambda _: 1.0)
        begun = time.process_time()
        for each in made:
            queue.add(each, 0.0)
        popped(queue, pushes)
        return (time.process_time() - begun) / pushes

    few, many = (min(cost(pushes) for _ in range(3)) for pushes in (300, 15_000))
    assert many < 10 * few
