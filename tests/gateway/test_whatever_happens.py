"""Whatever happens in whatever order: requests are answered once, and nothing is left behind."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from procall_mobility.gateway.customers import Customer, Switches
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.sessions import Session
from procall_mobility.protocols.rose.messages import EVENT_ID, Invoke, JsonValue, Reject, Result
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from tests.gateway.fakes import CLIENT, FakeClientWire, FakeLinkWire, House, event, login

SESSIONS = ("S1", "S2", "S3")
CREATED = [{"u8sSessionID": each, "negotiateresult": {}} for each in SESSIONS]
NTLM = {"headers": (("x-ucsid", "acme"), ("authorization", "NTLM AAAA"), ("x-epid", "h"))}
ANSWERS: list[Any] = [
    *CREATED,
    {"u8sLoggedInUser": "alice", "iValidContact": 1, "ownContact": {}},
    {"renegotiation": {"sAuthCredetials": "QUJD"}},
    {},
    None,
    [],
]
ERRORS = [{"iErrorDetail": detail, "sAuthCredetials": "QUJD"} for detail in (101, 105, 110)]
SAID = [
    Invoke(1, 0, "asnX"),
    Invoke(2, 0, "asnCreateUserSession"),
    Invoke(EVENT_ID, 0, "asnLogoff"),
    Invoke(EVENT_ID, 1706, "asnTransportKeepAlive"),
    Result(1, JsonValue("{}")),
    Reject(None),
]


class Life(RuleBasedStateMachine):
    """A gateway among servers and clients that do as they please."""

    def __init__(self) -> None:
        super().__init__()
        customer = Customer(ucsid="acme", switches=Switches(multi_step=True, sessions=2))
        self.house = House(customer, links_per_customer=2, queue_octets=1000)
        self.gateway = self.house.gateway
        self.servers: list[FakeLinkWire] = []
        self.sockets: list[tuple[Session, FakeClientWire]] = []
        self.asked: list[list[HttpAnswer]] = []

    # Servers ------------------------------------------------------------------------------

    @rule(
        system=st.sampled_from(["A", "B", "C"]), password=st.sampled_from([{}, {"password": "?"}])
    )
    def a_server_registers(self, system: str, password: dict[str, str]) -> None:
        self.servers.append(self.house.registers(system_id=system, **password))

    @precondition(lambda self: self.servers)
    @rule(data=st.data())
    def a_server_goes(self, data: st.DataObject) -> None:
        server = self.servers.pop(data.draw(st.integers(0, len(self.servers) - 1)))
        self.gateway.link_lost(server, Reason.PEER_CLOSED, self.house.now)
        server.deaf, server.alive = True, False

    @precondition(lambda self: any(server.calls for server in self.servers))
    @rule(data=st.data(), answer=st.sampled_from([*ANSWERS, *ERRORS, "reject"]))
    def a_server_answers(self, data: st.DataObject, answer: Any) -> None:
        server = data.draw(st.sampled_from([each for each in self.servers if each.calls]))
        if answer == "reject":
            server.rejects(self.house.now, Reject(1))
        elif answer in ERRORS:
            server.errs_with(self.house.now, answer)
        else:
            server.answers_with(self.house.now, answer, at=data.draw(st.sampled_from([0, -1])))

    @precondition(lambda self: self.servers)
    @rule(data=st.data(), session_id=st.sampled_from(SESSIONS), what=st.integers(0, 5))
    def a_server_acts(self, data: st.DataObject, session_id: str, what: int) -> None:
        server, now = data.draw(st.sampled_from(self.servers)), self.house.now
        match what:
            case 0:
                self.gateway.session_ended(server, session_id, now)
            case 1:
                self.gateway.session_invoked(server, session_id, event("asnChatEvent"), now)
            case 2:
                self.gateway.session_invoked(server, session_id, Invoke(7, 0, "asnX"), now)
            case 3:
                self.gateway.link_paused(server, now)
            case 4:
                self.gateway.link_resumed(server, now)
            case _:
                self.gateway.link_invoked(server, Invoke(8, 0, "asnWebGetIceServersV2"), now)

    # Clients ------------------------------------------------------------------------------

    @rule(members=st.sampled_from([login(), NTLM, {"headers": (("x-ucsid", "acme"),)}]))
    def a_client_logs_on(self, members: dict[str, Any]) -> None:
        self.asked.append(self.house.asks("POST", "/ws/client/createsession", **members))

    @rule(session_id=st.sampled_from(SESSIONS), path=st.sampled_from(["asnX", "destroysession"]))
    def a_client_calls_once(self, session_id: str, path: str) -> None:
        headers = {"headers": (("x-ucsessionid", session_id),)}
        self.asked.append(self.house.asks("POST", f"/ws/client/{path}", **headers))

    @rule()
    def a_client_calls_directly(self) -> None:
        self.asked.append(self.house.asks("POST", "/ws/direct/asnX", **login()))

    @rule(session_id=st.sampled_from(SESSIONS))
    def a_client_upgrades(self, session_id: str) -> None:
        wire = FakeClientWire()
        session = self.gateway.attach(session_id, wire, CLIENT, self.house.now)
        if session is not None:
            self.sockets.append((session, wire))

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), what=st.integers(0, 3), said=st.sampled_from(SAID))
    def a_client_acts(self, data: st.DataObject, what: int, said: Any) -> None:
        session, wire = data.draw(st.sampled_from(self.sockets))
        match what:
            case 0:
                self.gateway.client_paused(session, wire)
            case 1:
                self.gateway.client_resumed(session, wire)
            case 2:
                self.sockets.remove((session, wire))
                self.gateway.client_gone(session, wire, self.house.now)
            case _ if wire.closed is None:
                self.gateway.client_says(session, said, self.house.now)

    # Everybody ----------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.5, 5.0, 25.0, 65.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.house.later(seconds)

    @rule(enabled=st.booleans(), credentials=st.booleans())
    def the_operator_changes_the_customer(self, enabled: bool, credentials: bool) -> None:
        customer = Customer(ucsid="acme", enabled=enabled, switches=Switches(multi_step=True))
        self.house.customers.customers["acme"] = customer
        self.gateway.customer_changed("acme", credentials=credentials)

    @invariant()
    def sessions_hang_on_links(self) -> None:
        held = [(link, each) for link in self.gateway.links.all() for each in link.sessions]
        assert len(held) == len(self.gateway.sessions)
        for link, session_id in held:
            session = self.gateway.sessions.find(session_id)
            assert session is not None
            assert session.link is link
            assert 0 <= session.queued <= 1000

    @invariant()
    def nobody_is_answered_twice(self) -> None:
        assert all(len(answers) <= 1 for answers in self.asked)

    def teardown(self) -> None:
        while self.servers:
            server = self.servers.pop()
            self.gateway.link_lost(server, Reason.PEER_CLOSED, self.house.now)
            server.deaf, server.alive = True, False
        for _ in range(3):
            self.house.later(1000.0)
        assert [len(answers) for answers in self.asked] == [1] * len(self.asked)
        assert len(self.gateway.sessions) == 0
        assert self.gateway.links.all() == []
        assert self.gateway.wake_at() is None
        assert not self.gateway.calls._waiting
        assert not self.gateway._log_ons._paused


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
