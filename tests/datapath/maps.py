"""The maps of the program: in memory, and the kernel's; tests can read both."""

import ctypes
from collections.abc import Iterator

import pytest

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.kernel import BUILD, PRIVILEGES, KernelMap, KernelRelay, Sizes
from procall_mobility.datapath.layout import ACCOUNT_WORDS, FLOW4, FLOW6, KEY4, KEY6, REASONS, WORD
from procall_mobility.datapath.libbpf import INSTALL, libbpf
from procall_mobility.datapath.ports import Maps

CONTROL_WORDS = 24


class MemoryMap(dict[bytes, bytes]):
    """A `FlowMap` that is no kernel's."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def update(self, key: bytes, value: bytes) -> bool:  # type: ignore[override]
        if key not in self and len(self) >= self.room:
            return False
        self[key] = value
        return True

    def delete(self, key: bytes) -> None:
        self.pop(key, None)


def words(count: int) -> memoryview:
    return memoryview(bytearray(count * WORD)).cast("Q")


def memory_maps(sizes: Sizes) -> Maps:
    assert len(REASONS) < CONTROL_WORDS
    return Maps(
        flows4=MemoryMap(2 * sizes.channels),
        flows6=MemoryMap(2 * sizes.channels),
        ledger=words(2 * sizes.allocations * ACCOUNT_WORDS),
        control=words(CONTROL_WORDS),
    )


def kernel_relay(sizes: Sizes) -> Iterator[KernelRelay]:
    """Load the program, attached nowhere; skips where that cannot be."""
    try:
        relay = KernelRelay(libbpf(), sizes)
    except CannotCarry as error:
        if error.cure not in (PRIVILEGES, BUILD, INSTALL):
            raise
        pytest.skip(f"no program in the kernel: {error}")
    yield relay
    relay.close()


def entries(maps: Maps) -> dict[bytes, bytes]:
    """Return all flows there are."""
    return {**_content(maps.flows4, KEY4.size), **_content(maps.flows6, KEY6.size)}


def _content(table: object, key_size: int) -> dict[bytes, bytes]:
    if isinstance(table, MemoryMap):
        return dict(table)
    assert isinstance(table, KernelMap)
    functions, descriptor = libbpf().functions, table._descriptor
    next_key, value = functions.bpf_map_get_next_key, ctypes.create_string_buffer(256)
    next_key.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    value_size = FLOW4.size if key_size == KEY4.size else FLOW6.size
    found: dict[bytes, bytes] = {}
    key, buffer = None, ctypes.create_string_buffer(key_size)
    while next_key(descriptor, key, buffer) == 0:
        key = buffer.raw
        assert functions.bpf_map_lookup_elem(descriptor, key, value) == 0
        found[key] = value.raw[:value_size]
    return found
