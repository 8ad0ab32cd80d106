"""TLS on an accepted connection."""

# mypy: allow-untyped-calls
# Twisted's wrappers are typed in part only.

from collections.abc import Callable
from typing import cast

from OpenSSL import SSL
from twisted.internet.interfaces import (
    IAddress,
    IOpenSSLServerConnectionCreator,
    IProtocol,
    ITransport,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from procall_mobility.transports.gate import send_at_once
from procall_mobility.transports.lean_tls import LeanLayer


class TlsLayer(LeanLayer):
    """The server's side of TLS, and for the protocol in it the transport.

    Replace `wrappedProtocol` to hand the connection to another protocol.
    """

    _at_once = False

    def __init__(
        self,
        factory: TLSMemoryBIOFactory,
        inner: IProtocol,
        left: Callable[[], None],
        client: IAddress | None,
        *,
        connect_inner: bool = True,
    ) -> None:
        """Speak TLS below `inner`; see `Gate` for the rest."""
        super().__init__(factory, inner, connect_inner)
        self.left = left
        self.client = client

    def send(self, data: bytes) -> None:
        """Write octets at once if nothing is waiting to be written (`Gate.send`)."""
        self._at_once = True
        try:
            self.write(data)
        finally:
            self._at_once = False

    def getPeer(self) -> IAddress:
        """Return the address of the client, which a proxy may have told."""
        return self.client or cast(ITransport, self.transport).getPeer()

    def _pass_on(self, octets: bytes) -> None:
        if self._at_once:
            send_at_once(self.transport, octets)
        else:
            super()._pass_on(octets)

    def _shutdownTLS(self) -> None:
        """End TLS and then TCP, behind what was written.

        The peer's own end of TLS is not waited for (RFC 8446 section 6.1 asks for no such wait): a
        silent peer would keep its place for ever.
        """
        super()._shutdownTLS()
        cast(ITransport, self.transport).loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the protocol inside, then give the connection's place back."""
        try:
            super().connectionLost(reason)
        finally:
            self.left()


def layers(creator: IOpenSSLServerConnectionCreator) -> TLSMemoryBIOFactory:
    """Return the factory `TlsLayer` wants."""
    # The clock is for Twisted's own batching of small writes, which our layer is without.
    return TLSMemoryBIOFactory(creator, False, Factory(), Clock())


def why_failed(reason: Failure) -> str:
    """Say why a handshake came to nothing, in OpenSSL's words and for a person."""
    error = reason.value
    if isinstance(error, SSL.Error) and error.args and isinstance(error.args[0], list):
        words = [str(entry[-1]) for entry in error.args[0] if entry[-1]]
        if words:
            return f"the TLS handshake failed: {', '.join(words)}"
    return "the peer went away during the TLS handshake"
