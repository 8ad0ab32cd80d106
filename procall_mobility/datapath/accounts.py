"""What the kernel may carry for an allocation, and what it has carried.

The kernel never relays more octets than it is allowed.  We draw from the shared buckets what an
allocation is likely to need soon, and allow that; so there is one policy and one clock.
"""

import struct
from collections.abc import Sequence
from typing import Final

from procall_mobility.datapath.layout import (
    ACCOUNT_WORDS,
    ALLOWED,
    OCTETS,
    PACKETS,
    TALLY_WORDS,
    WORD,
)
from procall_mobility.protocols.turn.allocation import Allocation, Channel
from procall_mobility.protocols.turn.buckets import INFINITE, Bucket

LEAST: Final = 65_536
"""Octets allowed at least, if the buckets have them: some seconds of voice."""

LITTLE: Final = LEAST // 2
"""Octets left of which more are drawn; a packet of an Ethernet is shorter."""

MOST: Final = 8 * 1024 * 1024
"""Octets allowed at most: a quarter of a second of 250 Mbit/s, which nobody else can have then."""

UNBOUNDED: Final = 2**62
"""Octets for those whose buckets have no bound: a century of 10 Gbit/s."""


_COUNTED: Final = struct.Struct(f"@2Q{(TALLY_WORDS - 2) * WORD}x2Q")
"""Packets and octets of both tallies of an account; each number is read whole."""


class Carried:
    """What the kernel has carried for everybody."""

    __slots__ = ("octets", "packets")

    def __init__(self) -> None:
        self.packets = 0
        self.octets = 0


class Tally:
    """One direction of an account."""

    __slots__ = ("_allowed", "_at", "_buckets", "_octets", "_packets", "_second", "_words")

    def __init__(self, words: memoryview, at: int, buckets: Sequence[Bucket], now: float) -> None:
        """Begin where the slot's last holder has left off, as only the kernel counts."""
        self._words = words
        self._at = at
        self._buckets = buckets
        self._packets = words[at + PACKETS]
        self._octets = self._second = self._allowed = words[at + OCTETS]
        self._draw(LEAST, now)

    def settle(self, packets: int, octets: int) -> tuple[int, int]:
        """Return how many packets and octets of those counted were carried since the last call.

        What is reported too early, because a packet that was too much is just being taken back,
        comes off the next time.
        """
        octets = min(octets, self._allowed)
        since = packets - self._packets, octets - self._octets
        self._packets, self._octets = packets, octets
        return since

    def second(self, now: float) -> None:
        """A second has passed: see that there is enough for two like it."""
        octets = self._words[self._at + OCTETS]
        twice, self._second = 2 * (octets - self._second), octets
        left = self._allowed - octets
        if left < twice or left < LITTLE:
            self._draw(min(max(twice, LEAST), MOST) - left, now)

    def spent(self, now: float) -> None:
        """Allow more now, if there is little left: this second is busier than the one before."""
        octets = self._words[self._at + OCTETS]
        left = self._allowed - octets
        if left < LITTLE:
            self._draw(min(max(2 * (octets - self._second), LEAST), MOST) - left, now)

    def end(self) -> None:
        """Allow nothing any more."""
        self._words[self._at + ALLOWED] = 0

    def give_back(self) -> None:
        """Put back into the buckets what was drawn and not used; the last was settled."""
        for bucket in self._buckets:
            bucket.take(self._octets - self._allowed)

    def _draw(self, wanted: int, now: float) -> None:
        granted = min([bucket.holds(now) for bucket in self._buckets])
        if granted == INFINITE:
            granted = UNBOUNDED
        else:
            granted = int(min(granted, wanted))
            if granted <= 0:
                return
            for bucket in self._buckets:
                bucket.take(granted)
        self._allowed += granted
        self._words[self._at + ALLOWED] = self._allowed


class Account:
    """A slot of the ledger, and the allocation that has it while it has flows."""

    __slots__ = (
        "_allocation",
        "_at",
        "_carried",
        "_counted",
        "_received",
        "_sent",
        "_words",
        "channels",
        "slot",
    )

    def __init__(
        self,
        words: memoryview,
        slot: int,
        allocation: Allocation,
        carried: Carried,
        now: float,
    ) -> None:
        at = slot * ACCOUNT_WORDS
        shares = allocation.shares
        self.slot = slot
        self.channels: set[Channel] = set()
        """Those that are carried."""
        self._allocation = allocation
        self._carried = carried
        self._words = words
        self._at = at * WORD
        self._counted = _COUNTED.unpack_from(words, self._at)
        self._sent = Tally(words, at, [share.up for share in shares], now)
        self._received = Tally(words, at + TALLY_WORDS, [share.down for share in shares], now)

    def settle(self) -> None:
        """Count what was carried; it was drawn before, so it is no debt."""
        counted = _COUNTED.unpack_from(self._words, self._at)
        if counted == self._counted:
            return
        self._counted = counted
        allocation, carried = self._allocation, self._carried
        sent, sent_octets, received, received_octets = counted
        sent, sent_octets = self._sent.settle(sent, sent_octets)
        received, received_octets = self._received.settle(received, received_octets)
        allocation.sent_packets += sent
        allocation.sent_octets += sent_octets
        allocation.sent_allowed += sent_octets
        allocation.received_packets += received
        allocation.received_octets += received_octets
        allocation.received_allowed += received_octets
        packets, octets = sent + received, sent_octets + received_octets
        allocation.carried_packets += packets
        allocation.carried_octets += octets
        carried.packets += packets
        carried.octets += octets

    def second(self, now: float) -> None:
        """A second has passed: allow more where there is little left."""
        self._sent.second(now)
        self._received.second(now)

    def spent(self, now: float) -> None:
        """Allow more now, where there is little left.

        Nothing is counted: this is called from within loops that count themselves.
        """
        self._sent.spent(now)
        self._received.spent(now)

    def close(self) -> None:
        """Let the kernel carry nothing more, count the last, and give back what is left."""
        self._sent.end()
        self._received.end()
        self.settle()
        self._sent.give_back()
        self._received.give_back()
