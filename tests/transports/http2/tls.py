"""A certification authority, what it issues, and a TLS server on a wire in memory."""

import datetime
import ipaddress

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from procall_mobility.transports.certificate_files import CertificateFacts, KeyPair
from tests.transports.conftest import Wire

DAY = datetime.timedelta(days=1)


@define(eq=False)
class Authority:
    """Issues certificates that are valid today, by the system's own clock: OpenSSL looks at it."""

    name: str = "Authority"
    key: ec.EllipticCurvePrivateKey = field(
        factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    certificate: x509.Certificate = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.certificate = self._sign(self.name, self.key, [], is_authority=True)

    def issue(self, *names: str) -> KeyPair:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(names[0], key, [_general(name) for name in names])
        facts = CertificateFacts("memory", names, certificate.not_valid_after_utc)
        return KeyPair((certificate,), key, facts)

    def _sign(
        self, name: str, key: object, names: list[x509.GeneralName], *, is_authority: bool = False
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@define(eq=False)
class TlsServer:
    """The server's end of TLS over a wire."""

    wire: Wire
    pair: KeyPair
    alpn: bytes | None = b"h2"
    wants_certificate: Authority | None = None
    server_name: bytes | None = None
    offered: list[bytes] = field(factory=list)
    """Protocols the client has named."""
    connection: SSL.Connection = field(init=False)

    def __attrs_post_init__(self) -> None:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.use_certificate(self.pair.chain[0])
        context.use_privatekey(self.pair.key)
        if self.alpn is not None:
            context.set_alpn_select_callback(self._choose)
        context.set_tlsext_servername_callback(self._note_name)
        if self.wants_certificate is not None:
            context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, None)
            store = context.get_cert_store()
            store.add_cert(SSL.X509.from_cryptography(self.wants_certificate.certificate))
        self.connection = SSL.Connection(context, None)
        self.connection.set_accept_state()

    def _choose(self, _connection: SSL.Connection, offered: list[bytes]) -> bytes | None:
        self.offered = offered
        return self.alpn

    def _note_name(self, connection: SSL.Connection) -> None:
        self.server_name = connection.get_servername()

    def shake_hands(self) -> None:
        for _ in range(4):
            self._try(self.connection.do_handshake)
            self._carry()

    def says(self, data: bytes) -> None:
        self.connection.send(data)
        self._carry()

    def hears(self) -> bytes:
        self._carry()
        heard = b""
        while piece := self._try(lambda: self.connection.recv(65_536)):
            heard += piece
        return heard

    def _carry(self) -> None:
        while piece := self._try(lambda: self.connection.bio_read(65_536)):
            self.wire.hears(piece)
        if said := self.wire.says():
            self.connection.bio_write(said)

    @staticmethod
    def _try(do: object) -> bytes | None:
        try:
            return do()
        except (SSL.WantReadError, SSL.ZeroReturnError):
            return None
