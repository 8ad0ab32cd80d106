"""A DTLS listener on loopback, its clients, and a clock; nothing runs by itself."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from attrs import define, field
from OpenSSL import SSL
from twisted.internet.testing import MemoryReactorClock

from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.turn.dtls_listener import DtlsListener
from procall_mobility.transports.turn.dtls_path import DtlsPath
from procall_mobility.transports.turn.dtls_records import spans
from procall_mobility.transports.turn.udp_relay import open_udp
from tests.protocols.turn.callers import Client
from tests.protocols.turn.plays import Play

MTU = 1200


@define(eq=False)
class DtlsClient:
    """A DTLS client over a socket; it does one thing at a time."""

    stage: "DtlsStage"
    socket: socket.socket
    alpn: tuple[bytes, ...] = ()
    ciphers: bytes = b"DEFAULT"
    connection: SSL.Connection = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.begins_anew()

    def begins_anew(self) -> None:
        """Forget everything, as after a restart."""
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_cipher_list(self.ciphers)
        if self.alpn:
            context.set_alpn_protos(list(self.alpn))
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self.connection.set_ciphertext_mtu(MTU)

    @property
    def address(self) -> tuple[str, int]:
        return self.socket.getsockname()

    def shakes_hands(self) -> "DtlsClient":
        for _ in range(8):
            if self.steps():
                return self
        raise AssertionError("the handshake does not end")

    def steps(self) -> bool:
        """Take what has come and go on with the handshake; True when it is done."""
        self.takes()
        done = _try(self.connection.do_handshake, False) is None
        self.flushes()
        return done

    def hello(self) -> bytes:
        """Return the first flight, or the one the last answer asks for, without sending it."""
        self.takes()
        _try(self.connection.do_handshake, None)
        return self.flight()

    def says(self, message: bytes) -> None:
        self.connection.send(message)
        self.flushes()

    def hears(self) -> list[bytes]:
        """Return the messages that have come."""
        self.takes()
        heard = []
        while (message := _try(lambda: self.connection.recv(65_536), None)) is not None:
            heard.append(message)
        return heard

    def is_told_the_end(self) -> bool:
        """Tell whether a close_notify has come."""
        self.takes()
        try:
            self.connection.recv(65_536)
        except SSL.ZeroReturnError:
            return True
        except SSL.WantReadError:
            return False
        raise AssertionError("something else was said")

    def takes(self) -> None:
        for datagram in self.datagrams():
            self.connection.bio_write(datagram)

    def datagrams(self) -> list[bytes]:
        """Return what has come to the socket."""
        found = []
        while (datagram := _receive(self.socket)) is not None:
            found.append(datagram)
        return found

    def flight(self) -> bytes:
        return _try(lambda: self.connection.bio_read(65_536), b"")

    def flushes(self) -> None:
        flight = self.flight()
        for begin, end in spans(flight):
            self.throws(flight[begin:end])

    def throws(self, datagram: bytes) -> None:
        """Send octets as they are."""
        self.socket.sendto(datagram, self.stage.listener.address)
        self.stage.listener.doRead()


@define(eq=False)
class DtlsLine:
    """The way of a caller of the relay's plays, over DTLS."""

    dtls: DtlsClient
    stream: None = None

    @property
    def path(self) -> DtlsPath:
        return self.dtls.stage.listener.paths[self.dtls.address]

    @property
    def client(self) -> tuple[str, int]:
        return self.dtls.address

    def says(self, data: bytes) -> None:
        self.dtls.says(data)
        self.dtls.stage.play.settle()

    def takes(self) -> list[bytes]:
        return self.dtls.hears()


@define(eq=False)
class DtlsStage:
    """The listener and what is around it."""

    certificate: Certificate
    host: str = "127.0.0.1"
    total: int = 100
    per_address: int = 50
    play: Play = field(factory=Play)
    reactor: MemoryReactorClock = field(factory=MemoryReactorClock)
    opened: ExitStack = field(factory=ExitStack)
    connections: Connections = field(init=False)
    listener: DtlsListener = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.connections = Connections(
            total=self.total, per_address=self.per_address, now=lambda: self.play.now
        )
        self.listener = DtlsListener(
            open_udp(self.host, 0, 1 << 20),
            self.play.server,
            self.certificate,
            self.reactor,
            lambda: self.play.now,
            connections=self.connections,
            cookie_key=b"k" * 32,
        )
        self.opened.callback(self.listener.stop)
        self.listener.start()

    @property
    def counters(self) -> Any:
        return self.play.counters

    def client(self, **how: Any) -> DtlsClient:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        sock = self.opened.enter_context(socket.socket(family, socket.SOCK_DGRAM))
        sock.bind((self.host, 0))
        sock.setblocking(False)
        return DtlsClient(self, sock, **how)

    def caller(self, subject: str = "alice") -> Client:
        """Let somebody with credentials come, whose handshake is done."""
        talk = self.play.client(subject).talk
        return Client(DtlsLine(self.client().shakes_hands()), talk)

    def later(self, seconds: float) -> None:
        """Let time pass for the relay and for the listener."""
        self.play.later(seconds)
        self.reactor.advance(seconds)


@contextmanager
def dtls_stage(certificate: Certificate, **how: Any) -> Iterator[DtlsStage]:
    stage = DtlsStage(certificate, **how)
    with stage.opened:
        yield stage


def _receive(sock: socket.socket) -> bytes | None:
    try:
        return sock.recv(65_536)
    except BlockingIOError:
        return None


def _try(do: Any, otherwise: Any) -> Any:
    try:
        return do()
    except (SSL.WantReadError, SSL.ZeroReturnError):
        return otherwise
