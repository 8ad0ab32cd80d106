"""What a process has in the kernel by way of eBPF, as the kernel tells it."""

import contextlib
import ctypes
import os
import re
from pathlib import Path

from attrs import frozen

HELD = re.compile(r"^(prog|map|link)_id:\s*(\d+)$", re.MULTILINE)
KEY_SPACE = 64
MAP_INFO = 128
NAME = slice(24, 40)
"""Of struct bpf_map_info, after six numbers of 32 bits."""


@frozen
class KernelObject:
    kind: str
    id: int

    def open(self) -> int:
        """Return a descriptor of it, or a negative error."""
        made: int = getattr(libbpf(), f"bpf_{self.kind}_get_fd_by_id")(self.id)
        return made

    def is_there(self) -> bool:
        descriptor = self.open()
        if descriptor >= 0:
            os.close(descriptor)
        return descriptor >= 0


def libbpf() -> ctypes.CDLL:
    return ctypes.CDLL("libbpf.so.1")


def objects_of(pid: int) -> set[KernelObject]:
    """Return the programs, maps and links a process holds."""
    found = set()
    for each in Path(f"/proc/{pid}/fdinfo").iterdir():
        # It closes some meanwhile.
        with contextlib.suppress(FileNotFoundError):
            for kind, number in HELD.findall(each.read_text()):
                found.add(KernelObject(kind, int(number)))
    return found


def entries(pid: int, name: str) -> int:
    """Count what is in one of a process's maps."""
    library = libbpf()
    for each in objects_of(pid):
        if each.kind != "map":
            continue
        descriptor = each.open()
        try:
            if _name(library, descriptor) == name:
                return _count(library, descriptor)
        finally:
            os.close(descriptor)
    raise LookupError(name)


def _name(library: ctypes.CDLL, descriptor: int) -> str:
    info, size = ctypes.create_string_buffer(MAP_INFO), ctypes.c_uint32(MAP_INFO)
    assert library.bpf_obj_get_info_by_fd(descriptor, info, ctypes.byref(size)) == 0
    return info.raw[NAME].rstrip(b"\0").decode()


def _count(library: ctypes.CDLL, descriptor: int) -> int:
    key, following = None, ctypes.create_string_buffer(KEY_SPACE)
    count = 0
    while library.bpf_map_get_next_key(descriptor, key, following) == 0:
        key, following = following, ctypes.create_string_buffer(KEY_SPACE)
        count += 1
    return count
