"""A house whose clients may name their push tokens, and get their pushes in their sessions."""

from typing import Any

from attrs import define, field

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.push.presence import SessionPresence
from procall_mobility.gateway.push.waiting import device_of
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import Error, Invoke, JsonValue
from tests.gateway.fakes import FakeClientWire, FakeLinkWire, House
from tests.gateway.push.fakes import KEY, push

DEVICE = device_of("acme", "phone", "t", KEY)


@define(eq=False)
class Hall:
    """A house whose sessions may have pushes."""

    home: House = field(factory=lambda: House(Customer(ucsid="acme"), Customer(ucsid="other")))
    presence: SessionPresence = field(init=False)
    came: list[bytes] = field(factory=list)
    answered: list[tuple[str, str, float]] = field(factory=list)
    taken: list[tuple[str, bool]] = field(factory=list)
    server: FakeLinkWire = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.presence = SessionPresence(
            call=self.home.gateway.relay.call_client,
            key=KEY,
            came=lambda device, now: self.came.append(device),
            answered=lambda *told: self.answered.append(told),
        )
        self.presence.offers(self.home.own)
        self.home.gateway.sessions.watch = self.presence
        self.server = self.home.registers()

    def enters(self, session_id: str = "SESSION1", *tokens: str) -> tuple[Session, FakeClientWire]:
        session, wire = self.home.session(self.server, session_id)
        self.names(session, *tokens or ("t",))
        wire.sent.clear()
        return session, wire

    def names(self, session: Session, *tokens: str) -> None:
        self.says(session, tokens=[{"channel": "phone", "token": each} for each in tokens])

    def says(self, session: Session, operation: str = "mobilityPushPresent", **told: Any) -> None:
        invoke = Invoke(5, 0, operation, JsonValue.of(told))
        self.home.gateway.client_says(session, invoke, self.home.now)

    def offers(self, number: int = 1, device: bytes = DEVICE) -> bool:
        made = push(number, token="t")
        return self.presence.offer(
            device, made, lambda taken: self.taken.append((made.id, taken)), self.home.now
        )

    def hears(self, session: Session, answer: Any) -> None:
        self.home.gateway.client_says(session, answer, self.home.now)


def error_of(wire: FakeClientWire) -> tuple[int, str]:
    answer = wire.sent.pop()
    assert isinstance(answer, Error)
    told = answer.error.value()  # type: ignore[union-attr]
    return told["iErrorDetail"], told["u8sErrorString"].partition(":")[0]
