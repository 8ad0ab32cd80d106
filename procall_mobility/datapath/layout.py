"""What the program in the kernel and we have in common, as `turn_relay.h` declares it.

Addresses, ports and channel numbers are in network byte order, everything else in the host's.
"""

import struct
from typing import Final

KEY4: Final = struct.Struct("!4s4sHHHH")
"""remote, local, remote port, local port, channel, flags: of a packet that comes in."""

KEY6: Final = struct.Struct("!16s16sHHHH")

FLOW4: Final = struct.Struct("=Q4s4sHHHHIIIII16sI")
"""expires, from, to, from port, to port, channel, mtu, ifindex, slot, flags, `key_sum`, the next
hop's family (0: not known) and address, zero."""

FLOW6: Final = struct.Struct("=Q16s16sHHHHIIIII16sI")

INSIDE: Final = 1
"""A flag: the destination is the relayed address of another client of ours; or, in a key, this is
what such a client sends, which no packet from a wire can pretend to be."""

WORD: Final = 8
"""Octets; accounts and the control are words of this size."""

ACCOUNT_WORDS: Final = 16
"""Words of a slot of the ledger: the tally of what was sent, then of what was received."""

TALLY_WORDS: Final = 8
PACKETS, OCTETS, ALLOWED = range(3)
"""Words of a tally; only the kernel writes the first two, and only we the third."""

ENABLED: Final = 0
"""The word of the control that is the switch; after it, packets passed up, by reason."""

REASONS: Final = (
    "off", "astray", "tagged", "aggregate", "options", "fragment", "length", "garbled", "unknown",
    "expired", "spent", "too-large", "hops", "unsummed", "unfinished", "no-way-in", "failed",
)  # fmt: skip
"""`enum reason` in its order."""

FOR_EVER: Final = 2**63 - 1
"""Nanoseconds of CLOCK_MONOTONIC that never come."""

LARGEST_MTU: Final = 0xFFFF

_WORDS4: Final = struct.Struct(f"={KEY4.size // 4}I")
_WORDS6: Final = struct.Struct(f"={KEY6.size // 4}I")


def key_sum(key: bytes) -> int:
    """Return what a flow says of its key; so the program notices when it has become another's."""
    words = _WORDS4 if len(key) == KEY4.size else _WORDS6
    total: int = sum(words.unpack(key))
    return total & 0xFFFF_FFFF
