"""ChannelData that came together on a stream, sent with as few calls to the system as can be.

Media comes in runs: frames of one channel, alike in size but for the last.  One call sends a run,
and the kernel cuts it into datagrams (UDP segmentation offload).
"""

from collections.abc import Sequence
from typing import Final

from procall_mobility.protocols.turn.ports import ClientPath
from procall_mobility.protocols.turn.server import TurnServer

MOST_IN_RUN: Final = 64
"""Datagrams the kernel cuts out of one call; newer ones would take more."""

LONGEST_RUN: Final = 65_000
"""Octets of a run: with its headers it has to be a datagram itself, and within one draw from the
shared buckets."""

Frame = tuple[int, memoryview]
"""A channel's number, and ChannelData with its header."""


def relay_frames(
    frames: Sequence[Frame], path: ClientPath, server: TurnServer, now: float
) -> None:
    """Relay a client's frames in their order."""
    at = 0
    while at < len(frames):
        # Each time: a frame that goes the long way may change all that is known here.
        allocation = path.find()
        number, frame = frames[at]
        channel = None
        if allocation is not None and allocation.next_path is None:
            channel = allocation.channels.get(number)
        if allocation is None or channel is None or channel.until <= now or channel.sendto is None:
            server.hears_channel_data(bytes(frame), path, now)
            at += 1
            continue
        run, octets = run_of(frames, at)
        at += len(run)
        allocation.sent_octets += octets
        if allocation.sent_octets > allocation.sent_allowed and not allocation.draw_sent(now):
            # What there is left of is relayed, the rest is dropped and counted one by one.
            allocation.sent_octets -= octets
            for _, each in frames[at - len(run) : at]:
                server.hears_channel_data(bytes(each), path, now)
            continue
        allocation.sent_packets += len(run)
        channel.relay.wire.send_run(run, channel.peer)


def run_of(frames: Sequence[Frame], at: int) -> tuple[list[memoryview], int]:
    """Return the data of frames that can be sent by one call, and how many octets they are."""
    number, first = frames[at]
    size = len(first)
    run, octets = [first[4:]], size - 4
    if not octets:
        return run, 0  # Nothing can be cut into datagrams that are empty.
    for other, frame in frames[at + 1 : at + MOST_IN_RUN]:
        length = len(frame)
        if other != number or not 4 < length <= size or octets + length - 4 > LONGEST_RUN:
            break
        run.append(frame[4:])
        octets += length - 4
        if length < size:
            break  # Only the last may be shorter.
    return run, octets
