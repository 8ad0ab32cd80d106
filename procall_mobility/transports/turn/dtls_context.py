"""OpenSSL as a DTLS server sees it: what we offer, and hellos that leave nothing behind."""

from typing import Any, Final

from OpenSSL import SSL

from procall_mobility.protocols.stun.addresses import TransportAddress
from procall_mobility.transports.certificate_files import KeyPair
from procall_mobility.transports.certificates import Certificate, present
from procall_mobility.transports.turn.dtls_cookies import Cookies

MTU: Final = 1232
"""Octets of our handshake's datagrams: what fits through every path of IPv6 (RFC 8200 section 5).
Data goes as it comes, and is fragmented on the way as it is without DTLS."""

DTLS_1_2: Final = 0xFEFD
"""RFC 6347 section 4.1; earlier versions have no good ciphers, later ones are not in OpenSSL."""

CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    b"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
)
"""Those of TLS but for ChaCha20: they have one overhead, so that shorter records are known as none
(`is_credible`)."""

ALPN: Final = (b"stun.turn", b"stun.nat-discovery")
"""RFC 7443."""

_lib: Any = SSL._lib  # type: ignore[attr-defined]


def forget_errors() -> None:
    """Empty OpenSSL's queue of errors.

    `DTLSv1_listen` leaves there what it disliked about a datagram, and all connections of the
    thread share the queue: the next TLS connection that waits for data would be taken for broken.
    """
    _lib.ERR_clear_error()


class Reception:
    """Answers hellos of strangers, always with the latest certificate.

    One connection that has not begun is used for all of them: OpenSSL empties it before each.
    """

    def __init__(self, certificate: Certificate, cookies: Cookies) -> None:
        """Take what to show.

        Raises:
            CertificateError: OpenSSL does not want it.
        """
        self._certificate = certificate
        self._cookies = cookies
        self._pair = certificate.pair
        self._context = self._context_of(self._pair)
        self._next = self._begin()

    def hears(
        self, datagram: bytes, client: TransportAddress
    ) -> tuple[bytes, SSL.Connection | None]:
        """Take what may be a ClientHello, of at most `LARGEST_DATAGRAM` octets.

        Returns:
            the answer, which is empty for what is none, and a connection for a client that has
            shown by its cookie that it is where it says; the hello is in it already.
        """
        if self._certificate.pair is not self._pair:
            self._pair = self._certificate.pair
            self._context = self._context_of(self._pair)
            self._next = self._begin()
        connection = self._next
        connection.set_app_data(client)
        connection.bio_write(datagram)
        try:
            connection.DTLSv1_listen()
        except SSL.WantReadError:
            return take_flight(connection), None
        finally:
            forget_errors()
        self._next = self._begin()
        return b"", connection

    def _begin(self) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_accept_state()
        connection.set_ciphertext_mtu(MTU)
        return connection

    def _context_of(self, pair: KeyPair) -> SSL.Context:
        context = SSL.Context(SSL.DTLS_SERVER_METHOD)
        context.set_min_proto_version(DTLS_1_2)
        context.set_max_proto_version(DTLS_1_2)
        context.set_cipher_list(CIPHERS)
        # The MTU cannot be asked of connections that have no socket.
        context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_QUERY_MTU)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_alpn_select_callback(_agree)
        context.set_cookie_generate_callback(self._make_cookie)
        context.set_cookie_verify_callback(self._is_good_cookie)
        present(pair, context)
        return context

    def _make_cookie(self, connection: SSL.Connection) -> bytes:
        client: TransportAddress = connection.get_app_data()
        return self._cookies.make(client)

    def _is_good_cookie(self, connection: SSL.Connection, cookie: bytes) -> bool:
        return self._cookies.is_good(connection.get_app_data(), cookie)


def take_flight(connection: SSL.Connection) -> bytes:
    """Return what a connection wants sent: any number of records, one after the other."""
    try:
        return connection.bio_read(65_536)
    except SSL.WantReadError:
        return b""


def _agree(connection: SSL.Connection, offered: list[bytes]) -> bytes | Any:
    return next((name for name in offered if name in ALPN), SSL.NO_OVERLAPPING_PROTOCOLS)
