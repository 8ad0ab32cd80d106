"""Client certificates of Apple's: what they are for, and what is wrong with some."""

import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509 import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.apple_certificates import (
    PRODUCTION,
    SANDBOX,
    _strings,
    apple_certificate,
    is_certificate,
)
from procall_mobility.protocols.push.credentials import LARGEST_FILE, CredentialError
from tests.protocols.push.certificates import (
    BUNDLE,
    START,
    certificate,
    pem,
    pkcs12,
    topics_extension,
)

BOTH = certificate()


def test_a_certificate_says_for_what_it_is() -> None:
    for octets in (pem(*BOTH), pkcs12(*BOTH)):
        found = apple_certificate(octets)
        assert found.topics == {BUNDLE, f"{BUNDLE}.voip"}
        assert (found.is_for_production, found.is_for_sandbox) == (True, True)
        assert found.chain == (BOTH[0],)
        assert found.expires == START + datetime.timedelta(days=365)


def test_a_certificate_is_for_production_or_the_sandbox_or_both() -> None:
    kinds = {}
    for name, told in (("production", [PRODUCTION]), ("sandbox", [SANDBOX]), ("old", [])):
        found = apple_certificate(pem(*certificate(environments=told)))
        kinds[name] = (found.is_for_production, found.is_for_sandbox)
    assert kinds == {"production": (True, False), "sandbox": (False, True), "old": (True, True)}


def test_an_old_certificate_is_for_the_bundle_in_its_user_id() -> None:
    assert apple_certificate(pem(*certificate(topics=None))).topics == {BUNDLE, f"{BUNDLE}.voip"}
    assert apple_certificate(pem(*certificate(topics=None, user_id=None))).topics == set()


def test_the_own_certificate_comes_first_wherever_it_stands() -> None:
    other, _ = certificate()
    found = apple_certificate(other.public_bytes(Encoding.PEM) + pem(*BOTH))
    assert found.chain == (BOTH[0], other)


def test_keys_of_both_kinds_are_taken() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert apple_certificate(pem(*certificate(key=key))).key.key_size == 2048


def test_a_certificate_is_told_from_a_signing_key() -> None:
    secret = BOTH[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert is_certificate(pem(*BOTH))
    assert is_certificate(pkcs12(*BOTH))
    assert not is_certificate(secret)
    assert not is_certificate(b"")


def wrong() -> list[tuple[bytes, str]]:
    alone = BOTH[0].public_bytes(Encoding.PEM)
    whole = pem(*BOTH)
    damaged = whole.replace(whole[40:60], b"A" * 20, 1)
    ed = ed25519.Ed25519PrivateKey.generate()
    secret = ed.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return [
        (alone, "no private key"),
        (damaged, "certificate is damaged"),
        (b"x" * (LARGEST_FILE + 1), "larger"),
        (alone + secret, "neither RSA nor"),
        (pem(BOTH[0], certificate()[1]), "another certificate's"),
        (pkcs12(*BOTH, b"secret"), "has a password"),
        (pkcs12(None, BOTH[1]), "is missing"),
        (b"\x30\x03abc", "no PKCS #12"),
    ]


@pytest.mark.parametrize(("octets", "why"), wrong())
def test_what_is_wrong_is_told(octets: bytes, why: str) -> None:
    with pytest.raises(CredentialError, match=why) as caught:
        apple_certificate(octets)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("topics", "found"),
    [
        (topics_extension(*("x" * 90, "y" * 90)), {"x" * 90, "y" * 90}),
        (topics_extension(BUNDLE)[:-1], set()),
        (b"", set()),
        (b"\x0c\x01a", set()),
        (b"\x30\x05\x0c\x01a\x0c\x09", {"a"}),
    ],
)
def test_topics_are_read_as_far_as_they_are_whole(topics: bytes, found: set[str]) -> None:
    assert apple_certificate(pem(*certificate(topics=topics))).topics == found


@given(st.binary(max_size=60))
def test_any_extension_is_read_without_fault(der: bytes) -> None:
    assert all(isinstance(each, str) for each in _strings(der))


def test_extensions_that_cannot_be_read_say_nothing() -> None:
    """One that everybody knows, with a content that it cannot have."""
    basic_constraints = ObjectIdentifier("2.5.29.19")
    found = apple_certificate(pem(*certificate(environments=[basic_constraints, SANDBOX])))
    assert (found.is_for_production, found.topics) == (True, {BUNDLE, f"{BUNDLE}.voip"})
