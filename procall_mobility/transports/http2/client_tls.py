"""TLS towards a provider: HTTP/2 or 1.1 by ALPN, and nobody but it at the other end."""

# mypy: allow-untyped-calls
# Twisted's wrappers are typed in part only.

from collections.abc import Sequence
from functools import cache
from ipaddress import ip_address
from typing import Any, cast

from attrs import frozen
from cryptography import x509
from OpenSSL import SSL, crypto
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IOpenSSLClientConnectionCreator,
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
    ITransport,
)
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.transports.certificate_files import KeyPair
from procall_mobility.transports.certificates import CIPHERS, present
from procall_mobility.transports.lean_tls import LeanLayer

H2, HTTP1 = b"h2", b"http/1.1"
"""RFC 9113 section 3.1, RFC 7301 section 6."""


@implementer(IOpenSSLClientConnectionCreator)
class ClientTls:
    """Begins the client's side of TLS connections to one host."""

    def __init__(
        self,
        host: str,
        *,
        authorities: Sequence[x509.Certificate] | None,
        pair: KeyPair | None,
        protocols: Sequence[bytes] = (H2,),
    ) -> None:
        """Make the context.

        Args:
            host: the name, or the address, its certificate must have.
            authorities: who may have issued that; None for those the system trusts.
            pair: our own certificate, where the provider wants one.
            protocols: what may be spoken, the best one first: that is offered.

        Raises:
            CertificateError: OpenSSL does not want our certificate.
        """
        self._host = host
        if authorities is None and pair is None:
            self._context = _system(tuple(protocols))
        else:
            self._context = _context(authorities, protocols)
        if pair is not None:
            present(pair, self._context)

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Begin a connection."""
        connection = SSL.Connection(self._context, None)
        connection.set_app_data(protocol)
        cast(ClientLayer, protocol).host = self._host
        if not is_address(self._host):  # RFC 6066 section 3: SNI has names only.
            connection.set_tlsext_host_name(self._host.encode("ascii"))
        return connection


@cache
def _system(protocols: tuple[bytes, ...]) -> SSL.Context:
    """Return what trusts whom the system does, one for all hosts: each takes a megabyte."""
    return _context(None, protocols)


def _context(
    authorities: Sequence[x509.Certificate] | None, protocols: Sequence[bytes]
) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    # RFC 9113 section 9.2: TLS 1.2 or later, without compression and renegotiation.
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(CIPHERS)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.set_alpn_protos(list(protocols))
    context.set_verify(SSL.VERIFY_PEER, None)
    context.set_info_callback(_watch)
    if authorities is None:
        context.set_default_verify_paths()
    else:
        trusted: Any = context.get_cert_store()
        for authority in authorities:
            trusted.add_cert(crypto.X509.from_cryptography(authority))
    return context


def _watch(connection: SSL.Connection, where: int, _result: int) -> None:
    """Look at who it is before anything is said: the chain alone fits many hosts."""
    if not where & SSL.SSL_CB_HANDSHAKE_DONE:
        return
    layer = cast(ClientLayer, connection.get_app_data())
    try:
        verify = verify_ip_address if is_address(layer.host) else verify_hostname
        verify(connection, layer.host)
    except Exception:  # noqa: BLE001  # pyOpenSSL would print it, and go on.
        layer.failVerification(Failure())


class ClientLayer(LeanLayer):
    """TLS that ends without waiting for the provider's end of it, as `TlsLayer` does."""

    host = ""
    """Whose certificate is wanted; contexts are shared by many hosts."""

    def _shutdownTLS(self) -> None:
        super()._shutdownTLS()
        cast(ITransport, self.transport).loseConnection()


@implementer(IStreamClientEndpoint)
@frozen
class TlsEndpoint:
    """TLS on whatever another endpoint connects to."""

    beneath: IStreamClientEndpoint
    tls: IOpenSSLClientConnectionCreator

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; the protocol is told by `handshakeCompleted` when it may speak."""
        # The clock is for Twisted's own batching of small writes, which our layer is without.
        layers = TLSMemoryBIOFactory(self.tls, True, protocolFactory, Clock())
        layers.protocol = ClientLayer
        connecting: Deferred[IProtocol] = self.beneath.connect(cast(IProtocolFactory, layers))
        return connecting.addCallback(lambda layer: cast(LeanLayer, layer).wrappedProtocol)


def is_address(host: str) -> bool:
    """Tell an IP address from a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
