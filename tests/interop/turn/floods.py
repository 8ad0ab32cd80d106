"""Floods: thousands of packets from addresses of every kind."""

import itertools
import socket
import struct
import time
from collections.abc import Sequence

from tests.interop.turn.site import Site
from tests.interop.turn.stun_codec import A, Method, message

IP_PKTINFO = 8
PACE = 0.002
"""Seconds after each 64 packets; nobody reads faster, and what is lost shows nothing."""


def spoofed(site: Site, requests: Sequence[bytes], count: int) -> None:
    """Send datagrams, each from another source address."""
    sender = site.opened.enter_context(site.box.udp("0.0.0.0"))
    server = site.server()
    for number, request in zip(range(count), itertools.cycle(requests), strict=False):
        # Any address of a class A network that nobody else uses here.
        source = struct.pack(">I", 60 << 24 | number + 1)
        info = struct.pack("=i4s4s", 0, source, bytes(4))
        ancillary = [(socket.IPPROTO_IP, IP_PKTINFO, info)]
        sender.sendmsg([request], ancillary, 0, server)
        if number % 64 == 63:
            time.sleep(PACE)


def binding_from(site: Site, source_port: int, host: str) -> bytes:
    """Return a packet with a Binding request, its headers included."""
    request = message(Method.BINDING, (A.SOFTWARE, b"a client"))
    target, port = site.server()
    udp = struct.pack(">HHHH", source_port, port, 8 + len(request), 0) + request
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0,
        socket.inet_aton(host), socket.inet_aton(target),
    )  # fmt: skip
    return head + udp
