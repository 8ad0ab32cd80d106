"""A door that stands on a clock, and what is behind it."""

import ipaddress

from attrs import define, field
from twisted.internet.address import IPv4Address
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.connections import Connections
from procall_mobility.transports.door import DoorFactory, DoorServices, Peer
from tests.transports.conftest import Wire

GET = b"GET / HTTP/1.1\r\n\r\n"


class Inner(Protocol):
    """What a builder makes: repeats what it hears."""

    def __init__(self, peer: Peer, language: Language) -> None:
        self.peer = peer
        self.language = language
        self.heard = b""
        self.lost = 0

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        self.transport.write(data)

    def connectionLost(self, reason: object = None) -> None:
        self.lost += 1


@define
class House:
    """A door with everything behind it."""

    certificate: Certificate | None
    plain: tuple[Language, ...] = (Language.ROSE,)
    proxies: tuple[str, ...] = ()
    per_address: int = 5
    clock: Clock = field(factory=Clock)
    built: list[Inner] = field(factory=list)
    refusals: list[tuple[Peer, Reason]] = field(factory=list)
    texts: list[str] = field(factory=list)
    connections: Connections = field(init=False)
    factory: DoorFactory = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.connections = Connections(
            total=8, per_address=self.per_address, now=self.clock.seconds
        )
        inside = (Language.HTTP, Language.ROSE) if self.certificate else ()
        self.factory = DoorFactory(
            DoorServices(
                clock=self.clock,
                connections=self.connections,
                refused=self.refused,
                plain={language: self.builder(language) for language in self.plain},
                secure={language: self.builder(language) for language in inside},
                tls=self.certificate,
                proxy_networks=tuple(map(ipaddress.ip_network, self.proxies)),
            )
        )

    def builder(self, language: Language) -> object:
        def build(peer: Peer) -> Inner:
            self.built.append(Inner(peer, language))
            return self.built[-1]

        return build

    def refused(self, peer: Peer, reason: Reason, text: str) -> None:
        self.refusals.append((peer, reason))
        self.texts.append(text)

    def call(self, host: str = "192.0.2.7") -> Wire:
        protocol = self.factory.buildProtocol(IPv4Address("TCP", host, 40_000))
        assert protocol is not None
        return Wire(host).connect(protocol)

    def reasons(self) -> list[Reason]:
        return [reason for _, reason in self.refusals]

    def is_quiet(self) -> bool:
        """Neither a timer nor a counted connection is left."""
        return not self.clock.getDelayedCalls() and not self.connections.total
