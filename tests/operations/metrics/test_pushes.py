"""Pushes as operators watch them: what is taken on, how it ends, how long calls take."""

from collections.abc import Mapping

from prometheus_client.metrics_core import Metric

from procall_mobility.gateway.push.applications.expiry import Expiring
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.operations.metrics.pushes import PushMetrics
from procall_mobility.protocols.push.outcomes import Delivered, LaneRefused, Refused
from tests.gateway.push.fakes import Apps, call, push
from tests.gateway.push.house import PushHouse
from tests.operations.metrics.told import told, value

ENDED = "procall_push_ended_total"
CALLS = "procall_push_call_duration_seconds"


def metrics(
    house: PushHouse,
    *expiring: Expiring,
    acknowledged: Mapping[str, int] | None = None,
) -> list[Metric | None]:
    return list(source(house, *expiring, acknowledged=acknowledged).collect())


def source(
    house: PushHouse,
    *expiring: Expiring,
    acknowledged: Mapping[str, int] | None = None,
) -> PushMetrics:
    return PushMetrics(
        pipeline=house.pipeline,
        acknowledged=acknowledged or {},
        expiring=lambda: expiring,
        knows=house.apps.knows,
    )


def test_a_push_is_followed_from_its_acceptance_to_its_end() -> None:
    house = PushHouse().opens()
    house.accepts(push(1), push(2))
    found = metrics(house)
    assert value(found, "procall_push_accepted_total") == 2
    assert value(found, "procall_push_open") == 2
    assert value(found, "procall_push_in_flight", provider="apns") == 2
    assert value(found, "procall_push_streams", provider="apns") == 100
    first, second = house.taken()
    house.says(Delivered(), first)
    house.says(Refused(reason="BadTopic"), second)
    house.run()
    found = metrics(house)
    ended = {"provider": "apns", "class": "alert"}
    assert value(found, ENDED, **ended, state="sent", reason="none") == 1
    assert value(found, ENDED, **ended, state="rejected", reason="BadTopic") == 1
    assert value(found, "procall_push_requests_total") == 2
    assert value(found, "procall_push_open") == 0


def test_the_times_of_calls_are_a_histogram() -> None:
    house = PushHouse().opens()
    house.pipeline.book.clock = lambda: house.now
    house.accepts(call(1))
    house.now = 0.3
    house.delivers(*house.taken())
    found = metrics(house)
    assert value(found, f"{CALLS}_bucket", state="sent", le="0.25") == 0
    assert value(found, f"{CALLS}_bucket", state="sent", le="0.5") == 1
    assert value(found, f"{CALLS}_count", state="sent") == 1


def test_what_waits_is_told_with_the_trouble_its_lane_is_in() -> None:
    house = PushHouse().opens()
    house.accepts(push(1))
    house.says(LaneRefused(reason="InvalidProviderToken"), *house.taken())
    found = metrics(house)
    assert value(found, "procall_push_waiting", provider="apns") == 1
    assert value(found, "procall_push_lanes", provider="apns", state="suspended") == 1
    troubles = {"provider": "apns", "trouble": "suspended"}
    assert value(found, "procall_push_lanes_in_trouble", **troubles) == 1


def test_lanes_strangers_have_named_are_one() -> None:
    lanes = ("webpush:01@https://a.example", "webpush:01@https://b.example")
    house = PushHouse(apps=Apps(lanes=dict(zip(("one", "two"), lanes, strict=True))))
    house.opens(10, *lanes)
    found = metrics(house)
    assert value(found, "procall_push_lanes", provider="webpush", state="closed") == 2
    assert value(found, "procall_push_streams", provider="webpush") == 20
    assert ".example" not in repr(told(found))


def test_what_is_not_taken_on_is_told_by_reason() -> None:
    house = PushHouse(shares={"acme": PushShare(queued=1)})
    house.accepts(push(1), push(2))
    assert value(metrics(house), "procall_push_refused_total", reason="too-many-queued") == 1


def test_of_two_credentials_with_one_name_the_first_end_counts() -> None:
    """Two customers may have applications of one name; a series is told once."""
    found = metrics(
        PushHouse(),
        Expiring(name="phone", at=2_000.0),
        Expiring(name="phone", at=1_000.0),
        Expiring(name="tablet", at=3_000.0),
    )
    name = "procall_push_credential_expiry_timestamp_seconds"
    assert value(found, name, application="phone") == 1_000
    assert value(found, name, application="tablet") == 3_000


def test_acknowledged_pushes_are_told_by_what_they_were_about() -> None:
    found = metrics(PushHouse(), acknowledged={"message": 3})
    assert value(found, "procall_push_acknowledged_total", type="message") == 3


def test_a_restart_says_so_until_all_is_read() -> None:
    house = PushHouse()
    assert value(metrics(house), "procall_push_restoring") == 1
    house.pipeline.start(house.now)
    house.run()
    house.later(1.0)
    assert value(metrics(house), "procall_push_restoring") == 0


def test_no_token_no_id_and_no_customer_is_in_it() -> None:
    house = PushHouse().opens()
    house.accepts(call(1), push(2))
    text = repr(told(metrics(house)))
    for each in (call(1), push(2)):
        assert each.notification.token not in text
        assert each.id not in text
        assert each.customer not in text


def test_customers_are_counted_for_by_name_only_where_that_is_wanted() -> None:
    house = PushHouse().opens()
    told_of = source(house)
    told_of.count_customers(True)
    house.accepts(push(1))
    house.delivers(*house.taken())
    house.pipeline.book.not_accepted("other", "too-fast")
    found = list(told_of.collect())
    assert value(found, "procall_customer_push_accepted_total", customer="acme") == 1
    assert value(found, "procall_customer_push_ended_total", customer="acme", state="sent") == 1
    assert value(found, "procall_customer_push_refused_total", customer="other") == 1
    told_of.count_customers(True)  # Settings that were read again change nothing.
    assert told(told_of.collect()) == told(found)
    told_of.count_customers(False)
    assert "acme" not in repr(told(told_of.collect()))
    told_of.count_customers(True)
    assert "acme" not in repr(told(told_of.collect()))


def test_a_customer_that_was_removed_is_told_of_no_more() -> None:
    """Nor is anything kept of it; what of its pushes ends later is no row either."""
    house = PushHouse().opens()
    told_of = source(house)
    told_of.count_customers(True)
    house.accepts(push(1), push(2, customer="other"))
    house.apps.gone.add("acme")
    assert told_of_whom(told_of) == {"other"}
    house.delivers(*house.taken())
    assert told_of_whom(told_of) == {"other"}
    counted = house.pipeline.book.statistics.customers
    assert counted is not None
    assert counted.names() == {"other"}


def told_of_whom(told_of: PushMetrics) -> set[str]:
    labels = [dict(labels) for _, labels in told(told_of.collect())]
    return {each["customer"] for each in labels if "customer" in each}
