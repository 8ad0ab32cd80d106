"""A DTLS client of our own, on a network that loses what it is told to lose."""

import socket
import time

from attrs import define, field
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from tests.interop.turn.stun_codec import A, Address, Method, message, parse

PATIENCE = 60.0


@define
class Losses:
    """Which datagrams are lost, by their numbers from 1 on."""

    out: frozenset[int] = frozenset()
    back: frozenset[int] = frozenset()
    sent: int = 0
    came: int = 0


@define
class DtlsClient:
    """A client over a socket that is connected to the relay."""

    socket: socket.socket
    losses: Losses = field(factory=Losses)
    connection: SSL.Connection = field(init=False)

    def __attrs_post_init__(self) -> None:
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self.connection.set_ciphertext_mtu(1200)

    def shakes_hands(self) -> "DtlsClient":
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                self.connection.do_handshake()
            except SSL.WantReadError:
                self._flush()
                wait = self.connection.DTLSv1_get_timeout()
                if not self._take(1 if wait is None else wait):
                    self.connection.DTLSv1_handle_timeout()
                    self._flush()
            else:
                self._flush()
                return self
        raise AssertionError("the handshake does not end")

    def hears(self) -> bytes:
        while True:
            try:
                return self.connection.recv(65_536)
            except SSL.WantReadError:
                assert self._take(PATIENCE), "nothing has come"

    def mapped(self) -> Address:
        """Ask how we look from there."""
        self.connection.send(message(Method.BINDING))
        self._flush()
        return parse(self.hears()).address(A.XOR_MAPPED_ADDRESS)

    def certificate(self) -> bytes:
        shown = self.connection.get_peer_certificate(as_cryptography=True)
        return shown.public_bytes(Encoding.DER)

    def _flush(self) -> None:
        try:
            flight = self.connection.bio_read(65_536)
        except SSL.WantReadError:
            return
        self.losses.sent += 1
        if self.losses.sent not in self.losses.out:
            self.socket.send(flight)

    def _take(self, seconds: float) -> bool:
        """Take a datagram; False when none came in time."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            datagram = self.socket.recv(65_536)
        except TimeoutError:
            return False
        self.losses.came += 1
        if self.losses.came not in self.losses.back:
            self.connection.bio_write(datagram)
        return True
