"""HTTP/2 where a push service speaks it, and HTTP/1.1 where it does not."""

import pytest
from attrs import define, field
from twisted.internet.task import Clock

from procall_mobility.protocols.push.exchange import Answer, NoAnswer, Result
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import H2, HTTP1, ClientTls, TlsEndpoint
from procall_mobility.transports.negotiating_client import RULES, NegotiatingClient
from procall_mobility.transports.pump import Household
from tests.transports.conftest import Wire
from tests.transports.http1.stage import OK, Network, push
from tests.transports.http2.provider import Provider
from tests.transports.http2.tls import Authority, TlsServer
from tests.transports.http2.tls_dialogue import converse

NAME = "push.example"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@define(eq=False)
class Call:
    """A client that wants connections, and the servers at their other ends."""

    authority: Authority
    clock: Clock = field(factory=Clock)
    network: Network = field(factory=Network)
    results: list[Result] = field(factory=list)
    client: NegotiatingClient = field(init=False)

    def __attrs_post_init__(self) -> None:
        tls = ClientTls(
            NAME, authorities=[self.authority.certificate], pair=None, protocols=(H2, HTTP1)
        )
        self.client = NegotiatingClient(
            Origin(authority=NAME, endpoint=TlsEndpoint(self.network, tls)),
            Household(reactor=self.clock, now=self.clock.seconds),
            lambda: 1.0,
            RULES,
            lambda: None,
        )
        self.client.start()

    def answer(self, alpn: bytes | None, name: str = NAME) -> TlsServer:
        server = TlsServer(self.network.succeed(), self.authority.issue(name), alpn=alpn)
        server.shake_hands()
        return server

    def asks(self) -> None:
        self.client.request(push(), self.results.append, 30.0)
        self.clock.advance(0)

    @property
    def wire(self) -> Wire:
        return self.network.wires[-1]


def test_http2_is_spoken_where_it_is_agreed_on(authority: Authority) -> None:
    call, provider = Call(authority), Provider()
    server = call.answer(H2)
    converse(server, provider)
    assert call.client.streams == 100
    call.asks()
    converse(server, provider)
    assert [each.status for each in call.results if isinstance(each, Answer)] == [200]


@pytest.mark.parametrize("alpn", [HTTP1, None])
def test_http1_is_spoken_to_all_others(authority: Authority, alpn: bytes | None) -> None:
    call = Call(authority)
    server = call.answer(alpn)
    assert (call.client.streams, call.client.capacity) == (1, 1)
    call.asks()
    assert server.hears().startswith(b"POST /?token=0 HTTP/1.1\r\n")
    server.says(OK)
    assert [each.status for each in call.results if isinstance(each, Answer)] == [200]
    assert call.client.capacity == 1


def test_both_are_offered_and_the_better_one_first(authority: Authority) -> None:
    assert Call(authority).answer(H2).offered == [H2, HTTP1]


def test_under_load_there_are_more_connections_of_http1(authority: Authority) -> None:
    call = Call(authority)
    call.answer(HTTP1)
    call.asks()
    call.answer(HTTP1)
    assert (call.client.streams, call.client.capacity) == (2, 1)


def test_an_impostor_is_told_nothing(authority: Authority) -> None:
    call = Call(authority)
    server = call.answer(H2, "elsewhere.example")
    assert call.client.streams == 0
    call.wire.goes()
    assert call.client.trouble == "the certificate is another host's"
    assert server.hears() == b""


def test_who_does_not_finish_the_handshake_is_left(authority: Authority) -> None:
    call = Call(authority)
    wire = call.network.succeed()
    call.clock.advance(RULES.connection.open_within)
    assert wire.aborted
    wire.goes()
    assert call.client.trouble == "the connection was not open in time"


def test_a_connection_that_is_lost_in_the_handshake_is_made_again(authority: Authority) -> None:
    call = Call(authority)
    call.network.succeed().goes()
    assert call.client.trouble == "TLS was not agreed on"
    call.clock.advance(60.0)
    assert len(call.network.waiting) == 1


@pytest.mark.parametrize("alpn", [H2, HTTP1])
def test_what_is_lost_is_told_and_replaced(authority: Authority, alpn: bytes) -> None:
    call = Call(authority)
    server = call.answer(alpn)
    if alpn == H2:
        converse(server, Provider())
    call.asks()
    server.hears()
    call.wire.goes()
    assert [type(each) for each in call.results] == [NoAnswer]
    call.clock.advance(60.0)
    assert len(call.network.waiting) == 1


@pytest.mark.parametrize("alpn", [H2, HTTP1, None])
def test_a_stop_ends_what_is_there_and_what_is_coming(
    authority: Authority, alpn: bytes | None
) -> None:
    call = Call(authority)
    if alpn is None:
        call.network.succeed()
    else:
        server = call.answer(alpn)
        if alpn == H2:
            converse(server, Provider())
    stopped = call.client.stop(5.0)
    assert call.wire.aborted or call.wire.disconnecting
    call.wire.goes()
    assert stopped.called
    assert call.clock.getDelayedCalls() == []


def test_an_http1_server_that_ends_the_connection_is_called_again(authority: Authority) -> None:
    call = Call(authority)
    server = call.answer(HTTP1)
    call.asks()
    server.hears()
    server.says(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert isinstance(call.results[0], Answer)
    assert call.network.waiting
