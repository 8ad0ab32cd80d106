"""How many nanoseconds the program takes for a packet, by test runs; nothing is sent.

Run as `python -m tests.datapath.turn_relay.timing`. A run goes on with what the last one left, so
flows form a ring: what one makes of a packet is what comes in for the next one, ChannelData and
bare data in turn. Only the TTL ends that.
"""

import random
import statistics
from ipaddress import IPv4Address, IPv6Address

from tests.datapath.turn_relay.packets import Datagram, End, channel_data, frame
from tests.datapath.turn_relay.program import PASSED_UP, Program

CHANNELS = (1, 100, 5000)
DATA = bytes(160)
"""20 ms of G.711."""

LAPS = 254
"""As many hops as a packet has, less one."""

SAMPLES, ROUNDS = 200, 5
DICE = random.Random(1)


class Ring:
    """Flows, twice as many as channels; the way out of each is the way in of the next one."""

    def __init__(self, program: Program, family: int, channels: int) -> None:
        self._program = program
        self._size = 2 * channels
        first = IPv4Address("10.0.0.0") if family == 4 else IPv6Address("2001:db8::")
        self._ends = [
            (End(first + index % 60_000, 1024 + index), End(first + 70_000, 3478 + index))
            for index in range(self._size)
        ]
        DICE.shuffle(self._ends)
        for slot in range(channels):
            program.allow(slot)
        for index, (remote, local) in enumerate(self._ends):
            following = self._ends[(index + 1) % self._size]
            into, out = (0x4000, 0) if index % 2 == 0 else (0, 0x4000)
            program.put(remote, local, into, *following, out, slot=index // 2)

    def nanoseconds(self) -> float:
        """Return the median of runs that begin anywhere."""
        taken = []
        for _ in range(SAMPLES):
            ends = self._ends[DICE.randrange(0, self._size, 2)]
            packet = frame(Datagram(*ends, channel_data(0x4000, DATA), hops=LAPS + 1))
            verdict, _, duration = self._program.timed(packet, LAPS)
            assert verdict != PASSED_UP
            taken.append(duration)
        return statistics.median(taken)


def passing(program: Program) -> tuple[int, int]:
    """Return what a datagram of no flow takes, and what a packet of TCP does."""
    ends = End(IPv4Address("192.0.2.1"), 1), End(IPv4Address("192.0.2.2"), 2)
    packet = bytearray(frame(Datagram(*ends, DATA)))
    datagram = program.timed(bytes(packet), 100_000)[2]
    packet[23] = 6
    return datagram, program.timed(bytes(packet), 100_000)[2]


def main() -> None:
    print("channels  IPv4 ns  IPv6 ns   (of several rounds, the fastest and the slowest)")
    for channels in CHANNELS:
        program = Program(channels=channels, allocations=channels)
        cells = []
        for family in (4, 6):
            program.reset()
            ring = Ring(program, family, channels)
            rounds = [ring.nanoseconds() for _ in range(ROUNDS)]
            assert not program.reasons()
            cells.append(f"{min(rounds):.0f}-{max(rounds):.0f}")
        print(f"{channels:8}  {cells[0]:>7}  {cells[1]:>7}")
        if channels == CHANNELS[-1]:
            print("of no flow: {} ns; TCP: {} ns".format(*passing(program)))
        program.close()


if __name__ == "__main__":
    main()
