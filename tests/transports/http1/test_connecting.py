"""HTTP/1.1 by TLS: what is agreed, and who is told nothing."""

import pytest
from twisted.internet.task import Clock

from procall_mobility.protocols.push.exchange import Answer, Result
from procall_mobility.transports.http1_pool import RULES, Http1Pool
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import HTTP1, ClientTls, TlsEndpoint
from procall_mobility.transports.pump import Household
from tests.transports.conftest import Wire
from tests.transports.http1.stage import OK, Network, push
from tests.transports.http2.tls import Authority, TlsServer

NAME = "db5.notify.windows.com"


class Call:
    def __init__(self, authority: Authority) -> None:
        self.clock, self.network = Clock(), Network()
        self.results: list[Result] = []
        tls = ClientTls(NAME, authorities=[authority.certificate], pair=None, protocols=(HTTP1,))
        self.pool = Http1Pool(
            Origin(authority=NAME, endpoint=TlsEndpoint(self.network, tls)),
            Household(reactor=self.clock, now=self.clock.seconds),
            lambda: 1.0,
            RULES,
            lambda: None,
        )
        self.pool.start()

    def answer(
        self, authority: Authority, name: str = NAME, alpn: bytes | None = HTTP1
    ) -> TlsServer:
        self.wire: Wire = self.network.succeed()
        server = TlsServer(self.wire, authority.issue(name), alpn=alpn)
        server.shake_hands()
        return server


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize("alpn", [HTTP1, None])
def test_http_1_is_offered_and_may_be_agreed_to(authority: Authority, alpn: bytes | None) -> None:
    call = Call(authority)
    server = call.answer(authority, alpn=alpn)
    assert call.pool.capacity == 1
    call.pool.request(push(), call.results.append, 30.0)
    assert server.hears().startswith(b"POST /?token=0 HTTP/1.1\r\n")
    server.says(OK)
    assert isinstance(call.results[0], Answer)


def test_an_impostor_is_told_nothing(authority: Authority) -> None:
    call = Call(authority)
    server = call.answer(authority, "elsewhere.example")
    assert call.pool.capacity == 0
    call.wire.goes()
    assert "another host's" in (call.pool.trouble or "")
    assert server.hears() == b""


def test_who_does_not_finish_the_handshake_is_left(authority: Authority) -> None:
    call = Call(authority)
    wire = call.network.succeed()
    call.clock.advance(10.0)
    assert wire.aborted


def test_a_stop_cuts_what_is_not_open_yet(authority: Authority) -> None:
    call = Call(authority)
    wire = call.network.succeed()
    stopped = call.pool.stop(5.0)
    assert wire.aborted
    wire.goes()
    assert stopped.called
