"""Whoever takes too long at the door is cut off, and leaves nothing behind."""

from procall_mobility.gateway.reasons import Reason
from procall_mobility.transports.certificates import Certificate
from tests.transports.conftest import TlsClient
from tests.transports.house import House


def test_silence_is_cut_off(certificate: Certificate) -> None:
    house = House(certificate)
    wire = house.call()
    house.clock.advance(9.9)
    wire.hears(b"OPT")
    assert not wire.aborted
    house.clock.advance(0.2)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.is_quiet()


def test_a_handshake_that_drags_on_is_cut_off(certificate: Certificate) -> None:
    """Its time begins with the client's first message, and further octets prolong nothing."""
    house = House(certificate)
    wire = house.call()
    house.clock.advance(9.0)
    wire.hears(TlsClient(wire).hello())
    for octet in b"\x16\x03\x03\x01\x00" + bytes(9):
        house.clock.advance(1.0)
        wire.hears(bytes([octet]))
    assert not wire.aborted
    house.clock.advance(1.1)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.reasons() == [Reason.SILENT]
    assert house.is_quiet()


def test_silence_after_the_handshake_is_cut_off(certificate: Certificate) -> None:
    house = House(certificate)
    wire = house.call()
    house.clock.advance(9.0)
    TlsClient(wire).shake_hands()
    house.clock.advance(14.9)
    assert not wire.aborted
    house.clock.advance(0.2)
    assert wire.aborted
    assert house.reasons() == [Reason.SILENT]
    wire.goes()
    assert house.is_quiet()
