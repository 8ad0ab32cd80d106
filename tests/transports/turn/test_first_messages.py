"""A connection is its octets and nothing else until its first message is whole (checklist D11)."""

import pytest

from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.first_bytes import Language
from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.door import Door
from tests.interop.turn.stun_codec import A, Method, message
from tests.transports.conftest import TlsClient
from tests.transports.house import House

REQUEST = message(Method.ALLOCATE, (A.SOFTWARE, b"a client"))


@pytest.fixture
def house(certificate: Certificate) -> House:
    return House(certificate, plain=(Language.STUN,), per_address=50)


def test_d11_tls_begins_when_the_clients_first_message_is_whole(house: House) -> None:
    """D11: OpenSSL would hold 50 KiB for its first octet."""
    wire = house.call()
    client = TlsClient(wire)
    hello = client.hello()
    for octet in hello[:-1]:
        wire.hears(bytes([octet]))
    assert isinstance(wire.protocol, Door)
    assert wire.value() == b""
    wire.hears(hello[-1:])
    assert not isinstance(wire.protocol, Door)
    client.shake_hands()
    client.says(b"{}")
    assert (house.built[0].language, house.built[0].heard) == (Language.ROSE, b"{}")


def test_d11_a_relay_is_asked_for_when_the_request_is_whole(house: House) -> None:
    """D11: and what came behind the request comes with it."""
    wire = house.call()
    for octet in REQUEST[:-1]:
        wire.hears(bytes([octet]))
    assert house.built == []
    wire.hears(REQUEST[-1:] + b"more")
    (inner,) = house.built
    assert (inner.language, inner.heard) == (Language.STUN, REQUEST + b"more")


@pytest.mark.parametrize("secure", [False, True])
def test_d11_octets_that_drip_are_given_no_more_time(house: House, *, secure: bool) -> None:
    """D11: the deadline is one to the first whole message, not to the first octets."""
    wire = house.call()
    for octet in (TlsClient(wire).hello() if secure else REQUEST)[:9]:
        wire.hears(bytes([octet]))
        house.clock.advance(1.1)
    assert not wire.aborted
    house.clock.advance(0.2)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.is_quiet()


def test_d11_inside_tls_too(house: House) -> None:
    """D11: where ALPN has not told what is spoken."""
    house.factory.services.secure[Language.STUN] = house.factory.services.plain[Language.STUN]
    wire = house.call()
    client = TlsClient(wire).shake_hands()
    client.says(REQUEST[:-1])
    assert house.built == []
    client.says(REQUEST[-1:])
    (inner,) = house.built
    assert (inner.language, inner.heard) == (Language.STUN, REQUEST)


@pytest.mark.parametrize("octets", [b"\x16\x03\x01", REQUEST[:8]], ids=["TLS", "STUN"])
def test_c12_what_is_not_spoken_here_is_refused_at_once(octets: bytes) -> None:
    """C12: its message is not waited for."""
    house = House(None, plain=(Language.HTTP,))
    wire = house.call()
    wire.hears(octets)
    assert wire.aborted
    assert house.reasons() == [Reason.FRAMING]


def test_c3_a_message_larger_than_any_first_one_is_not_waited_for(house: House) -> None:
    """C3: it is up to whoever speaks the language."""
    wire = house.call()
    wire.hears(b"\0\3\xff\xfc" + REQUEST[4:8])
    assert [inner.language for inner in house.built] == [Language.STUN]
    wire = house.call()
    wire.hears(b"\x16\x03\x01\xff\xff" + bytes(20))
    wire.goes()
    assert house.reasons() == [Reason.TLS_FAILED]
