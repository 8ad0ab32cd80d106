"""When what is plotted was, whatever clocks and machines do meanwhile."""

import json
import time
from typing import Any

from attrs import define

from procall_mobility.admin.status_page import since_boot
from procall_mobility.operations.status_page.document import HistoryDocument
from procall_mobility.operations.status_page.history import Series
from procall_mobility.operations.status_page.sampling import Sampler


@define
class Machine:
    """Its clocks: one that is set, and one that never is."""

    wall: float = 1_800_000_000.0
    boot: float = 5.0

    series = (Series("links", "links", "Links"),)

    def sample(self, now: float) -> list[float]:
        return [now]

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.boot += seconds


def times(machine: Machine, sampler: Sampler) -> Any:
    document = HistoryDocument(
        history=sampler.history,
        ring=sampler.history.finest,
        offset=lambda: machine.wall - machine.boot,
    )
    told = json.loads(b"".join(piece for piece in document.pieces() if piece is not None))
    return told["times"]


def test_what_was_before_a_machine_slept_stays_where_it_was() -> None:
    machine = Machine()
    sampler = Sampler([machine], lambda: machine.boot)
    sampler.sample()
    machine.passes(3600)
    sampler.sample()
    assert times(machine, sampler) == [1_800_000_000, 1_800_003_600]


def test_a_clock_that_is_set_moves_all_of_it() -> None:
    machine = Machine()
    sampler = Sampler([machine], lambda: machine.boot)
    for _ in range(2):
        sampler.sample()
        machine.passes(1)
    machine.wall -= 3600
    assert times(machine, sampler) == [1_799_996_400, 1_799_996_401]


def test_the_clock_of_samples_goes_on_while_the_machine_sleeps() -> None:
    """CLOCK_BOOTTIME (clock_gettime(2)); on a machine that never slept it is the monotonic one."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= since_boot() <= time.clock_gettime(time.CLOCK_BOOTTIME)
