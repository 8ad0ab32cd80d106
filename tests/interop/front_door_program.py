"""A daemon of nothing but a door, for the tests beside it: `PROGRAM CHAIN KEY [PROXY_NETWORK]`.

It prints its port, re-reads its certificate when a line comes in, and ends when its input does.
HTTP is answered with the client's address, ROSE is repeated.
"""

import ipaddress
import sys
import time
from pathlib import Path

from twisted.internet import reactor, stdio
from twisted.internet.protocol import Protocol
from twisted.protocols.basic import LineOnlyReceiver
from twisted.web.resource import Resource
from twisted.web.server import Site

from procall_mobility.protocols.first_bytes import Language
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.door import DoorFactory, DoorServices, Peer
from procall_mobility.transports.listening import TcpListener
from procall_mobility.transports.starttls import begin_tls


class Who(Resource):
    isLeaf = True

    def render_GET(self, request: object) -> bytes:
        address = request.getClientAddress()
        return f"{address.host} {request.isSecure()}\n".encode()


class Repeater(Protocol):
    """Repeats; the line STARTTLS in plain is answered and obeyed."""

    def dataReceived(self, data: bytes) -> None:
        if data == b"{STARTTLS}\n":
            self.transport.write(b"ok\n")
            begin_tls(self.transport, self, certificate)
            return
        self.transport.write(data)


class Commands(LineOnlyReceiver):
    delimiter = b"\n"

    def lineReceived(self, line: bytes) -> None:
        certificate.reload()
        print("reloaded", flush=True)

    def connectionLost(self, reason: object = None) -> None:
        reactor.stop()


def repeater(peer: Peer) -> Repeater:
    return Repeater()


certificate = Certificate(Path(sys.argv[1]), Path(sys.argv[2]), time.time)
site = Site(Who())
site.doStart()
services = DoorServices(
    clock=reactor,
    connections=Connections(total=100, per_address=50, now=time.monotonic),
    refused=lambda peer, reason, text: print("refused", reason.value, text, flush=True),
    plain={Language.ROSE: repeater},
    secure={Language.HTTP: lambda peer: site.buildProtocol(None), Language.ROSE: repeater},
    tls=certificate,
    proxy_networks=tuple(map(ipaddress.ip_network, sys.argv[3:])),
)
listener = TcpListener(reactor, "127.0.0.1", 0, DoorFactory(services), "tls")
listener.startService()
print(listener.port, flush=True)
stdio.StandardIO(Commands())
reactor.run()
