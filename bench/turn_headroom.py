"""Room in front of packets, as whatever comes from a network card has it.

Linux has every driver leave some (`NET_SKB_PAD`, 64 octets at least), so that a header may be put
in front of a packet where it lies.  What a program sends into a virtual cable comes out at the
other end without any, and each packet that grows there is copied as a whole.  So the outer ends
make room before they send, which costs the same whoever relays, or nobody.
"""

import ctypes
import os
import socket
import struct
from typing import Final

from bench.namespaces import Namespace
from procall_mobility.datapath.libbpf import libbpf

ROOM: Final = 64

TCX_EGRESS: Final = 47
"""`BPF_TCX_EGRESS` of linux/bpf.h."""

_SCHED_CLS: Final = 3
"""`BPF_PROG_TYPE_SCHED_CLS`, what runs at a device."""

_ADJUST_ROOM: Final = 50
"""`bpf_skb_adjust_room`."""

_MOVE, _SET, _SKIP_UNLESS_ZERO, _CALL, _EXIT = 0xBF, 0xB7, 0x55, 0x85, 0x95
_INSTRUCTION: Final = struct.Struct("=BBhi")
"""Code, registers (to, and from times sixteen), offset and number."""


def _adjusted(octets: int) -> list[tuple[int, int, int, int]]:
    """Return what makes the packet longer or shorter, behind its IP header."""
    return [
        (_MOVE, 0x61, 0, 0),
        (_SET, 2, 0, octets),
        (_SET, 3, 0, 0),
        (_SET, 4, 0, 0),
        (_CALL, 0, 0, _ADJUST_ROOM),
    ]


def _program() -> bytes:
    """Return what makes a packet longer and shorter again: what was copied for it stays."""
    shorter = _adjusted(-ROOM)
    lines = [
        (_MOVE, 0x16, 0, 0),
        *_adjusted(ROOM),
        (_SKIP_UNLESS_ZERO, 0, len(shorter), 0),
        *shorter,
        (_SET, 0, 0, -1),
        (_EXIT, 0, 0, 0),
    ]
    return b"".join(_INSTRUCTION.pack(*line) for line in lines)


def leave_room(namespace: Namespace, device: str) -> int:
    """Leave room in front of what is sent by a device, while the descriptor returned is open."""
    functions = libbpf().functions
    load = functions.bpf_prog_load
    load.restype = ctypes.c_int
    load.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_void_p,
    ]
    code = _program()
    program = load(_SCHED_CLS, b"headroom", b"MIT", code, len(code) // _INSTRUCTION.size, None)
    _check(program)
    with namespace.entered():
        link = functions.bpf_link_create(
            program, socket.if_nametoindex(device), TCX_EGRESS, None
        )  # fmt: skip
    os.close(program)
    return _check(link)


def _check(returned: int) -> int:
    if returned < 0:
        raise OSError(-returned, os.strerror(-returned))
    return returned
