"""A peer that is told goodbye does not have to answer."""

from procall_mobility.transports.certificates import Certificate
from tests.transports.conftest import TlsClient
from tests.transports.house import House


def test_a_peer_that_does_not_answer_the_end_of_tls_gives_its_place_back(
    certificate: Certificate,
) -> None:
    """RFC 8446 section 6.1: nobody has to wait for the other side's close_notify."""
    house = House(certificate)
    wire = house.call()
    client = TlsClient(wire).shake_hands()
    client.says(b"{")
    (inner,) = house.built
    inner.transport.write(b"bye")
    inner.transport.loseConnection()
    assert wire.disconnecting
    assert client.hears() == b"{bye"
    wire.goes()
    assert inner.lost == 1
    assert house.is_quiet()
