"""Has the program relay a packet each way before it sees anybody's: does it do here what it shall?

Kernels differ in what helpers do to checksums and lengths; so what comes out is compared octet by
octet with what should, of both families.  Nothing is sent.
"""

import socket
import struct
import time
from collections.abc import Callable
from typing import Final, Protocol

from attrs import frozen

from procall_mobility.datapath.errors import CannotCarry
from procall_mobility.datapath.layout import (
    ALLOWED,
    ENABLED,
    FLOW4,
    FLOW6,
    FOR_EVER,
    KEY4,
    KEY6,
    OCTETS,
    TALLY_WORDS,
    key_sum,
)
from procall_mobility.datapath.ports import Maps

REDIRECTED: Final = 7
"""`TC_ACT_REDIRECT`: the packet is sent where the program says."""

CHANNEL: Final = 0x4000
HOPS: Final = 64
_DATA: Final = b"is it you, or are you only passing by?"
_CLIENT, _SERVER, _RELAY, _PEER = range(1, 5)
_PORTS: Final = {_CLIENT: 50_001, _SERVER: 3478, _RELAY: 49_152, _PEER: 50_002}
_MTU: Final = 1500
LEAVE: Final = "start the daemon in no time namespace of its own (time_namespaces(7))"
_LATER, _BEFORE = 10.0, -0.1
"""Seconds: a time that has not come, however busy the machine is, and one that has passed."""
_ETHERNET: Final = struct.Struct("!6s6sH")
_IPV4: Final = struct.Struct("!BBHHHBBH4s4s")
_IPV6: Final = struct.Struct("!IHBB16s16s")
_FIRST: Final = struct.Struct("!I")
_LABEL: Final = 0xFFFFF
_UDP: Final = struct.Struct("!HHHH")
_DONT_FRAGMENT: Final = 0x4000
_UDP_PROTOCOL: Final = 17


class Runs(Protocol):
    """A program that can be tried."""

    @property
    def maps(self) -> Maps:
        """Its maps, still empty."""

    def run(self, packet: bytes) -> tuple[int, bytes]:
        """Run it with an Ethernet frame; returns its verdict and what became of the frame."""


@frozen
class _Network:
    """The four hosts of a relayed packet."""

    is_ipv6: bool

    def host(self, who: int) -> bytes:
        """Return an address kept for documentation (RFC 5737, RFC 3849), so nobody's."""
        text = f"2001:db8::{who}" if self.is_ipv6 else f"192.0.2.{who}"
        return socket.inet_pton(socket.AF_INET6 if self.is_ipv6 else socket.AF_INET, text)

    def frame(self, source: int, to: int, data: bytes, hops: int) -> bytes:
        """Return an Ethernet frame with a datagram, all its checksums right."""
        source_host, to_host = self.host(source), self.host(to)
        size = _UDP.size + len(data)
        pseudo = source_host + to_host + struct.pack("!II", _UDP_PROTOCOL, size)
        header = _UDP.pack(_PORTS[source], _PORTS[to], size, 0)
        total = checksum(pseudo + header + data) or 0xFFFF
        datagram = _UDP.pack(_PORTS[source], _PORTS[to], size, total) + data
        if self.is_ipv6:
            head = _IPV6.pack(6 << 28, size, _UDP_PROTOCOL, hops, source_host, to_host)
            return _ETHERNET.pack(bytes(6), bytes(6), 0x86DD) + head + datagram
        fields = [0x45, 0, _IPV4.size + size, 0, _DONT_FRAGMENT, hops, _UDP_PROTOCOL]
        total = checksum(_IPV4.pack(*fields, 0, source_host, to_host))
        head = _IPV4.pack(*fields, total, source_host, to_host)
        return _ETHERNET.pack(bytes(6), bytes(6), 0x0800) + head + datagram

    def without_label(self, frame: bytes) -> bytes:
        """Return a frame with a flow label of zero; relays choose theirs (RFC 8656 13.2)."""
        if not self.is_ipv6:
            return frame
        (first,) = _FIRST.unpack_from(frame, _ETHERNET.size)
        head, rest = frame[: _ETHERNET.size], frame[_ETHERNET.size + _FIRST.size :]
        return head + _FIRST.pack(first & ~_LABEL) + rest

    def key(self, remote: int, local: int, channel: int) -> bytes:
        """Return the key of a packet."""
        pack = KEY6.pack if self.is_ipv6 else KEY4.pack
        ports = _PORTS[remote], _PORTS[local]
        return pack(self.host(remote), self.host(local), *ports, channel, 0)

    def flow(
        self, key: bytes, source: int, to: int, channel: int, expires: int = FOR_EVER
    ) -> bytes:
        """Return what becomes of the packets of a key; the first slot pays."""
        pack = FLOW6.pack if self.is_ipv6 else FLOW4.pack
        ports = socket.htons(_PORTS[source]), socket.htons(_PORTS[to])
        hosts = self.host(source), self.host(to)
        rest = (_MTU, 1, 0, 0, key_sum(key), 0, b"", 0)
        return pack(expires, *hosts, *ports, socket.htons(channel), *rest)


def self_test(program: Runs, now: Callable[[], float] = time.monotonic) -> None:
    """Try a program whose maps are empty, and leave them so.

    Args:
        program: what is tried.
        now: the clock flows expire by.

    Raises:
        CannotCarry: it does not relay as it should.
    """
    maps = program.maps
    maps.control[ENABLED] = 1
    try:
        for network in (_Network(is_ipv6=False), _Network(is_ipv6=True)):
            _relays(program, network)
        _keeps_time(program, _Network(is_ipv6=False), now)
    finally:
        for word in range(len(maps.control)):
            maps.control[word] = 0


def _relays(program: Runs, network: _Network) -> None:
    maps = program.maps
    table = maps.flows6 if network.is_ipv6 else maps.flows4
    framed = struct.pack("!HH", CHANNEL, len(_DATA)) + _DATA
    up, down = network.key(_CLIENT, _SERVER, CHANNEL), network.key(_PEER, _RELAY, 0)
    to_peer = network.frame(_CLIENT, _SERVER, framed, HOPS)
    to_client = network.frame(_PEER, _RELAY, _DATA, HOPS)
    sent, received = 0, TALLY_WORDS
    before = [maps.ledger[at + OCTETS] for at in (sent, received)]
    for at in (sent, received):
        maps.ledger[at + ALLOWED] = maps.ledger[at + OCTETS] + len(_DATA)
    try:
        if not (
            table.update(up, network.flow(up, _RELAY, _PEER, 0))
            and table.update(down, network.flow(down, _SERVER, _CLIENT, CHANNEL))
        ):
            raise _wrong(network, "its table takes no flow")
        _expect(program, network, to_peer, network.frame(_RELAY, _PEER, _DATA, HOPS - 1))
        _expect(program, network, to_client, network.frame(_SERVER, _CLIENT, framed, HOPS - 1))
        # It has used up what it was allowed.
        for packet in (to_peer, to_client):
            verdict, out = program.run(packet)
            if verdict == REDIRECTED or out != packet:
                raise _wrong(network, "it relays more than is allowed")
        after = [maps.ledger[at + OCTETS] for at in (sent, received)]
        if after != [each + len(_DATA) for each in before]:
            raise _wrong(network, "it counts wrongly")
    finally:
        for at in (sent, received):
            maps.ledger[at + ALLOWED] = 0
        table.delete(up)
        table.delete(down)


def _keeps_time(program: Runs, network: _Network, now: Callable[[], float]) -> None:
    """Find out where a time namespace has our clock go apart from the program's."""
    maps, key = program.maps, network.key(_CLIENT, _SERVER, CHANNEL)
    framed = struct.pack("!HH", CHANNEL, len(_DATA)) + _DATA
    maps.ledger[ALLOWED] = maps.ledger[OCTETS] + 2 * len(_DATA)
    try:
        for seconds in (_LATER, _BEFORE):
            expires = int((now() + seconds) * 1e9)
            maps.flows4.update(key, network.flow(key, _RELAY, _PEER, 0, expires))
            verdict, _ = program.run(network.frame(_CLIENT, _SERVER, framed, HOPS))
            if (verdict == REDIRECTED) is not (seconds > 0):
                raise CannotCarry("the kernel has another clock than we", LEAVE)
    finally:
        maps.ledger[ALLOWED] = 0
        maps.flows4.delete(key)


def _expect(program: Runs, network: _Network, packet: bytes, expected: bytes) -> None:
    verdict, out = program.run(packet)
    if verdict != REDIRECTED:
        raise _wrong(network, f"it does not relay (verdict {verdict})")
    if network.without_label(out) != expected:
        raise _wrong(network, "it relays other octets", f"{out.hex()}\nnot {expected.hex()}")


def _wrong(network: _Network, what: str, details: str = "") -> CannotCarry:
    family = "IPv6" if network.is_ipv6 else "IPv4"
    return CannotCarry(
        f"the self-test with {family} failed, {what}", "report it with your kernel", details
    )


def checksum(octets: bytes) -> int:
    """Return the internet checksum (RFC 1071)."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
