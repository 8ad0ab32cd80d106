"""The program for the kernel: loaded, given flows, and run on single packets."""

import ctypes
import errno
import os
import struct
import time

import pytest

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.kernel import OBJECT, KernelMap, KernelRelay, Sizes
from procall_mobility.datapath.layout import REASONS
from procall_mobility.datapath.libbpf import TestRun, libbpf
from tests.datapath.turn_relay.packets import End

PASSED_UP, DROPPED, REDIRECTED = 0xFFFFFFFF, 2, 7
"""TCX_NEXT, TC_ACT_SHOT and TC_ACT_REDIRECT."""

FOREVER = 2**62
INSIDE = 1

CLOCK_MONOTONIC_COARSE = 6
"""Of linux/time.h."""

TEST_SKB_CHECKSUM_COMPLETE = 4
"""`BPF_F_TEST_SKB_CHECKSUM_COMPLETE`."""

CONTEXT_SIZE = 192
CONTEXT_FIELDS = {"gso_segs": 164, "gso_size": 176}
"""Where they stand in `struct __sk_buff`."""


class Program(KernelRelay):
    """The program, and what tests do with it; what it shares with us is packed here once more."""

    def __init__(self, channels: int = 32, allocations: int = 8) -> None:
        super().__init__(libbpf(), Sizes(channels=channels, allocations=allocations))
        self._keys: list[tuple[KernelMap, bytes]] = []

    def reset(self) -> None:
        """Forget all flows, allow nothing, and be switched on."""
        while self._keys:
            flows, key = self._keys.pop()
            flows.delete(key)
        for words in (self.maps.ledger, self.maps.control):
            words[:] = memoryview(bytes(words.nbytes)).cast("Q")
        self.switch(on=True)

    def switch(self, *, on: bool) -> None:
        self.maps.control[0] = on

    def put(
        self,
        remote: End,
        local: End,
        key_channel: int,
        source: End,
        destination: End,
        channel: int,
        *,
        expires: int = FOREVER,
        mtu: int = 1500,
        ifindex: int = 1,
        slot: int = 0,
        flags: int = 0,
        inside: bool = False,
        key_sum: int | None = None,
        next_hop: tuple[int, bytes] = (0, b""),
    ) -> None:
        """Write a flow: what comes from remote to local goes from source to destination."""
        key = (
            remote.address.packed
            + local.address.packed
            + struct.pack(">HHHH", remote.port, local.port, key_channel, int(inside))
        )
        value = (
            struct.pack("=Q", expires)
            + source.address.packed
            + destination.address.packed
            + struct.pack(">HHH", source.port, destination.port, channel)
            + struct.pack("=HIIII", mtu, ifindex, slot, flags, sum_of_key(key, key_sum))
            + struct.pack("=I16sI", *next_hop, 0)
        )
        flows = self.maps.flows4 if remote.address.version == 4 else self.maps.flows6
        assert flows.update(key, value)
        self._keys.append((flows, key))

    def allow(self, slot: int, sent: int = FOREVER, received: int = FOREVER) -> None:
        self.maps.ledger[16 * slot + 2] = sent
        self.maps.ledger[16 * slot + 10] = received

    def carried(self, slot: int = 0) -> tuple[int, int, int, int]:
        """Packets and octets sent, and received."""
        words = self.maps.ledger[16 * slot : 16 * slot + 16]
        return words[0], words[1], words[8], words[9]

    def reasons(self) -> dict[str, int]:
        """How often packets were passed up, and why, without what never happened."""
        counts = zip(REASONS, self.maps.control[1:], strict=False)
        return {name: times for name, times in counts if times}

    def run(self, packet: bytes, **context: int) -> tuple[int, bytes]:
        """Run it on a packet; the verdict and the packet afterwards."""
        verdict, after, _ = self.timed(packet, 1, **context)
        return verdict, after

    def run_summed(self, packet: bytes) -> tuple[int, bytes]:
        """Run it on a packet whose octets the hardware has added up (CHECKSUM_COMPLETE).

        The kernel finds an error when they have another sum afterwards.
        """
        try:
            verdict, after, _ = self.timed(packet, 1, flags=TEST_SKB_CHECKSUM_COMPLETE)
        except OSError as error:
            if error.errno == errno.EINVAL:
                pytest.skip("this kernel tries no packets with a sum")
            raise
        return verdict, after

    def timed(
        self, packet: bytes, repeat: int, *, flags: int = 0, **context: int
    ) -> tuple[int, bytes, int]:
        """Run it many times, on what the last run left; the third is one's nanoseconds."""
        out = ctypes.create_string_buffer(len(packet) + 64)
        fields = ctypes.create_string_buffer(CONTEXT_SIZE)
        for name, value in context.items():
            struct.pack_into("=I", fields, CONTEXT_FIELDS[name], value)
        trial = TestRun(
            size=ctypes.sizeof(TestRun),
            data_in=packet,
            data_out=ctypes.addressof(out),
            data_size_in=len(packet),
            data_size_out=len(out),
            ctx_in=ctypes.addressof(fields) if context else None,
            ctx_size_in=CONTEXT_SIZE if context else 0,
            repeat=repeat,
            flags=flags,
        )
        returned = self._functions.bpf_prog_test_run_opts(self._program, ctypes.byref(trial))
        if returned:
            raise OSError(-returned, os.strerror(-returned))
        return trial.retval, out.raw[: trial.data_size_out], trial.duration


def sum_of_key(key: bytes, wanted: int | None = None) -> int:
    """The 32-bit words of a key, added up; or what is wanted."""
    return sum(memoryview(key).cast("I")) & 0xFFFFFFFF if wanted is None else wanted


def load(**sizes: int) -> Program:
    """Load it, as newly compiled as its source; skips where that cannot be."""
    headers = OBJECT.with_suffix(".h"), *OBJECT.parent.glob("program/*.h")
    newest = max(path.stat().st_mtime for path in (OBJECT.with_suffix(".c"), *headers))
    if OBJECT.exists() and newest > OBJECT.stat().st_mtime:
        pytest.skip("the program is older than its source: make datapath")
    try:
        return Program(**sizes)
    except CannotCarry as error:
        pytest.skip(f"no program in the kernel: {error}")


def coarse_now() -> int:
    """What the program takes for now."""
    return time.clock_gettime_ns(CLOCK_MONOTONIC_COARSE)
