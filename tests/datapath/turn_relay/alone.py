"""Loads the program and tries it, in a process that has hardly any privileges; prints what it saw.

Run as `python -m tests.datapath.turn_relay.alone`.
"""

import ctypes
import json
import struct
from pathlib import Path

from procall_mobility.datapath.errors import CannotCarry
from tests.datapath.turn_relay.ends import FAMILIES, bound
from tests.datapath.turn_relay.packets import frame
from tests.datapath.turn_relay.program import REDIRECTED, Program

INFO_SIZE = 224
"""Octets of `struct bpf_prog_info` up to `verified_insns`, which is the last but one of them."""

XLATED_LENGTH, XLATED, VERIFIED = 20, 32, 216
"""Where fields of it stand."""

BARRIER = 0xC2
"""BPF_ST | BPF_NOSPEC, what the verifier puts where speculation could do harm."""


class Info:
    """What the kernel tells of a program that it has verified."""

    def __init__(self, program: Program) -> None:
        size = self._info(program, bytearray(INFO_SIZE), XLATED_LENGTH)
        self.code = ctypes.create_string_buffer(size)
        asked = bytearray(INFO_SIZE)
        struct.pack_into("=I", asked, XLATED_LENGTH, size)
        struct.pack_into("=Q", asked, XLATED, ctypes.addressof(self.code))
        self.verified = self._info(program, asked, VERIFIED)

    def _info(self, program: Program, asked: bytearray, field: int) -> int:
        info = (ctypes.c_char * INFO_SIZE).from_buffer(asked)
        size = ctypes.c_uint32(INFO_SIZE)
        read = program._functions.bpf_obj_get_info_by_fd
        read.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        assert read(program._program, ctypes.byref(info), ctypes.byref(size)) == 0
        (value,) = struct.unpack_from("=I", asked, field)
        return int(value)

    @property
    def instructions(self) -> int:
        return len(self.code) // 8

    @property
    def barriers(self) -> int:
        return self.code.raw[::8].count(BARRIER)


def capabilities() -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (effective,) = (line.split()[1] for line in lines if line.startswith("CapEff"))
    return int(effective, 16)


def main() -> None:
    seen: dict[str, object] = {"capabilities": capabilities()}
    try:
        program = Program()
    except CannotCarry as error:
        print(json.dumps(seen | {"refused": str(error)}))
        return
    info = Info(program)
    relayed = []
    for family in FAMILIES:
        program.reset()
        channel = bound(program, family)
        for datagram in (channel.to_peer(b"data"), channel.to_client(b"data")):
            verdict, _ = program.run(frame(datagram))
            relayed.append(verdict == REDIRECTED)
    seen |= {
        "relayed": relayed,
        "verified": info.verified,
        "instructions": info.instructions,
        "barriers": info.barriers,
    }
    program.close()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
