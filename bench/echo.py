"""The peer: a plain autobahn WebSocket echo over TLS, with the limits a service needs."""

import sys
from typing import Any

import txaio
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import epollreactor, ssl


class Echo(WebSocketServerProtocol):
    """Sends back what it hears."""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Send it back."""
        self.sendMessage(payload, isBinary)


def main(port: int, certificate: str, key: str) -> None:
    """Listen on loopback until told to end."""
    epollreactor.install()
    from twisted.internet import reactor as installed  # noqa: PLC0415  # After its choice.

    reactor: Any = installed
    txaio.use_twisted()
    factory = WebSocketServerFactory(reactor=reactor)
    factory.protocol = Echo
    factory.setProtocolOptions(tcpNoDelay=True, maxMessagePayloadSize=10_000_000)
    context = ssl.DefaultOpenSSLContextFactory(key, certificate)
    reactor.listenSSL(port, factory, context, backlog=1024, interface="127.0.0.1")
    print("ready", flush=True)
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
