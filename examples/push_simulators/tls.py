"""Our side of TLS: certificate, protocols by name, and whether clients may show certificates."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, ISSLTransport
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """Begins the server's side of connections."""

    def __init__(
        self,
        chain: Path,
        key: Path,
        protocols: Sequence[bytes],
        client_authority: Path | None = None,
        *,
        demands: bool = False,
    ) -> None:
        """Load everything.

        Args:
            chain: our certificate in PEM form.
            key: its key.
            protocols: what may be spoken, by ALPN.
            client_authority: whose certificates clients may show.
            demands: whether to refuse clients without one.
        """
        self._protocols = tuple(protocols)
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(str(chain))
        context.use_privatekey_file(str(key))
        context.set_alpn_select_callback(self._agree)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_options(SSL.OP_NO_TICKET)
        if client_authority is not None:
            context.load_verify_locations(str(client_authority))
        if client_authority is not None or demands:
            mode = SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if demands else 0)
            context.set_verify(
                mode, lambda connection, certificate, error, depth, good: bool(good)
            )
        self._context = context

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Begin a connection."""
        return SSL.Connection(self._context, None)

    def _agree(self, connection: SSL.Connection, offered: list[bytes]) -> bytes | Any:
        """Choose; a client that offers nothing we speak gets an alert (RFC 7301 section 3.2)."""
        for name in self._protocols:
            if name in offered:
                return name
        raise SSL.Error([("SSL routines", "", "no application protocol")])


def application(transport: ISSLTransport) -> str | None:
    """Return the user id in the certificate a client has shown: with Apple, an application's."""
    shown = transport.getPeerCertificate()
    if not isinstance(shown, X509):
        return None
    names = shown.to_cryptography().subject.get_attributes_for_oid(NameOID.USER_ID)
    return str(names[0].value) if names else ""
