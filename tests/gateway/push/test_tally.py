"""What operators are told of the queue."""

from procall_mobility.gateway.push.tally import QueueTally
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.outcomes import Later
from tests.gateway.push.fakes import call, push
from tests.gateway.push.house import PushHouse


def rows(house: PushHouse, **only: str) -> list[dict[str, object]]:
    tally = QueueTally(**only)
    for each in house.pipeline.waiting_room.pushes():
        tally.count([each])
    return tally.rows(house.now)


def test_an_empty_queue_has_no_rows() -> None:
    assert rows(PushHouse()) == []


def test_what_waits_is_counted_by_lane_class_and_customer() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1), push(2), call(3), push(4, customer="globex"))
    house.now = 12.34
    (octets,) = {
        each.octets for each in house.pipeline.waiting_room.pushes() if each.customer == "globex"
    }
    row = {"lane": "apns", "in_flight": 0, "oldest": 12.3, "next": 0.0}
    assert rows(house) == [
        row | {"class": "call", "customer": "acme", "waiting": 1, "octets": octets},
        row | {"class": "alert", "customer": "acme", "waiting": 2, "octets": 2 * octets},
        row | {"class": "alert", "customer": "globex", "waiting": 1, "octets": octets},
    ]


def test_the_oldest_is_told_and_the_next_attempt() -> None:
    house = PushHouse().opens(1)
    house.accepts(push(1))
    house.says(Later(reason="InternalServerError", after=40.0))
    house.now = 10.0
    house.accepts(push(2))
    (row,) = rows(house)
    assert (row["waiting"], row["in_flight"], row["oldest"]) == (1, 1, 10.0)
    assert 30.0 <= row["next"] < 31.0


def test_where_all_are_under_way_there_is_no_next() -> None:
    house = PushHouse().opens()
    house.accepts(push(1))
    (row,) = rows(house)
    assert (row["waiting"], row["in_flight"], row["next"]) == (0, 1, None)


def test_one_lane_or_one_customer_is_told_alone() -> None:
    house = PushHouse().opens(0, "apns", "fcm")
    house.apps.lanes["droid"] = "fcm"
    house.accepts(push(1), push(2, customer="globex"), push(3, app="droid"))
    assert [row["lane"] for row in rows(house, lane="fcm")] == ["fcm"]
    assert [row["customer"] for row in rows(house, customer="globex")] == ["globex"]
    assert rows(house, lane="fcm", customer="globex") == []


def test_what_was_accepted_by_an_earlier_run_is_as_old_as_it_is() -> None:
    house = PushHouse().opens(0)
    house.accepts(push(1))
    house.now = 100.0
    house.restarts()
    (waiting,) = house.pipeline.waiting_room.pushes()
    assert isinstance(waiting, Waiting)
    (row,) = rows(house)
    assert row["oldest"] == 100.0
