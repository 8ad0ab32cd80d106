"""Stages, over maps in memory and over the kernel's: what holds for one holds for the other."""

from collections.abc import Callable, Iterator

import pytest

from procall_mobility.datapath.kernel import KernelRelay, Sizes
from tests.datapath.maps import kernel_relay, memory_maps
from tests.datapath.namespace import Namespace, namespace
from tests.datapath.stage import Stage

MakeStage = Callable[..., Stage]


@pytest.fixture(params=["memory", "kernel"])
def make_stage(request: pytest.FixtureRequest) -> Iterator[MakeStage]:
    """Return what makes a stage whose maps have the room asked for."""
    opened = []

    def make(channels: int = 8, allocations: int = 8, rate: float = 0.0) -> Stage:
        sizes = Sizes(channels=channels, allocations=allocations)
        if request.param == "memory":
            return Stage(memory_maps(sizes), rate)
        relays = kernel_relay(sizes)
        opened.append(relays)
        return Stage(next(relays).maps, rate)

    yield make
    for each in opened:
        next(each, None)


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """Return a stage with room for eight channels of each family."""
    return make_stage()


@pytest.fixture
def network() -> Iterator[Namespace]:
    """Return a network of the test's own."""
    yield from namespace()


@pytest.fixture
def kernel() -> Iterator[KernelRelay]:
    """Return the program, attached nowhere."""
    yield from kernel_relay(Sizes(channels=8, allocations=8))
