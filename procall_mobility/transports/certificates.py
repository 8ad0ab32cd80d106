"""What our side of TLS offers, always with the latest certificate."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from procall_mobility.transports.certificate_files import CertificateError as CertificateError
from procall_mobility.transports.certificate_files import (
    Fingerprint,
    KeyPair,
    fingerprint,
    load,
)

ALPN = (b"stun.turn", b"stun.nat-discovery", b"http/1.1")
"""What clients may ask for by name (RFC 7301, RFC 7443).

Some relays' clients offer HTTP as well, and before STUN; no client of HTTP offers STUN.
"""

CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    b"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    b"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
"""For TLS 1.2, as Mozilla's intermediate recommendation has it; TLS 1.3 has no bad ones.  The
client's order counts, and key exchange groups are OpenSSL's own choice, X25519 among the first."""


@frozen
class _Read:
    """What was found in two files."""

    files: tuple[Path, Path]
    seen: Fingerprint
    pair: KeyPair
    context: SSL.Context


@implementer(IOpenSSLServerConnectionCreator)
class Certificate:
    """Begins the server's side of TLS connections."""

    _log = Logger()

    def __init__(
        self,
        chain: Path,
        key: Path,
        wall_clock: Callable[[], float],
        alpn: Sequence[bytes] = ALPN,
    ) -> None:
        """Load the certificate.

        Args:
            chain: file in PEM form, the server's own certificate first.
            key: file in PEM form, without a password.
            wall_clock: calendar time in seconds.
            alpn: protocols to agree to; the first one the client offers too.

        Raises:
            CertificateError: the files cannot be used.
        """
        self._wall_clock = wall_clock
        self._alpn = tuple(alpn)
        self._take(self._read(chain, key))

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """Begin a connection."""
        return SSL.Connection(self._context, None)

    def reload(self) -> None:
        """Read both files again; connections that exist keep what they have.

        Raises:
            CertificateError: they cannot be used; everything stays as it was.
        """
        self._loaded = self._seen = fingerprint(*self._files)
        self.prepare(*self._files)()

    def prepare(self, chain: Path, key: Path) -> Callable[[], None]:
        """Read files, perhaps others than before; what is returned has new connections get them.

        Raises:
            CertificateError: they cannot be used; everything stays as it was.
        """
        read = self._read(chain, key)

        def commit() -> None:
            self._take(read)
            self._log.info(
                "certificate loaded", file=self.facts.file, until=self.facts.until.isoformat()
            )

        return commit

    def reload_if_changed(self) -> None:
        """Reload when a file has changed, and has stood still since the call before.

        Call it every few seconds.  Chain and key are written one after the other, and a pair that
        does not match yet is no fault.  Files that cannot be used are told once, in the log.
        """
        before, self._seen = self._seen, fingerprint(*self._files)
        if self._seen == self._loaded or self._seen != before:
            return
        try:
            self.reload()
        except CertificateError as error:
            self._log.error("certificate not loaded", error=str(error))

    def _read(self, chain: Path, key: Path) -> "_Read":
        seen = fingerprint(chain, key)
        pair = load(chain, key, self._wall_clock())
        return _Read((chain, key), seen, pair, self._context_of(pair))

    def _take(self, read: "_Read") -> None:
        self._files = read.files
        self._loaded = self._seen = read.seen
        self._context = read.context
        self.pair = read.pair
        """What new connections get."""
        self.facts = read.pair.facts

    def _context_of(self, pair: KeyPair) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_cipher_list(CIPHERS)
        context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # 23 KiB less for each idle connection.
        # Tickets carry the sessions; a cache of ours would only take memory.
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_session_id(b"procall-mobility")
        context.set_alpn_select_callback(self._agree)
        present(pair, context)
        return context

    def _agree(self, connection: SSL.Connection, offered: list[bytes]) -> bytes | Any:
        """Choose by ALPN; who offers only what we do not know is told by its first octets."""
        return next((name for name in self._alpn if name in offered), SSL.NO_OVERLAPPING_PROTOCOLS)


def present(pair: KeyPair, context: SSL.Context) -> None:
    """Let a context show a certificate, and sign with its key.

    Raises:
        CertificateError: OpenSSL does not want them.
    """
    try:
        context.use_certificate(pair.chain[0])
        for issuer in pair.chain[1:]:
            context.add_extra_chain_cert(issuer)
        context.use_privatekey(pair.key)
    except SSL.Error as error:  # OpenSSL's security level forbids weak ones.
        raise CertificateError(
            f"{pair.facts.file}: OpenSSL refuses this certificate as too weak; "
            "issue one for an ECDSA P-256 key, or an RSA key of 2048 bits or more"
        ) from error
