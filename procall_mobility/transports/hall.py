"""The inside of a TLS connection until it is known what is spoken there."""

from typing import cast

from twisted.internet.interfaces import IHandshakeListener, ITransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.transports.callers import Caller
from procall_mobility.transports.tls import TlsLayer, why_failed

LANGUAGE_OF_ALPN = {
    b"http/1.1": Language.HTTP,
    b"stun.turn": Language.STUN,  # RFC 7443.
    b"stun.nat-discovery": Language.STUN,
}
"""What a client asked for by ALPN; without it the first octets tell."""


@implementer(IHandshakeListener)
class Hall(Caller):
    """Decides over a connection inside TLS; like `Door`, it leaves when it has decided."""

    layer: TlsLayer

    _secured = False

    def connectionMade(self) -> None:
        """Wait for the handshake."""
        self._allow(self._services.deadlines.handshake)

    def handshakeCompleted(self) -> None:
        """Ask what was agreed by ALPN."""
        self._secured = True
        if self._done:
            return
        self._stop_waiting()
        agreed = self.layer.negotiatedProtocol
        language = LANGUAGE_OF_ALPN.get(agreed) if agreed else None
        if language is not None:
            self._enter(language)
        else:
            self._allow(self._services.deadlines.first_bytes)

    def dataReceived(self, data: bytes) -> None:
        """Listen until it is clear what the peer speaks."""
        if self._done:
            return
        self._heard += data
        language = self._language(self._services.secure)
        if language is not None:
            self._enter(language)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The handshake failed, or the peer went before it said what it wants."""
        if not self._secured and not self._done:
            self._services.refused(self._peer, Reason.TLS_FAILED, why_failed(reason))
        self._finish()

    def _enter(self, language: Language) -> None:
        inner = self._build(self._services.secure.get(language), language)
        if inner is None:
            return
        self.layer.wrappedProtocol = inner
        inner.makeConnection(cast(ITransport, self.layer))
        heard, self._heard = self._heard, b""
        if heard and not self.layer.disconnecting:
            inner.dataReceived(heard)
