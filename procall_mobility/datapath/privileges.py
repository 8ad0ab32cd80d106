"""Gives up the privileges that were needed to load the program."""

import ctypes
import os
from typing import Final

NET_ADMIN, PERFMON, BPF = 12, 38, 39
"""Capabilities, as linux/capability.h numbers them."""

_VERSION: Final = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3`: sets of 64 bits, in two halves."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Half(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_up() -> None:
    """Hold none of them any more, nor hand them to threads and programs that are started later.

    Maps, the switch and new interfaces need none.  Root keeps its own: it would be root still.

    Raises:
        OSError: the system does not let us.
    """
    if os.geteuid() == 0:
        return
    library = ctypes.CDLL(None, use_errno=True)
    header, halves = _Header(_VERSION, 0), (_Half * 2)()
    if library.capget(ctypes.byref(header), halves):
        raise _error()
    held = 0
    for number in (NET_ADMIN, PERFMON, BPF):
        half, bit = halves[number // 32], 1 << number % 32
        held |= (half.permitted | half.inheritable) & bit
        half.effective &= ~bit
        half.permitted &= ~bit
        half.inheritable &= ~bit
    # Whoever holds none may be forbidden to ask.
    if held and library.capset(ctypes.byref(header), halves):
        raise _error()


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), "capabilities")
