"""A program that does something else than it should is found out before it is attached."""

import time

import pytest
from attrs import evolve

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.kernel import KernelRelay
from procall_mobility.datapath.layout import ALLOWED, OCTETS, TALLY_WORDS
from procall_mobility.datapath.self_test import self_test
from tests.datapath.maps import MemoryMap, entries


class Broken:
    """The kernel's program, but for one fault."""

    def __init__(self, program: KernelRelay, fault: str) -> None:
        self.maps = program.maps
        self._program = program
        self._fault = fault
        if fault == "full":
            self.maps = evolve(self.maps, flows4=MemoryMap(0))

    def run(self, packet: bytes) -> tuple[int, bytes]:
        ledger = self.maps.ledger
        if self._fault == "lazy":
            return -1, packet
        if self._fault == "greedy":
            ledger[ALLOWED] += 1000
        verdict, out = self._program.run(packet)
        if self._fault == "garbling":
            out = out[:-1] + b"!"
        if self._fault == "forgetful":
            ledger[OCTETS] += 1
        return verdict, out


def test_the_program_passes_and_leaves_nothing(kernel: KernelRelay) -> None:
    self_test(kernel)
    self_test(kernel)
    assert entries(kernel.maps) == {}
    assert not any(kernel.maps.control)
    assert kernel.maps.ledger[ALLOWED] == kernel.maps.ledger[TALLY_WORDS + ALLOWED] == 0


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("lazy", r"it does not relay \(verdict -1\)"),
        ("garbling", "it relays other octets"),
        ("greedy", "it relays more than is allowed"),
        ("forgetful", "it counts wrongly"),
        ("full", "its table takes no flow"),
    ],
)
def test_faults_are_found_and_nothing_is_left(kernel: KernelRelay, fault: str, found: str) -> None:
    with pytest.raises(CannotCarry, match=f"the self-test with IPv4 failed, {found}: report it"):
        self_test(Broken(kernel, fault))
    assert entries(kernel.maps) == {}
    assert not any(kernel.maps.control)
    assert kernel.maps.ledger[ALLOWED] == kernel.maps.ledger[TALLY_WORDS + ALLOWED] == 0


@pytest.mark.parametrize("ahead", [1000.0, 1.0, -60.0])
def test_another_clock_than_the_kernels_is_found_out(kernel: KernelRelay, ahead: float) -> None:
    """In a time namespace flows would outlive their time, or never begin."""
    with pytest.raises(CannotCarry, match="the kernel has another clock than we: start"):
        self_test(kernel, lambda: time.monotonic() + ahead)
    assert entries(kernel.maps) == {}
    assert not any(kernel.maps.control) and not kernel.maps.ledger[ALLOWED]
