"""The program in the kernel: loaded, attached, and gone with this process.

Nothing is pinned: the kernel holds program, maps and links by our descriptors alone, so however
this process ends, nothing of it is left.
"""

import ctypes
import errno
import mmap
import os
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.layout import ACCOUNT_WORDS, WORD
from procall_mobility.datapath.libbpf import TCX_INGRESS, Libbpf, TestRun
from procall_mobility.datapath.ports import Maps

OBJECT: Final = Path(__file__).with_name("turn_relay.o")
"""Compiled from `turn_relay.c` when the package is built."""

BUILD = "build the package with clang installed (`make datapath`)"
PRIVILEGES = "start it with CAP_BPF and CAP_NET_ADMIN, which it needs at start only"
NEWER_KERNEL = "Linux 6.6 or later is needed"

SMALLER = "have it carry fewer channels"
_CURES: Final = {
    errno.EPERM: PRIVILEGES,
    errno.EACCES: NEWER_KERNEL,
    errno.EINVAL: NEWER_KERNEL,
    errno.ENOMEM: SMALLER,
    errno.E2BIG: SMALLER,
}

_LONGEST_PACKET = 2048
"""Octets of a packet in a trial run."""


@frozen(kw_only=True)
class Sizes:
    """How much the kernel has room for; it is all allocated at start."""

    channels: int
    """Of IPv4, and as many of IPv6; each has an entry for each direction."""
    allocations: int


class KernelMap:
    """A hash map of the kernel."""

    __slots__ = ("_delete", "_descriptor", "_update")

    def __init__(self, library: Libbpf, descriptor: int) -> None:
        self._descriptor = descriptor
        self._update = library.functions.bpf_map_update_elem
        self._delete = library.functions.bpf_map_delete_elem

    def update(self, key: bytes, value: bytes) -> bool:
        """Add or replace an entry at once; False when there is no room for another."""
        return bool(self._update(self._descriptor, key, value, 0) == 0)

    def delete(self, key: bytes) -> None:
        """Delete an entry; one that is not there is no error."""
        self._delete(self._descriptor, key)


class KernelRelay:
    """The program, its maps and its links."""

    def __init__(self, library: Libbpf, sizes: Sizes, path: Path = OBJECT) -> None:
        """Load the program; it is attached nowhere yet, and switched off.

        Raises:
            CannotCarry: it cannot be loaded.
        """
        self._library = library
        self._functions = library.functions
        self._links: list[int] = []
        self._shared: list[mmap.mmap] = []
        self._views: list[memoryview] = []
        if not path.exists():
            raise CannotCarry(f"{path.name} is not there", BUILD)
        library.said()
        self._object = self._functions.bpf_object__open_file(os.fsencode(path), None)
        if not self._object:
            reason = f"{path.name} cannot be read ({library.error().strerror})"
            raise CannotCarry(reason, BUILD, library.said())
        try:
            self._load(sizes)
        except BaseException:
            self.close()
            raise

    def _load(self, sizes: Sizes) -> None:
        entries = {"flows4": 2 * sizes.channels, "flows6": 2 * sizes.channels}
        # Slots rest for a second when their allocation has ended, and need room beside the others.
        entries["ledger"] = 2 * sizes.allocations
        for name, count in entries.items():
            self._functions.bpf_map__set_max_entries(self._map(name), max(1, count))
        returned = self._functions.bpf_object__load(self._object)
        if returned < 0:
            raise self._failed("the program cannot be loaded", self._library.error(returned))
        program = self._functions.bpf_object__find_program_by_name(self._object, b"relay")
        self._program = self._functions.bpf_program__fd(program)
        self.maps = Maps(
            flows4=KernelMap(self._library, self._descriptor("flows4")),
            flows6=KernelMap(self._library, self._descriptor("flows6")),
            ledger=self._share("ledger", entries["ledger"] * ACCOUNT_WORDS),
            control=self._share("control", self._value_size("control") // WORD),
        )

    def attach(self, ifindex: int, name: str) -> int:
        """See every packet that comes in by an interface, after those who are there already.

        Returns:
            The link, for `detach`.

        Raises:
            CannotCarry: the kernel does not want it.
        """
        link = self._functions.bpf_link_create(self._program, ifindex, TCX_INGRESS, None)
        if link < 0:
            raise self._failed(f"{name} cannot be attached to", self._library.error(link))
        self._links.append(link)
        return int(link)

    def detach(self, link: int) -> None:
        """See nothing more of an interface, which may be gone."""
        self._links.remove(link)
        os.close(link)

    def run(self, packet: bytes) -> tuple[int, bytes]:
        """Run the program once with an Ethernet frame; returns its verdict and what became of it.

        Raises:
            CannotCarry: the kernel does not let us.
        """
        out = ctypes.create_string_buffer(_LONGEST_PACKET)
        trial = TestRun(
            size=ctypes.sizeof(TestRun),
            data_in=packet,
            data_size_in=len(packet),
            data_out=ctypes.addressof(out),
            data_size_out=len(out),
            repeat=1,
        )
        returned = self._functions.bpf_prog_test_run_opts(self._program, ctypes.byref(trial))
        if returned < 0:
            raise self._failed("the program cannot be tried", self._library.error(returned))
        return ctypes.c_int32(trial.retval).value, out.raw[: trial.data_size_out]

    def close(self) -> None:
        """Take it out of the kernel; a second call does nothing.

        First nothing comes in any more, then nobody looks at its memory, and then it goes.
        """
        while self._links:
            os.close(self._links.pop())
        while self._views:
            self._views.pop().release()
        while self._shared:
            self._shared.pop().close()
        if self._object:
            self._functions.bpf_object__close(self._object)
            self._object = None

    def _map(self, name: str) -> Any:
        return self._functions.bpf_object__find_map_by_name(self._object, name.encode())

    def _descriptor(self, name: str) -> int:
        return int(self._functions.bpf_map__fd(self._map(name)))

    def _value_size(self, name: str) -> int:
        return int(self._functions.bpf_map__value_size(self._map(name)))

    def _share(self, name: str, words: int) -> memoryview:
        """Map the values of an array into our memory."""
        try:
            shared = mmap.mmap(self._descriptor(name), words * WORD)
        except OSError as error:
            raise self._failed(f"{name} cannot be mapped", error) from error
        self._shared.append(shared)
        octets = memoryview(shared)
        view = octets[: words * WORD].cast("Q")
        self._views += [octets, view]
        return view

    def _failed(self, what: str, error: OSError) -> CannotCarry:
        reason = f"{what} ({error.strerror})"
        cure = _CURES.get(error.errno or 0, "see what the kernel says")
        return CannotCarry(reason, cure, self._library.said())
