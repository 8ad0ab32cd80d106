"""Turning a plain connection into TLS in the middle of it (Wire 4.8)."""

from collections.abc import Callable
from typing import Any, cast

from twisted.internet.interfaces import IAddress, IOpenSSLServerConnectionCreator, ITransport
from twisted.internet.protocol import Protocol

from procall_mobility.transports.gate import Gate
from procall_mobility.transports.tls import TlsLayer, layers

MOST_STRAY = 4096
"""Plain octets dropped between the switch and the first TLS record: the end of a line, or calls
written before the answer was read.  Who sends more does not want TLS."""

TLS_RECORD = b"\x16\x03"


class StartedTls(TlsLayer):
    """TLS that drops what still comes in plain before its first record."""

    _stray = 0
    _begun = False
    _held = b""

    def dataReceived(self, data: bytes) -> None:
        """Wait for TLS to begin; what comes before is never shown to anybody."""
        if self._begun:
            super().dataReceived(data)
            return
        data = self._held + data
        begin = data.find(TLS_RECORD)
        if begin >= 0:
            self._begun = True
            self._held = b""
            super().dataReceived(data[begin:])
            return
        self._held = data[-1:] if data.endswith(TLS_RECORD[:1]) else b""
        self._stray += len(data) - len(self._held)
        if self._stray > MOST_STRAY:
            self.abortConnection()


def _nothing() -> None:
    """Nobody counts this connection."""


def begin_tls(
    transport: ITransport, protocol: Protocol, creator: IOpenSSLServerConnectionCreator
) -> ITransport:
    """Speak TLS from here on; what was written before still goes out first, in plain.

    A registered producer stays registered.  `protocol.connectionMade` is not called again, a
    failed handshake is `connectionLost`, and a handshake that takes too long is for the caller
    to end.

    Args:
        transport: what `protocol` is connected to: by a `Door`, or a Twisted TCP connection.
        protocol: stays, and finds the TLS transport in its attribute `transport`.
        creator: makes the TLS connection.

    Returns:
        The TLS transport.
    """
    # Of transports no interface tells that their protocol and producer can be changed.
    beneath: Any = transport
    left: Callable[[], None] = _nothing
    client: IAddress | None = None
    if isinstance(transport, Gate):
        beneath, left, client = transport.transport, transport.left, transport.client
        transport.step_aside()
    producer, streaming = beneath.producer, getattr(beneath, "streamingProducer", True)
    if producer is not None:
        beneath.unregisterProducer()
    tls = StartedTls(layers(creator), protocol, left, client, connect_inner=False)
    beneath.protocol = tls
    protocol.transport = cast(ITransport, tls)
    tls.makeConnection(beneath)
    if producer is not None:
        tls.registerProducer(producer, streaming)
    return protocol.transport
