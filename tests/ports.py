"""Ports for the servers that tests start.

The kernel gives ports of `ip_local_port_range` to whoever asks for any: one of those, found free
and let go, may belong to a client a moment later.  So ours are from below, and relays have theirs
above.  Who is given one has claimed its block until this process ends: no run beside this one on
the machine gets a port of it.  Blocks, as each claim takes a descriptor.
"""

import errno
import random
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

CHOICE = range(12_000, 28_000)
"""Above what services commonly use, and below the relayed ports of transports/turn."""

LOCAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")

BLOCK = 64
"""Ports that are claimed together."""

_claimed: set[int] = set()


def free_port() -> int:
    """Give a port on which nobody listens for TCP or UDP, and that nobody is given again."""
    return next(_given)


def outside_of(first: int, last: int) -> list[int]:
    """Name those of our ports that are not between these, which are the kernel's to give."""
    return [port for port in CHOICE if not first <= port <= last]


def give(ports: Iterable[int]) -> Iterator[int]:
    """Give those ports that can be claimed and are free."""
    yield from (port for port in ports if _is_claimed(port // BLOCK) and _is_free(port))


def _is_claimed(block: int) -> bool:
    """Take a name for the block that only one process of this network can have at a time."""
    if block in _claimed:
        return True
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0procall-mobility-test-ports-{block}")
    except OSError as error:
        claim.close()
        assert error.errno == errno.EADDRINUSE
        return False
    claim.detach()  # It stays open as long as this process lives.
    _claimed.add(block)
    return True


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET6, kind) as probe:
            # Of both families at once, and of every address.
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            try:
                probe.bind(("::", port))
            except OSError as error:
                assert error.errno == errno.EADDRINUSE
                return False
    return True


def _shuffled() -> list[int]:
    """A port that was used a moment ago comes up late: somebody may still be calling there."""
    ports = outside_of(*map(int, LOCAL_RANGE.read_text().split()))
    # Where all are the kernel's, these are as good as any.
    ports = ports or list(CHOICE)
    random.shuffle(ports)
    blocks = list({port // BLOCK for port in ports})
    random.shuffle(blocks)
    return sorted(ports, key=lambda port: blocks.index(port // BLOCK))


_given = give(_shuffled())
