"""TLS towards a provider: who is at the other end, what is agreed, and how it ends."""

import pytest
from attrs import define, field
from cryptography import x509
from OpenSSL import SSL
from twisted.internet.task import Clock

from procall_mobility.protocols.push.exchange import Result
from procall_mobility.transports.certificate_files import KeyPair
from procall_mobility.transports.http2.attempts import Origin
from procall_mobility.transports.http2.client_tls import ClientTls, TlsEndpoint
from procall_mobility.transports.http2.retrying import RetryRules
from procall_mobility.transports.http2.rules import ClientRules
from procall_mobility.transports.http2_client import Http2Client
from procall_mobility.transports.pump import Household
from tests.transports.conftest import Wire
from tests.transports.http2.provider import Provider, push
from tests.transports.http2.stage import RULES, CountingWire, Network
from tests.transports.http2.tls import Authority, TlsServer
from tests.transports.http2.tls_dialogue import converse

NAME = "push.example"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@define(eq=False)
class Call:
    """One connection of a client that wants one, over TLS."""

    trusted: Authority | list[x509.Certificate] | None
    host: str = NAME
    pair: KeyPair | None = None
    clock: Clock = field(factory=Clock)
    network: Network = field(factory=Network)
    wires: list[Wire] = field(factory=list)
    results: list[Result] = field(factory=list)
    client: Http2Client = field(init=False)

    def __attrs_post_init__(self) -> None:
        trusted = self.trusted
        authorities = [trusted.certificate] if isinstance(trusted, Authority) else trusted
        tls = ClientTls(self.host, authorities=authorities, pair=self.pair)
        self.client = Http2Client(
            Origin(authority=self.host, endpoint=TlsEndpoint(self.network, tls)),
            Household(reactor=self.clock, now=self.clock.seconds),
            lambda: 1.0,
            ClientRules(warm=1, retry=RetryRules(), connection=RULES),
            lambda: None,
        )
        self.client.start()

    def answer(self, pair: KeyPair, **server: object) -> TlsServer:
        """Answer the call, and do the handshake."""
        factory, attempt = self.network.waiting.pop(0)
        layer = factory.buildProtocol(None)
        wire: Wire = CountingWire()
        self.wires.append(wire)
        wire.connect(layer)
        attempt.callback(layer)
        tls = TlsServer(wire, pair, **server)
        tls.shake_hands()
        return tls


@pytest.mark.parametrize("host", [NAME, "192.0.2.1", "2001:db8::1"])
def test_requests_go_to_whom_the_certificate_names(authority: Authority, host: str) -> None:
    call = Call(authority, host)
    tls = call.answer(authority.issue(host))
    provider = Provider()
    converse(tls, provider)
    assert call.client.capacity == 100
    call.client.request(push(1), call.results.append, 30.0)
    call.clock.advance(0)
    converse(tls, provider)
    assert [result.status for result in call.results] == [200]
    assert "no delay" in tls.wire.options


def test_names_are_said_and_addresses_are_not(authority: Authority) -> None:
    """RFC 6066 section 3."""
    assert Call(authority).answer(authority.issue(NAME)).server_name == NAME.encode()
    assert Call(authority, "192.0.2.1").answer(authority.issue("192.0.2.1")).server_name is None


@pytest.mark.parametrize("host", [NAME, "192.0.2.1"])
def test_another_hosts_certificate_gets_no_octet(authority: Authority, host: str) -> None:
    """The chain is good: many hosts have a certificate of the same authority."""
    call = Call(authority, host)
    tls = call.answer(authority.issue("elsewhere.example", "192.0.2.99"))
    assert tls.wire.aborted
    assert tls.hears() == b"" and tls.wire.producer is None
    tls.wire.goes()
    assert call.client.trouble == "the certificate is another host's"
    assert call.client.capacity == 0


@pytest.mark.parametrize("trusted", ["others", "the system's"])
def test_an_unknown_authoritys_certificate_is_not_trusted(trusted: str) -> None:
    authority = Authority("Unknown")
    others = [Authority().certificate] if trusted == "others" else None
    call = Call(others)
    with pytest.raises(SSL.Error, match="unknown ca"):
        call.answer(authority.issue(NAME))
    (wire,) = call.wires
    assert wire.disconnecting
    wire.goes()
    assert call.client.trouble == "the TLS handshake failed: certificate verify failed"


def test_who_does_not_speak_http2_is_left(authority: Authority) -> None:
    """RFC 9113 section 3.2: by ALPN, and not at all without."""
    call = Call(authority)
    tls = call.answer(authority.issue(NAME), alpn=None)
    assert tls.wire.aborted
    tls.wire.goes()
    assert call.client.trouble == "the provider does not speak HTTP/2"


def test_our_certificate_is_shown_to_who_asks(authority: Authority) -> None:
    ours = authority.issue("ours.example")
    call = Call(authority, pair=ours)
    tls = call.answer(authority.issue(NAME), wants_certificate=authority)
    shown = tls.connection.get_peer_certificate().to_cryptography()
    assert shown == ours.chain[0]


def test_tls_ends_although_a_producer_was_registered(authority: Authority) -> None:
    """The peer's own end is not waited for (RFC 8446 section 6.1)."""
    call = Call(authority)
    tls = call.answer(authority.issue(NAME))
    provider = Provider()
    converse(tls, provider)
    stopped: list[None] = []
    call.client.stop(5.0).addCallback(stopped.append)
    assert tls.wire.disconnecting and not tls.wire.aborted
    provider.hears(tls.hears())
    assert provider.goaway_code == 0
    assert tls.connection.get_shutdown() & SSL.RECEIVED_SHUTDOWN
    tls.wire.goes()
    assert stopped == [None]


def test_whom_the_system_trusts_is_read_once_for_all_hosts() -> None:
    """It takes a megabyte, and strangers' push services may be a thousand hosts."""
    one, other = (
        ClientTls(host, authorities=None, pair=None) for host in ("a.example", "b.example")
    )
    assert one._context is other._context
