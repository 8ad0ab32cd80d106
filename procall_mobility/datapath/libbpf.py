"""The few functions of libbpf that are needed, by ctypes; versions 1.1 and later have them all.

A library of version 1 returns negative error numbers, and sets errno where it returns a pointer.
What it would write to standard error is kept, and shown with the error it belongs to.
"""

import ctypes
from collections import deque
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from functools import cache
from typing import Any, Final

from procall_mobility.datapath.errors import CannotCarry

LIBRARY: Final = "libbpf.so.1"
INSTALL: Final = "install libbpf (Debian: apt install libbpf1)"
TCX_INGRESS: Final = 46
"""`BPF_TCX_INGRESS` of linux/bpf.h, of which libbpf 1.1 does not know yet."""

MOST_LINES: Final = 40
"""Lines of its messages that are kept: the verifier ends with what it did not like."""

_LONGEST_MESSAGE: Final = 1024 * 1024
"""Octets; the verifier's whole log is one message, and its end is what matters."""

_LONGEST_ERROR: Final = 256

_WARNING = 0
_Printer = ctypes.CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)
"""The third is a `va_list`: a pointer, or handed over by one, on all of Debian's machines."""


class TestRun(ctypes.Structure):
    """`struct bpf_test_run_opts`."""

    _fields_ = (
        ("size", c_size_t),
        ("data_in", c_char_p),
        ("data_out", c_void_p),
        ("data_size_in", c_uint32),
        ("data_size_out", c_uint32),
        ("ctx_in", c_void_p),
        ("ctx_out", c_void_p),
        ("ctx_size_in", c_uint32),
        ("ctx_size_out", c_uint32),
        ("retval", c_uint32),
        ("repeat", c_int),
        ("duration", c_uint32),
        ("flags", c_uint32),
        ("cpu", c_uint32),
        ("batch_size", c_uint32),
    )


_SIGNATURES: dict[str, tuple[Any, ...]] = {
    # What it returns, and what it takes.
    "libbpf_strerror": (c_int, c_int, c_char_p, c_size_t),
    "bpf_object__open_file": (c_void_p, c_char_p, c_void_p),
    "bpf_object__load": (c_int, c_void_p),
    "bpf_object__close": (None, c_void_p),
    "bpf_object__find_map_by_name": (c_void_p, c_void_p, c_char_p),
    "bpf_object__find_program_by_name": (c_void_p, c_void_p, c_char_p),
    "bpf_map__set_max_entries": (c_int, c_void_p, c_uint32),
    "bpf_map__value_size": (c_uint32, c_void_p),
    "bpf_map__fd": (c_int, c_void_p),
    "bpf_program__fd": (c_int, c_void_p),
    "bpf_link_create": (c_int, c_int, c_int, c_int, c_void_p),
    "bpf_prog_test_run_opts": (c_int, c_int, POINTER(TestRun)),
    "bpf_map_update_elem": (c_int, c_int, c_char_p, c_char_p, c_uint64),
    "bpf_map_delete_elem": (c_int, c_int, c_char_p),
    "bpf_map_lookup_elem": (c_int, c_int, c_char_p, c_void_p),
}


class Libbpf:
    """The library, loaded once; `functions` are its functions by name."""

    def __init__(self, name: str = LIBRARY) -> None:
        """Load it.

        Raises:
            CannotCarry: it is not installed, or lacks a function.
        """
        try:
            self.functions: Any = ctypes.CDLL(name, use_errno=True)
            for function, (returned, *taken) in _SIGNATURES.items():
                getattr(self.functions, function).restype = returned
                getattr(self.functions, function).argtypes = taken
        except (OSError, AttributeError) as error:
            raise CannotCarry(f"{name} cannot be used", INSTALL, str(error)) from error
        self._said: deque[str] = deque(maxlen=MOST_LINES)
        self._format = ctypes.CDLL(None).vsnprintf
        self._format.argtypes = [c_void_p, c_size_t, c_char_p, c_void_p]
        self._format.restype = c_int
        # Kept here, as the library keeps only its address.
        self._printer = _Printer(self._print)
        self.functions.libbpf_set_print(self._printer)

    def said(self) -> str:
        """Return its messages since the last call."""
        text = "\n".join(self._said)
        self._said.clear()
        return text

    def error(self, returned: int | None = None) -> OSError:
        """Return the error a function reported, by its value or, for pointers, by errno."""
        number = ctypes.get_errno() if returned is None else -returned
        # It has errors of its own beside the system's.
        text = ctypes.create_string_buffer(_LONGEST_ERROR)
        self.functions.libbpf_strerror(number, text, len(text))
        return OSError(number, text.value.decode("utf-8", "replace"))

    def _print(self, level: int, template: bytes, arguments: int) -> int:
        if level == _WARNING:
            text = ctypes.create_string_buffer(_LONGEST_MESSAGE)
            self._format(text, len(text), template, arguments)
            self._said += text.value.decode("utf-8", "replace").splitlines()
        return 0


@cache
def libbpf() -> Libbpf:
    """Return the library.

    Raises:
        CannotCarry: it cannot be had; the next call tries again.
    """
    return Libbpf()
