"""Pushes counted for each customer: what was taken on, what was not, and how it ended."""

from procall_mobility.gateway.push.customers import PushesByCustomer
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.protocols.push.outcomes import Delivered, Refused
from tests.gateway.push.fakes import push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.test_book import queued


def counting(house: PushHouse) -> PushesByCustomer:
    house.pipeline.book.statistics.customers = counted = PushesByCustomer()
    return counted


def test_a_push_is_counted_for_its_customer_from_its_acceptance_to_its_end() -> None:
    house = PushHouse().opens()
    counted = counting(house)
    house.accepts(push(1), push(2), push(3, customer="other"))
    assert counted.accepted == {"acme": 2, "other": 1}
    first, second, third = house.taken()
    house.says(Delivered(), first)
    house.says(Refused(reason="BadTopic"), second)
    house.says(Delivered(), third)
    house.run()
    assert counted.ended["sent"] == {"acme": 1, "other": 1}
    assert counted.ended["rejected"] == {"acme": 1}


def test_what_is_not_taken_on_is_counted_for_whoever_wanted_it() -> None:
    house = PushHouse(shares={"acme": PushShare(queued=1)})
    counted = counting(house)
    house.accepts(push(1), push(2), push(3))
    assert (counted.accepted, counted.refused) == ({"acme": 1}, {"acme": 2})


def test_every_end_has_its_number() -> None:
    house = PushHouse()
    counted = counting(house)
    for state in set(State) - {State.QUEUED}:
        house.pipeline.book.ended(queued(), state, None)
    assert {state: counts["acme"] for state, counts in counted.ended.items()} == {
        "sent": 1,
        "rejected": 1,
        "expired": 1,
        "replaced": 1,
        "token_gone": 1,
    }


def test_nobody_is_counted_for_by_name_unless_that_is_wanted() -> None:
    house = PushHouse().opens()
    house.accepts(push(1))
    house.delivers(*house.taken())
    house.pipeline.book.not_accepted("acme", "too-fast")
    assert house.pipeline.book.statistics.customers is None
    assert house.pipeline.book.statistics.ended.total() == 1


def test_of_a_customer_that_is_forgotten_nothing_is_left() -> None:
    counted = PushesByCustomer()
    counted.accept([push(1), push(2, customer="other")])
    counted.refused["gone"] += 1
    counted.ended["expired"]["acme"] += 1
    assert counted.names() == {"acme", "other", "gone"}
    for each in ("acme", "gone", "never-seen"):
        counted.forget(each)
    assert counted.names() == {"other"}
