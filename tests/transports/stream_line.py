"""One server link on a raw stream in memory, with a gateway behind."""

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from procall_mobility.protocols.rose import codec
from procall_mobility.protocols.rose.form import Form
from procall_mobility.protocols.rose.framing import Deframer, frame
from procall_mobility.protocols.rose.messages import Invoke, JsonValue, Message
from procall_mobility.protocols.ucserver.rules import LinkRules, StartTls
from procall_mobility.transports.callers import Peer
from procall_mobility.transports.link import StreamLink
from procall_mobility.transports.link_driver import LinkServices
from procall_mobility.transports.pump import Household
from tests.gateway.fakes import PASSWORD, House

REGISTRATION = {
    "iVersion": 70,
    "u8sServerID": "acme",
    "u8sServerPassword": PASSWORD,
    "u8sServerName": "uc.acme.example",
    "u8sVersion": "8.4",
}


class Wire(StringTransport):
    aborted = False

    def abortConnection(self) -> None:
        self.aborted = True


class Line:
    """One link; the house's time is its clock's."""

    def __init__(self, starttls: StartTls = StartTls.OVER_TLS, house: House | None = None) -> None:
        self.house = house or House()
        self.clock = Clock()
        self.start = self.house.now
        services = LinkServices(
            gateway=self.house.gateway,
            rules=LinkRules(),
            household=Household(reactor=self.clock, now=lambda: self.house.now),
        )
        peer = Peer("198.51.100.9", 4711, secure=True, proxied=False)
        self.link = StreamLink(services, peer, starttls, None)
        self.wire = Wire()
        self.deframer = Deframer(1_000_000)
        self.link.makeConnection(self.wire)

    def says(self, *messages: Message) -> list[Any]:
        for message in messages:
            self.link.dataReceived(
                frame(codec.encode(message, Form.JSON_HEADER), Form.JSON_HEADER)
            )
        return self.heard()

    def heard(self) -> list[Any]:
        payloads = self.deframer.feed(self.wire.value())
        self.wire.clear()
        return [m for payload in payloads for m in codec.decode(payload, Form.JSON_HEADER)]

    def registers(self, **members: Any) -> list[Any]:
        argument = JsonValue.of({**REGISTRATION, **members})
        return self.says(Invoke(1, 0, "asnRegisterServerV2", argument))

    def later(self, seconds: float) -> None:
        self.house.now += seconds
        self.clock.advance(seconds)
        self.house.gateway.wake(self.house.now)

    def breaks(self) -> None:
        self.link.connectionLost(Failure(ConnectionDone()))
