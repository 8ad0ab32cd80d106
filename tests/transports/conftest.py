"""What the tests of transports share: a certificate, a wire without a network, a TLS client."""

import datetime
import ipaddress
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPushProducer, ITCPTransport
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.http2 import library

TODAY = datetime.datetime(2030, 6, 1, tzinfo=datetime.UTC)


@define
class Files:
    chain: Path
    key: Path


def issue(
    folder: Path, name: str, *, days: int = 90, common_name_only: bool = False, key: object = None
) -> Files:
    """Write a self-signed certificate that is valid from a day before TODAY."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(TODAY - datetime.timedelta(days=900))
        .not_valid_after(TODAY + datetime.timedelta(days=days))
    )
    if not common_name_only:
        names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    files = Files(folder / "chain.pem", folder / "key.pem")
    certificate = builder.sign(key, hashes.SHA256())
    files.chain.write_bytes(certificate.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    files = issue(tmp_path_factory.mktemp("certificate"), "uc.example.test")
    return Certificate(files.chain, files.key, TODAY.timestamp)


@implementer(ITCPTransport, IPushProducer)
class Wire(StringTransport):
    """The server's end of a TCP connection, which looks its protocol up for each read."""

    def __init__(self, host: str = "192.0.2.7") -> None:
        super().__init__(peerAddress=IPv4Address("TCP", host, 40_000))
        self.options: set[str] = set()
        self.aborted = False
        self.closed = False

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.options |= {"no delay"} if enabled else set()

    def setTcpKeepAlive(self, enabled: bool) -> None:
        self.options |= {"keep alive"} if enabled else set()

    def abortConnection(self) -> None:
        self.aborted = True
        self.disconnecting = True

    def connect(self, protocol: object) -> "Wire":
        self.protocol = protocol
        protocol.makeConnection(self)
        return self

    def hears(self, data: bytes) -> None:
        if not self.aborted:
            self.protocol.dataReceived(data)

    def says(self) -> bytes:
        value = self.value()
        self.clear()
        return value

    def goes(self, reason: Exception | None = None) -> None:
        """The connection has ended, as the reactor tells it."""
        protocol, self.protocol = self.protocol, None
        protocol.connectionLost(Failure(reason or ConnectionDone()))


@define
class TlsClient:
    """A TLS client over a Wire."""

    wire: Wire
    alpn: list[bytes] = field(factory=list)
    newest: int = SSL.TLS1_3_VERSION
    connection: SSL.Connection = field(init=False)

    def __attrs_post_init__(self) -> None:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_max_proto_version(self.newest)
        if self.alpn:
            context.set_alpn_protos(self.alpn)
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()

    def hello(self) -> bytes:
        self._try(self.connection.do_handshake)
        return self._out()

    def shake_hands(self) -> "TlsClient":
        """Do the handshake, and read nothing that comes with it."""
        for _ in range(4):
            self._try(self.connection.do_handshake)
            self._deliver()
        return self

    def says(self, data: bytes) -> None:
        for at in range(0, len(data), 16_384):
            self.connection.send(data[at : at + 16_384])
        self._deliver()

    def hears(self) -> bytes:
        self._take()
        heard = b""
        while (piece := self._try(lambda: self.connection.recv(65_536))) is not None:
            heard += piece
        return heard

    def _deliver(self) -> None:
        data = self._out()
        if data:
            self.wire.hears(data)
        self._take()

    def _take(self) -> None:
        if said := self.wire.says():
            self.connection.bio_write(said)

    def _out(self) -> bytes:
        data = b""
        while (piece := self._try(lambda: self.connection.bio_read(65_536))) is not None:
            data += piece
        return data

    @staticmethod
    def _try(do: Callable[[], bytes | None]) -> bytes | None:
        try:
            return do()
        except (SSL.WantReadError, SSL.ZeroReturnError):
            return None


@pytest.fixture
def nghttp2() -> None:
    """Skip what needs a library that this machine may be without; the daemon does without too."""
    try:
        library.load()
    except library.LibraryMissing as error:
        pytest.skip(str(error))
