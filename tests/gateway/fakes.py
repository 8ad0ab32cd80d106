"""Fakes of the gateway's ports, and a house to play in.  Their likeness to the real ones is shown
in tests/transports and tests/storage."""

import base64
from collections.abc import Callable
from typing import Any

from attrs import define, field

from procall_mobility.gateway.access import AccessEntry
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.gateway import Gateway
from procall_mobility.gateway.ice import IceIssuer, IceServer
from procall_mobility.gateway.own_calls import OwnCalls
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import (
    EVENT_ID,
    Error,
    Invoke,
    JsonValue,
    Message,
    Reject,
    Result,
)
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from procall_mobility.protocols.ucserver.calls import Caller
from procall_mobility.protocols.ucserver.registration import Capability, Refusal, Registration

PASSWORD = "correct horse battery staple"
CLIENT = "203.0.113.57"
PEER = "198.51.100.9"


@define
class FakeCustomers:
    customers: dict[str, Customer]
    waiting: list[Callable[[], None]] = field(factory=list)
    slow: bool = False
    busy: bool = False

    def find(self, key: str) -> Customer | None:
        return next((c for c in self.customers.values() if key in {c.ucsid, *c.aliases}), None)

    def check_password(
        self, ucsid: str, password: str, answer: Callable[[bool | None], None]
    ) -> None:
        if self.busy:
            answer(None)
            return

        def compare() -> None:
            answer(ucsid in self.customers and password == PASSWORD)

        if self.slow:
            self.waiting.append(compare)
        else:
            compare()


@define
class FakeBook:
    entries: list[AccessEntry] = field(factory=list)

    def write(self, entry: AccessEntry) -> None:
        self.entries.append(entry)

    def said(self) -> list[str]:
        return [f"{e.event}: {e.reason}" if e.reason else str(e.event) for e in self.entries]


@define(eq=False)
class FakeLinkWire:
    """A customer's server as far as the gateway sees it; answers when the test says so."""

    heard: float = 0.0
    speaks_ber: bool = False
    alive: bool = True
    deaf: bool = False
    accepted: tuple[Capability, ...] | None = None
    refusal: tuple[Refusal, str, str] | None = None
    redirected: tuple[str, ...] | None = None
    closed: Reason | None = None
    aborted: bool = False
    probes: int = 0
    calls: list[tuple[Invoke, Caller]] = field(factory=list)
    told: list[Invoke] = field(factory=list)
    answers: list[Message] = field(factory=list)

    def accept(self, capabilities: tuple[Capability, ...]) -> bool:
        if self.alive:
            self.accepted = capabilities
        return self.alive

    def redirect(self, addresses: tuple[str, ...]) -> None:
        self.redirected = addresses

    def refuse(self, refusal: Refusal, text: str, reason: str) -> None:
        self.refusal = (refusal, text, reason)

    def call(self, invoke: Invoke, caller: Caller) -> bool:
        if not self.deaf:
            self.calls.append((invoke, caller))
        return not self.deaf

    def tell(self, invoke: Invoke) -> bool:
        if not self.deaf:
            self.told.append(invoke)
        return not self.deaf

    def answer(self, answer: Result | Error | Reject, operation: str | None) -> None:
        self.answers.append(answer)

    def probe(self) -> None:
        self.probes += 1

    def close(self, reason: Reason) -> None:
        self.closed = reason

    def abort(self) -> None:
        self.aborted = True

    # What the server does in a play -------------------------------------------------------

    def asked(self, operation: str) -> Invoke:
        """The last call, which has to be of this operation."""
        invoke, _ = self.calls[-1]
        assert invoke.operation_name == operation, invoke
        return invoke

    def answers_with(self, now: float, value: Any = None, *, at: int = -1) -> None:
        invoke, caller = self.calls.pop(at)
        payload = None if value is None else JsonValue.of(value)
        caller.answered(invoke.operation_name, Result(1, payload), now)

    def errs_with(self, now: float, value: Any) -> None:
        invoke, caller = self.calls.pop()
        caller.answered(invoke.operation_name, Error(1, JsonValue.of(value)), now)

    def rejects(self, now: float, reject: Reject) -> None:
        invoke, caller = self.calls.pop()
        caller.answered(invoke.operation_name, reject, now)


@define(eq=False)
class FakeClientWire:
    sent: list[Message] = field(factory=list)
    operations: list[str | None] = field(factory=list)
    closed: tuple[int, str] | None = None
    held: bool = False

    def send(self, message: Message, operation: str | None) -> None:
        self.sent.append(message)
        self.operations.append(operation)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, str(reason))

    def hold(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False


class House:
    """A gateway with one customer, `acme`, and what a play needs."""

    def __init__(self, *customers: Customer, **rules: Any) -> None:
        known = customers or (Customer(ucsid="acme", aliases=frozenset({"acme.example"})),)
        self.now = 100.0
        self.customers = FakeCustomers({c.ucsid: c for c in known})
        self.book = FakeBook()
        self.sooner = 0
        self.own = OwnCalls()
        self.gateway = Gateway(
            self.customers,
            self.book,
            GatewayRules(**rules),
            ClientAssumptions(),
            IceIssuer(
                servers=(
                    IceServer(urls=("stun:turn.example.net:3478",)),
                    IceServer(urls=("turn:turn.example.net:3478",), secret=b"shared"),
                    IceServer(urls=("turn:t2.example.net",), username="u", credential="p"),
                ),
                ttl=86_400,
                wall_clock=lambda: 1_795_336_432.0,
            ),
            own=self.own,
            origin=lambda request: f"https://{request.host}",
            version="0.1",
            sooner=self._sooner,
        )

    def _sooner(self) -> None:
        self.sooner += 1

    def later(self, seconds: float) -> None:
        """Let time pass, and ring what is due."""
        self.now += seconds
        self.gateway.wake(self.now)

    def registers(self, wire: FakeLinkWire | None = None, **members: Any) -> FakeLinkWire:
        wire = wire or FakeLinkWire(heard=self.now)
        told = {"ucsid": "acme", "password": PASSWORD, "version": 70, "system_id": "S1"}
        registration = Registration(**{**told, **members})
        self.gateway.link_registering(wire, registration, PEER, lambda: self.now)
        return wire

    def asks(self, method: str, path: str, **members: Any) -> list[HttpAnswer]:
        """Send a request; the answers appear in the list, one at most."""
        answers: list[HttpAnswer] = []
        told: dict[str, Any] = {
            "query": (),
            "headers": (),
            "body": b"",
            "client_address": CLIENT,
            "secure": True,
            "host": "mobility.example.net",
        }
        request = HttpRequest(method, path, **{**told, **members})
        self.gateway.serve(request, answers.append, self.now)
        assert len(answers) <= 1
        return answers

    def logs_in(
        self, wire: FakeLinkWire, session_id: str = "SESSION1", user: str = "alice", **members: Any
    ) -> list[HttpAnswer]:
        answers = self.asks("POST", "/ws/client/createsession", **login(user, **members))
        wire.asked("asnCreateUserSession")
        wire.answers_with(self.now, {"u8sSessionID": session_id, "negotiateresult": {}})
        wire.asked("asnLogon")
        wire.answers_with(
            self.now, {"u8sLoggedInUser": user, "iValidContact": 1, "ownContact": {}}
        )
        return answers

    def session(
        self, wire: FakeLinkWire, session_id: str = "SESSION1"
    ) -> tuple[Session, FakeClientWire]:
        """A logged-on client with its WebSocket."""
        (answer,) = self.logs_in(wire, session_id)
        assert answer.status == 200, answer.body
        client = FakeClientWire()
        session = self.gateway.attach(session_id, client, CLIENT, self.now)
        assert session is not None
        return session, client


def login(user: str = "alice", password: str = "alice", ucsid: str = "acme") -> dict[str, Any]:
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {
        "query": (("clientappid", "15"),),
        "headers": (("x-ucsid", ucsid), ("authorization", f"Basic {token}")),
    }


def event(operation: str, value: Any = None) -> Invoke:
    return Invoke(EVENT_ID, 0, operation, JsonValue.of({} if value is None else value))
