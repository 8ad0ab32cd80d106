"""The relay's counters, each once and by who carried."""

from prometheus_client.metrics_core import Metric

from procall_mobility.operations.metrics.relay import KernelFacts, RelayMetrics
from tests.gateway.relays import Site
from tests.operations.metrics.told import told, value

PACKETS, BYTES = "procall_relay_packets_total", "procall_relay_bytes_total"


def metrics(
    site: Site, facts: KernelFacts | None = None, *, customers: bool = False
) -> list[Metric | None]:
    kernel = KernelFacts() if facts is None else facts
    return list(
        RelayMetrics(media=site.media, kernel=lambda: kernel, customers=customers).collect()
    )


def test_what_was_relayed_is_told_by_who_did_it_and_only_grows() -> None:
    site = Site()
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.binds(0x4001, bob)
    alice.says(0x4001, b"hello")
    site.play.flows.carries(alice.allocation.channels[0x4001], sent=100, received=900)
    for _ in range(2):
        found = metrics(site)
        assert value(found, PACKETS, path="kernel") == 2
        assert value(found, BYTES, path="kernel") == 1000
        assert value(found, PACKETS, path="python") == 1
        assert value(found, BYTES, path="python") == 5
        if site.media.server.allocations:
            alice.refreshes(0)
    assert value(found, "procall_relay_allocations") == 0


def test_allocations_are_told_with_their_bound() -> None:
    site = Site()
    site.alice()
    found = metrics(site)
    assert value(found, "procall_relay_allocations") == 1
    assert (
        value(found, "procall_relay_allocations_limit") == site.play.allocations.rules.allocations
    )


def test_refusals_are_told_by_what_they_were() -> None:
    site = Site()
    client = site.client("acme:alice", "wrong")
    client.tries_to_allocate()
    assert value(metrics(site), "procall_relay_events_total", event="error-401") >= 1


def test_the_kernel_says_what_it_left_to_us() -> None:
    facts = KernelFacts(
        enabled=True,
        channels=3,
        most_channels=20_000,
        passed_up={"spent": 4, "options": 0},
        left={"table-full": 1},
    )
    found = metrics(Site(), facts)
    assert value(found, "procall_relay_kernel_enabled") == 1
    assert value(found, "procall_relay_kernel_channels") == 3
    assert value(found, "procall_relay_kernel_channels_limit") == 20_000
    assert value(found, "procall_relay_passed_up_packets_total", reason="spent") == 4
    assert value(found, "procall_relay_passed_up_packets_total", reason="options") == 0
    assert value(found, "procall_relay_left_channels_total", reason="table-full") == 1


def test_where_python_relays_the_kernel_has_no_reasons() -> None:
    found = told(metrics(Site()))
    assert found["procall_relay_kernel_enabled", ()] == 0
    assert not any(name == "procall_relay_passed_up_packets_total" for name, _ in found)


def test_customers_are_named_only_where_that_is_wanted() -> None:
    site = Site()
    site.alice()
    assert "acme" not in repr(told(metrics(site)))
    found = metrics(site, customers=True)
    assert value(found, "procall_customer_relay_allocations", customer="acme") == 1
    assert "alice" not in repr(told(found))
