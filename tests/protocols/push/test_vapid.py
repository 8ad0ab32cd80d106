"""VAPID: what RFC 8292 says, and what Apple's push service wants beyond it."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.credentials import CredentialError
from procall_mobility.protocols.push.self_signed import FRESH
from procall_mobility.protocols.push.vapid import (
    LIFETIME,
    REUSED,
    Vapid,
    check_subject,
    is_subject,
    vapid_key,
)
from procall_mobility.protocols.push.web_push_encryption import public_key
from tests.protocols.push.pushes import UNIX, ec_key, parts, pem, rsa_key
from tests.protocols.push.web_push_vectors import (
    AS_PRIVATE,
    VAPID_KEY,
    VAPID_TOKEN,
    octets,
    private,
)

SUBJECT = "mailto:push@example.com"
ORIGIN, OTHER = "https://push.example.net", "https://fcm.googleapis.com"


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def vapid() -> Vapid:
    return Vapid(ec_key(), SUBJECT)


def verify(field: str) -> tuple[dict[str, object], dict[str, object]]:
    """Check a field as a push service does, and return header and claims of its token."""
    scheme, said = field.split(" ", 1)
    assert scheme == "vapid"
    token, key = (part.split("=", 1)[1] for part in said.split(","))
    header, claims, signature, signed = parts(token)
    assert len(signature) == 64
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    point = public_key(octets(key))
    point.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    return header, claims


def test_a_push_service_can_verify_the_field() -> None:
    """Sections 2 and 3."""
    header, claims = verify(vapid().authorization(ORIGIN, UNIX))
    assert header == {"alg": "ES256", "typ": "JWT"}
    assert claims == {"aud": ORIGIN, "exp": int(UNIX) + LIFETIME, "sub": SUBJECT}


def test_the_example_of_the_rfc_is_of_the_same_form() -> None:
    """Section 2.4: what verifies ours verifies it, and what is changed in it is found out."""
    header, claims = verify(f"vapid t={VAPID_TOKEN},k={VAPID_KEY}")
    ours, _ = verify(vapid().authorization(ORIGIN, UNIX))
    assert header == ours
    assert claims.keys() == {"aud", "exp", "sub"}
    with pytest.raises(InvalidSignature):
        verify(f"vapid t={VAPID_TOKEN},k={vapid().public_key}")


def test_a_token_is_never_good_for_more_than_a_day() -> None:
    """Section 2; while it is used, six hours of error of our clock do no harm at either end."""
    ours = vapid()
    for later in (0.0, 1.0, REUSED - 1, REUSED, REUSED * 2.5):
        _, claims = verify(ours.authorization(ORIGIN, UNIX + later))
        left = int(str(claims["exp"])) - (UNIX + later)
        assert 6 * 3600 <= left <= 24 * 3600 - 6 * 3600


def test_a_token_is_signed_once_for_an_origin_and_half_a_day() -> None:
    """Section 4.1 lets push services remember it."""
    ours = vapid()
    field = ours.authorization(ORIGIN, UNIX)
    assert ours.authorization(ORIGIN, UNIX + REUSED - 1) is field
    assert ours.authorization(OTHER, UNIX) != field
    assert ours.authorization(ORIGIN, UNIX + REUSED) != field


def test_a_refused_field_is_signed_anew_once() -> None:
    ours = vapid()
    field = ours.authorization(ORIGIN, UNIX)
    assert not ours.refused(ORIGIN, field, UNIX + FRESH - 1)
    assert ours.refused(ORIGIN, field, UNIX + FRESH)
    again = ours.authorization(ORIGIN, UNIX + FRESH)
    assert again != field
    assert not ours.refused(ORIGIN, again, UNIX + FRESH)


@pytest.mark.parametrize(
    "subject",
    [
        "mailto:push@example.com", "mailto:ops+push@mail.example.co.uk", "https://example.com",
        "https://example.com/", "https://push.example.com:8443/contact?x=1#y",
        "https://myhost.tailscale.ts.net", "https://example.com/".ljust(254, "x"),
    ],
)  # fmt: skip
def test_a_subject_says_where_its_operator_is_reached(subject: str) -> None:
    """Section 2.1."""
    check_subject(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "", "push@example.com", "mailto:", "mailto:push", "mailto:@example.com", "mailto: a@b.com",
        "mailto:a@b.com,c@d.com", "mailto:a b@example.com", "mailto:a@b.com\n", "MAILTO:a@b.com",
        "http://example.com", "https://", "https:// example.com", "https://user@example.com/",
        "ftp://example.com", "tel:+4930123", "mailto:a@example.com?subject=x",
        # Apple's service answers these with 403 BadJwtToken.
        "mailto:x@localhost", "https://localhost:8080", "mailto:relay@herdr.local",
        "mailto:security@gateway.invalid", "mailto:a@127.0.0.1", "https://192.168.1.1/", "https://[::1]/",
        "mailto:a@intranet", "https://push.internal", "mailto:" + "a" * 240 + "@example.com",
        "https://example.com/".ljust(255, "x"),
    ],
)  # fmt: skip
def test_a_subject_nobody_is_reached_at_is_refused_at_once(subject: str) -> None:
    """Else pushes would come through everywhere but at Apple's devices."""
    with pytest.raises(CredentialError, match="subject"):
        check_subject(subject)
    with pytest.raises(CredentialError):
        Vapid(ec_key(), subject)


@given(st.text(max_size=80))
def test_any_text_is_a_subject_or_none(subject: str) -> None:
    for text in (subject, f"mailto:{subject}", f"https://{subject}"):
        try:
            check_subject(text)
        except CredentialError as error:
            assert error.__context__ is None


def raw(key: ec.EllipticCurvePrivateKey) -> bytes:
    return base64.urlsafe_b64encode(key.private_numbers().private_value.to_bytes(32))


@pytest.mark.parametrize(
    "file",
    [
        pem(ec_key()),
        raw(ec_key()),
        raw(ec_key()).rstrip(b"=") + b"\n",
        base64.b64encode(ec_key().private_numbers().private_value.to_bytes(32)),
    ],
    ids=["PEM", "base64url", "without padding", "base64"],
)
def test_a_key_is_read_as_openssl_and_web_push_libraries_write_it(file: bytes) -> None:
    assert Vapid(vapid_key(file), SUBJECT).public_key == vapid().public_key


@pytest.mark.parametrize("number", [1, ORDER - 1])
def test_the_least_and_the_largest_key_are_keys(number: int) -> None:
    file = base64.b64encode(number.to_bytes(32))
    assert vapid_key(file).private_numbers().private_value == number


def test_a_key_is_known_by_what_applications_subscribe_with() -> None:
    """65 octets without padding (section 3.2)."""
    ours = Vapid(vapid_key(AS_PRIVATE.encode()), SUBJECT)
    assert octets(ours.public_key)[0] == 4 and len(octets(ours.public_key)) == 65
    assert public_key(octets(ours.public_key)) == private(AS_PRIVATE).public_key()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "PEM"),
        (AS_PRIVATE.encode()[:-2], "PEM"),
        (b"A" * 43, "no number of P-256"),
        (b"_" * 42 + b"8", "no number of P-256"),
        (base64.b64encode(ORDER.to_bytes(32)), "no number of P-256"),
        (pem(ec_key())[:80], "private key"),
        (pem(rsa_key()), "P-256"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
    ],
    ids=lambda each: "octets" if isinstance(each, bytes) else None,
)
def test_what_is_no_key_is_told_and_not_shown(file: bytes, why: str) -> None:
    with pytest.raises(CredentialError, match=why) as caught:
        vapid_key(file)
    assert caught.value.__context__ is None


@given(st.binary(max_size=100) | st.binary(min_size=32, max_size=32).map(base64.b64encode))
def test_any_octets_are_a_key_or_none(file: bytes) -> None:
    try:
        vapid_key(file)
    except CredentialError as error:
        assert error.__context__ is None


def test_a_key_is_not_shown() -> None:
    assert repr(vapid()).count("0x") == 1


def test_whether_a_subject_will_do_can_be_asked() -> None:
    assert is_subject("mailto:push@example.com")
    assert not is_subject("mailto:push@localhost")
