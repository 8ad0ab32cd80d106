"""Hellos of strangers are answered by less than they are, and leave nothing behind."""

import resource
import tracemalloc
from pathlib import Path

import pytest
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol

from procall_mobility.transports.certificates import Certificate
from procall_mobility.transports.turn.dtls_context import Reception
from procall_mobility.transports.turn.dtls_cookies import Cookies
from tests.transports.conftest import TODAY, TlsClient, Wire, issue
from tests.transports.turn.dtls_records import HELLO, fragment, record
from tests.transports.turn.dtls_stage import dtls_stage

CLIENT = ("192.0.2.7", 40_000)


@pytest.fixture
def reception(certificate: Certificate) -> Reception:
    return Reception(certificate, Cookies(b"k" * 32, lambda: 1000.0))


def test_a_hello_without_a_cookie_is_asked_for_one_with_fewer_octets(
    reception: Reception,
) -> None:
    """D10: HelloVerifyRequest (RFC 6347 section 4.2.1) amplifies nothing."""
    smallest = record(fragment(b"\xfe\xfd" + bytes(32) + b"\0\0"))
    for hello in (record(fragment(HELLO)), smallest):
        answer, connection = reception.hears(hello, CLIENT)
        assert connection is None
        assert answer[0] == 22 and answer[13] == 3
        assert len(answer) <= len(hello)


@pytest.mark.parametrize(
    "datagram",
    [
        b"\x16",
        b"\x16" * 16_397,
        record(fragment(HELLO))[:-1],
        record(fragment(HELLO[:20], length=len(HELLO))),
        record(fragment(HELLO[20:], length=len(HELLO), offset=20)),
        record(fragment(HELLO, kind=2)),
        record(fragment(HELLO), epoch=1),
        record(b"\1\0", kind=21),
    ],
    ids=["octet", "large", "cut off", "first", "second", "other", "enciphered", "alert"],
)
def test_what_is_no_hello_is_not_answered_and_disturbs_nobody(
    reception: Reception, datagram: bytes
) -> None:
    """D10: the next hello is answered as if nothing had been before, a fragment least of all."""
    fresh = reception.hears(record(fragment(HELLO)), CLIENT)
    assert reception.hears(datagram, CLIENT) == (b"", None)
    assert reception.hears(record(fragment(HELLO)), CLIENT) == fresh


def test_a_bad_hello_does_not_end_tls_connections(
    reception: Reception, certificate: Certificate
) -> None:
    """They share OpenSSL's queue of errors, in which the hello leaves one."""
    layer = TLSMemoryBIOProtocol(
        TLSMemoryBIOFactory(certificate, False, Factory(), Clock()), Protocol()
    )
    TlsClient(Wire().connect(layer)).shake_hands()
    reception.hears(record(fragment(HELLO))[:-1], CLIENT)
    with pytest.raises(SSL.WantReadError):
        layer._tlsConnection.recv(100)


def test_a_flood_of_hellos_costs_no_memory(reception: Reception) -> None:
    """B4, D10: neither Python's nor OpenSSL's, after the first few."""
    datagrams = [
        record(fragment(HELLO)),
        record(fragment(HELLO, length=650_000)),
        b"\x16" * 1200,
    ]

    def flood(times: int) -> None:
        for number in range(times):
            reception.hears(datagrams[number % 3], ("192.0.2.7", number % 60_000 + 1))

    flood(300)
    tracemalloc.start()
    before = tracemalloc.take_snapshot(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood(6000)
    after = tracemalloc.take_snapshot(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.stop()
    grown = sum(each.size_diff for each in after[0].compare_to(before[0], "filename"))
    assert grown < 20_000
    # KiB, with the measuring itself: 6000 times 650,000 octets would be 4 GB.
    assert after[1] - before[1] < 20_000


def test_a_renewed_certificate_is_for_new_clients(tmp_path: Path) -> None:
    """Certificates are read again without dropping a connection, as with TLS."""
    files = issue(tmp_path, "one.example.test")
    certificate = Certificate(files.chain, files.key, TODAY.timestamp)
    with dtls_stage(certificate) as stage:
        old = stage.client().shakes_hands()
        issue(tmp_path, "two.example.test")
        certificate.reload()
        new = stage.client().shakes_hands()
        assert [name_of(old), name_of(new)] == ["one.example.test", "two.example.test"]
        old.says(b"\x16\0\0\0")
        assert stage.counters["not-stun"] == 1


def name_of(client: TlsClient) -> str:
    subject = client.connection.get_peer_certificate(as_cryptography=True).subject
    return subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        ((b"stun.turn",), b"stun.turn"),
        ((b"h3", b"stun.nat-discovery"), b"stun.nat-discovery"),
        ((b"h3",), b""),
        ((), b""),
    ],
)
def test_alpn_is_that_of_stun(
    certificate: Certificate, offered: tuple[bytes, ...], agreed: bytes
) -> None:
    """RFC 7443; whoever names none, or none of ours, is served all the same."""
    with dtls_stage(certificate) as stage:
        client = stage.client(alpn=offered).shakes_hands()
        assert client.connection.get_alpn_proto_negotiated() == agreed
        assert client.connection.get_protocol_version_name() == "DTLSv1.2"
        assert client.connection.get_cipher_name().startswith("ECDHE-ECDSA-AES")
