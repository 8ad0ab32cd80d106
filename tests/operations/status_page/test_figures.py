"""What is plotted, from what is counted anyway."""

import math
import time
from operator import attrgetter

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.lateness import Lateness
from procall_mobility.operations.status_page.figures import (
    ConnectionFigures,
    DaemonFigures,
    PushFigures,
    RelayFigures,
)
from procall_mobility.operations.status_page.sampling import Figures, Rate, Sampler
from tests.gateway.fakes import House
from tests.gateway.push.fakes import push
from tests.gateway.push.house import PushHouse
from tests.gateway.relays import Site


def sampled(source: Figures, now: float) -> dict[str, float]:
    return dict(zip(map(attrgetter("name"), source.series), source.sample(now), strict=True))


def test_a_rate_is_what_came_since_by_the_seconds_since() -> None:
    counts = iter((100.0, 106.0, 106.0, 90.0))
    rate = Rate(lambda: next(counts))
    assert math.isnan(rate.look(10.0))
    assert rate.look(12.0) == 3.0
    assert math.isnan(rate.look(12.0))
    assert rate.look(13.0) == 0.0


def test_the_processor_and_the_reactor_are_watched() -> None:
    used, clock = [5.0], [0.0]
    late = Lateness(lambda: clock[0])
    late.look()
    clock[0] = 0.75
    late.look()
    source = DaemonFigures(cpu=lambda: used[0], lateness=late)
    assert math.isnan(sampled(source, 0.0)["cpu"])
    used[0] = 5.5
    assert sampled(source, 1.0) == {"cpu": 0.5, "lateness": 0.25}


def test_links_sessions_and_messages_are_plotted() -> None:
    house = House(Customer(ucsid="acme"))
    source = ConnectionFigures(gateway=house.gateway, connections=lambda: 7)
    assert sampled(source, 0.0)["links"] == 0
    wire = house.registers()
    house.session(wire)
    found = sampled(source, 1.0)
    assert (found["links"], found["sessions"], found["connections"]) == (1, 1, 7)
    assert found["messages"] > 0
    house.gateway.link_lost(wire, Reason.PEER_CLOSED, house.now)
    assert sampled(source, 2.0)["links"] == 0


def test_relayed_bits_are_told_by_who_relayed_them() -> None:
    site = Site()
    source = RelayFigures(allocations=site.media.server.allocations)
    sampled(source, 0.0)
    alice, bob = site.alice(), site.play.peer("20.0.0.1")
    alice.binds(0x4001, bob)
    alice.says(0x4001, b"hello")
    site.play.flows.carries(alice.allocation.channels[0x4001], sent=100, received=900)
    site.media.server.allocations.settle()  # Everybody has a turn each second.
    assert sampled(source, 2.0) == {"allocations": 1, "kernel": 4000, "python": 20}


def test_many_allocations_are_counted_every_few_seconds_only() -> None:
    class Many:
        looks = 0

        def __len__(self) -> int:
            return 2500

        def relayed(self) -> dict[str, int]:
            self.looks += 1
            return {"kernel-octets": 0, "python-octets": 1000 * self.looks}

    many = Many()
    source = RelayFigures(allocations=many)
    found = [sampled(source, float(second))["python"] for second in range(6)]
    assert many.looks == 3
    assert found[2:] == [4000.0] * 4


def test_pushes_that_come_go_and_wait_are_plotted() -> None:
    house = PushHouse().opens()
    source = PushFigures(pipeline=house.pipeline)
    sampled(source, 0.0)
    house.accepts(push(1), push(2))
    house.delivers(house.taken()[0])
    assert sampled(source, 1.0) == {"accepted": 2, "delivered": 1, "open": 1}


def test_a_sample_costs_a_fraction_of_a_millisecond() -> None:
    """It is taken every second, whether somebody looks or not."""
    house, pushes, site = House(Customer(ucsid="acme")), PushHouse().opens(), Site()
    for _ in range(100):
        house.registers()
    site.alice()
    late = Lateness(time.monotonic)
    sampler = Sampler(
        [
            DaemonFigures(cpu=time.process_time, lateness=late),
            ConnectionFigures(gateway=house.gateway, connections=lambda: 7),
            RelayFigures(allocations=site.media.server.allocations),
            PushFigures(pipeline=pushes.pipeline),
        ],
        time.monotonic,
    )
    spent = []
    for _ in range(50):
        start = time.thread_time()
        sampler.sample()
        spent.append(time.thread_time() - start)
    assert min(spent) < 0.0005
    assert len(sampler.history.finest.last(100)) == 50
