"""A new connection of which nothing is known yet, and what it may become."""

from collections.abc import Callable, Container, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import cast

from attrs import field, frozen
from twisted.internet.interfaces import (
    IDelayedCall,
    IOpenSSLServerConnectionCreator,
    IProtocol,
    IReactorTime,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol
from twisted.logger import Logger

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.first_bytes import Language, is_whole, recognise
from procall_mobility.transports.connections import Connections

log = Logger()


@frozen
class Peer:
    """Who is at the other end of a connection."""

    host: str
    port: int
    secure: bool
    """TLS is spoken, or about to be."""
    proxied: bool
    """The address is what a proxy told."""


Builder = Callable[[Peer], IProtocol | None]
"""Makes the protocol for a peer; None closes the connection without a word."""

Refused = Callable[[Peer, Reason, str], None]
"""Told of every connection the door does not let in, with a sentence for a person."""


@frozen(kw_only=True)
class Deadlines:
    """How many seconds a connection may take for each step."""

    silence: float = 10.0
    """From the connection to its first message, a proxy's header included."""
    handshake: float = 15.0
    """For the TLS handshake, from its first message on."""
    first_bytes: float = 15.0
    """From the handshake to the first message inside TLS."""


@frozen(kw_only=True)
class DoorServices:
    """What a door needs from the house."""

    clock: IReactorTime
    connections: Connections
    refused: Refused
    plain: Mapping[Language, Builder]
    """Languages spoken without TLS."""
    secure: Mapping[Language, Builder] = field(factory=dict)
    """Languages spoken inside TLS."""
    tls: IOpenSSLServerConnectionCreator | None = None
    """Without it TLS is not spoken."""
    proxy_networks: Sequence[IPv4Network | IPv6Network] = ()
    """From these every connection begins with a PROXY header, from others none does."""
    deadlines: Deadlines = field(factory=Deadlines)


class Caller(Protocol):
    """Gathers first octets within a deadline, until the connection is handed on or refused."""

    def __init__(self, services: DoorServices, peer: Peer) -> None:
        self._services = services
        self._peer = peer
        self._heard = b""
        self._done = False
        self._deadline: IDelayedCall | None = None

    def _allow(self, seconds: float) -> None:
        self._deadline = self._services.clock.callLater(seconds, self._too_late)

    def _finish(self) -> None:
        self._done = True
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _too_late(self) -> None:
        self._refuse(Reason.SILENT, Reason.SILENT.text)

    def _refuse(self, reason: Reason, text: str) -> None:
        self._finish()
        self._services.refused(self._peer, reason, text)
        cast(ITCPTransport, self.transport).abortConnection()

    def _language(self, spoken: Container[Language]) -> Language | None:
        """Tell what the peer speaks; None while that is open, or when it was refused.

        What is spoken here is told when its first message is whole.
        """
        try:
            language = recognise(self._heard)
        except PeerError as error:
            self._refuse(Reason.FRAMING, error.text)
            return None
        if language is None or language not in spoken or is_whole(self._heard, language):
            return language
        return None

    def _build(self, builder: Builder | None, language: Language) -> IProtocol | None:
        """Make the protocol that is to have the connection; None when it was closed instead."""
        if builder is None:
            where = "inside TLS" if self._peer.secure else "without TLS"
            self._refuse(Reason.FRAMING, f"{language.value} is not spoken {where} on this port")
            return None
        self._finish()
        try:
            inner = builder(self._peer)
        except Exception:  # noqa: BLE001  # Our bug, whatever it is: this connection ends.
            log.failure("no protocol could be made for a connection")
            self._refuse(Reason.INTERNAL, Reason.INTERNAL.text)
            return None
        if inner is None:
            cast(ITCPTransport, self.transport).abortConnection()
        return inner
