"""A certificate is replaced without dropping a connection, and never by a worse one."""

import datetime
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x448
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol

from procall_mobility.transports import certificate_files
from procall_mobility.transports.certificates import Certificate, CertificateError
from tests.transports.conftest import TODAY, Files, TlsClient, Wire, issue


def pem(key: object, encryption: object = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return issue(tmp_path, "one.example.test")


@pytest.fixture
def certificate(files: Files) -> Certificate:
    return Certificate(files.chain, files.key, TODAY.timestamp)


def client_of(certificate: Certificate, **how: object) -> TlsClient:
    layer = TLSMemoryBIOProtocol(
        TLSMemoryBIOFactory(certificate, False, Factory(), Clock()), Protocol()
    )
    return TlsClient(Wire().connect(layer), **how)


def name_of(client: TlsClient) -> str:
    return common_name(client.connection.get_peer_certificate(as_cryptography=True))


def common_name(certificate: x509.Certificate) -> str:
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def touch(files: Files, seconds: int) -> None:
    """Make sure that a change is seen however coarse the file system's clock is."""
    for file in (files.chain, files.key):
        os.utime(file, (seconds, seconds))


def test_facts_tell_names_and_the_end_of_validity(certificate: Certificate, files: Files) -> None:
    assert certificate.facts.file == str(files.chain)
    assert certificate.facts.names == ("one.example.test", "127.0.0.1")
    assert certificate.facts.until == TODAY + datetime.timedelta(days=90)


def test_an_old_certificate_has_its_common_name_only(tmp_path: Path) -> None:
    files = issue(tmp_path, "old.example.test", common_name_only=True)
    facts = Certificate(files.chain, files.key, TODAY.timestamp).facts
    assert facts.names == ("old.example.test",)


def test_the_whole_chain_is_sent(files: Files, tmp_path: Path) -> None:
    (tmp_path / "issuer").mkdir()
    issuer = issue(tmp_path / "issuer", "issuer.example.test")
    files.chain.write_bytes(files.chain.read_bytes() + issuer.chain.read_bytes())
    client = client_of(Certificate(files.chain, files.key, TODAY.timestamp)).shake_hands()
    chain = client.connection.get_peer_cert_chain(as_cryptography=True)
    assert [common_name(each) for each in chain] == ["one.example.test", "issuer.example.test"]


@pytest.mark.parametrize(
    ("version", "name"), [(SSL.TLS1_2_VERSION, "TLSv1.2"), (SSL.TLS1_3_VERSION, "TLSv1.3")]
)
def test_tls_1_2_and_1_3_are_spoken(certificate: Certificate, version: int, name: str) -> None:
    client = client_of(certificate, newest=version).shake_hands()
    assert client.connection.get_protocol_version_name() == name
    assert client.connection.get_cipher_name().split("-")[0] in ("ECDHE", "TLS_AES_256_GCM_SHA384")


def test_whoever_offers_stun_is_a_client_of_the_relay(certificate: Certificate) -> None:
    """coturn's clients offer HTTP before it, and speak none."""
    client = client_of(certificate, alpn=[b"http/1.1", b"stun.turn"]).shake_hands()
    assert client.connection.get_alpn_proto_negotiated() == b"stun.turn"


def test_a_new_certificate_is_for_new_connections(certificate: Certificate, files: Files) -> None:
    old = client_of(certificate).shake_hands()
    issue(files.chain.parent, "two.example.test")
    certificate.reload()
    assert certificate.facts.names[0] == "two.example.test"
    assert name_of(client_of(certificate).shake_hands()) == "two.example.test"
    old.says(b"still here")
    assert name_of(old) == "one.example.test"


@pytest.mark.parametrize(
    ("damage", "file", "cure"),
    [
        (lambda files: files.chain.unlink(), "chain", "missing"),
        (lambda files: files.key.unlink(), "key", "missing"),
        (lambda files: (files.key.unlink(), files.key.mkdir()), "key", "let the account"),
        (lambda files: files.chain.write_bytes(b"\x30\x82"), "chain", "BEGIN CERTIFICATE"),
        (lambda files: files.key.write_bytes(b"\x30\x82"), "key", "BEGIN PRIVATE KEY"),
        (lambda files: files.chain.write_bytes(bytes(1 << 21)), "chain", "larger"),
        (
            lambda files: files.key.write_bytes(pem(ec.generate_private_key(ec.SECP256R1()))),
            "key",
            "another certificate",
        ),
        (
            lambda files: files.key.write_bytes(
                pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"x"))
            ),
            "key",
            "password",
        ),
        (
            lambda files: files.key.write_bytes(pem(x448.X448PrivateKey.generate())),
            "key",
            "RSA, ECDSA or Ed25519",
        ),
        (lambda files: issue(files.chain.parent, "x", days=-1), "chain", "expired"),
    ],
)
def test_a_bad_pair_is_refused_with_file_and_cure_and_the_old_one_stays(
    certificate: Certificate, files: Files, damage: Callable[[Files], object], file: str, cure: str
) -> None:
    facts = certificate.facts
    damage(files)
    with pytest.raises(CertificateError, match=cure) as caught:
        certificate.reload()
    assert str(caught.value).startswith(str(getattr(files, file)))
    assert certificate.facts == facts
    assert name_of(client_of(certificate).shake_hands()) == "one.example.test"


def test_the_key_is_never_shown(files: Files) -> None:
    pair = certificate_files.load(files.chain, files.key, TODAY.timestamp())
    assert "key=" not in repr(pair)


def test_changed_files_are_taken_over_once_they_stand_still(
    certificate: Certificate, files: Files
) -> None:
    certificate.reload_if_changed()
    issue(files.chain.parent, "two.example.test")
    touch(files, 1)
    certificate.reload_if_changed()
    assert certificate.facts.names[0] == "one.example.test"
    certificate.reload_if_changed()
    assert certificate.facts.names[0] == "two.example.test"


def test_a_pair_that_is_half_written_is_waited_for(
    certificate: Certificate, files: Files, tmp_path: Path
) -> None:
    """A renewal writes two files; looking between them must not alarm anybody."""
    (tmp_path / "new").mkdir()
    new = issue(tmp_path / "new", "two.example.test")
    told: list[str] = []
    observer = told_to(told)
    try:
        new.chain.replace(files.chain)
        certificate.reload_if_changed()
        new.key.replace(files.key)
        certificate.reload_if_changed()
        assert certificate.facts.names[0] == "one.example.test"
        certificate.reload_if_changed()
        assert certificate.facts.names[0] == "two.example.test"
    finally:
        globalLogPublisher.removeObserver(observer)
    assert told == ["certificate loaded"]


def test_bad_files_are_told_once_and_looked_at_again_when_they_change(
    certificate: Certificate, files: Files
) -> None:
    told: list[str] = []
    observer = told_to(told)
    try:
        files.chain.unlink()
        for _ in range(4):
            certificate.reload_if_changed()
        assert told == ["certificate not loaded"]
        issue(files.chain.parent, "two.example.test")
        for _ in range(4):
            certificate.reload_if_changed()
    finally:
        globalLogPublisher.removeObserver(observer)
    assert told == ["certificate not loaded", "certificate loaded"]
    assert certificate.facts.names[0] == "two.example.test"


def told_to(told: list[str]) -> Callable[[dict[str, object]], None]:
    def observe(event: dict[str, object]) -> None:
        if str(event.get("log_namespace", "")).startswith("procall_mobility.transports.cert"):
            told.append(str(event["log_format"]))

    globalLogPublisher.addObserver(observe)
    return observe


def test_a_weak_certificate_is_refused_with_a_cure(files: Files) -> None:
    """OpenSSL's security level, not ours, forbids keys as short as this."""
    weak = issue(files.chain.parent, "weak", key=rsa.generate_private_key(65537, 1024))
    with pytest.raises(CertificateError, match="too weak"):
        Certificate(weak.chain, weak.key, TODAY.timestamp)


def test_another_pair_of_files_is_read_first_and_shown_later(
    certificate: Certificate, tmp_path: Path
) -> None:
    """A reload that fails elsewhere leaves the certificate that was."""
    (tmp_path / "other").mkdir()
    other = issue(tmp_path / "other", "two.example.test")
    commit = certificate.prepare(other.chain, other.key)
    assert name_of(client_of(certificate).shake_hands()) == "one.example.test"
    commit()
    assert name_of(client_of(certificate).shake_hands()) == "two.example.test"
    assert certificate.facts.file == str(other.chain)
    issue(other.chain.parent, "three.example.test")
    certificate.reload()
    assert name_of(client_of(certificate).shake_hands()) == "three.example.test"


def test_files_that_cannot_be_used_change_nothing(
    certificate: Certificate, files: Files, tmp_path: Path
) -> None:
    with pytest.raises(CertificateError, match="missing"):
        certificate.prepare(tmp_path / "none.pem", files.key)
    certificate.reload()
    assert name_of(client_of(certificate).shake_hands()) == "one.example.test"
