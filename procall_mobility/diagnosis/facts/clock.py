"""Looks at the clock, and asks others what time it is."""

import ctypes
import time
from collections.abc import Sequence
from pathlib import Path

import procall_mobility
from procall_mobility.diagnosis.facts import sntp
from procall_mobility.diagnosis.judgements.clock import ClockFacts, Comparison
from procall_mobility.protocols.authority import split

_UNSYNCHRONISED = 0x0040
"""`STA_UNSYNC` of linux/timex.h."""


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def look_at_clock(time_server: str | None, dates: Sequence[Comparison]) -> ClockFacts:
    """Look at it.

    Args:
        time_server: `host` or `host:port` to be asked.
        dates: what others have said already.
    """
    comparisons = list(dates)
    unanswered = None
    if time_server is not None:
        try:
            comparisons.append(_ask(time_server))
        except (OSError, sntp.UnusableAnswer):
            unanswered = time_server
    return ClockFacts(
        now=time.time(),
        built=Path(procall_mobility.__file__).stat().st_mtime,
        is_kept=_is_kept(),
        comparisons=tuple(comparisons),
        unanswered=unanswered,
    )


def _ask(server: str) -> Comparison:
    host, port = split(server, sntp.PORT)
    return Comparison(whose=server, ahead=sntp.ask(host, port, time.time))


def _is_kept() -> bool | None:
    try:
        function = ctypes.CDLL(None).adjtimex
    except AttributeError:
        return None
    told = _Timex()  # No modes: it is read, not set.
    if function(ctypes.byref(told)) < 0:
        return None
    return not told.status & _UNSYNCHRONISED
