"""Message encryption for Web Push: the example of RFC 8291 to the octet, and who can read."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push import aes128gcm
from procall_mobility.protocols.push.web_push_encryption import (
    LARGEST,
    LARGEST_CLEAR,
    OVERHEAD,
    Ephemeral,
    UserAgentKeys,
    base64_octets,
    public_key,
    public_octets,
    seal,
    unseal,
)
from tests.protocols.push.web_push_vectors import (
    AS_PRIVATE,
    AS_PUBLIC,
    AUTH,
    MESSAGE,
    SALT,
    SHARED,
    UA_PRIVATE,
    UA_PUBLIC,
    WATERMELON,
    private,
)

KEYS = UserAgentKeys(UA_PUBLIC, AUTH)
EPHEMERAL = Ephemeral(private(AS_PRIVATE), SALT)

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SCALARS = st.integers(1, ORDER - 1).map(lambda n: ec.derive_private_key(n, ec.SECP256R1()))


def test_the_example_of_the_rfc_is_written_to_the_octet() -> None:
    """RFC 8291 section 5."""
    assert seal(WATERMELON, KEYS, EPHEMERAL) == MESSAGE


def test_the_example_of_the_rfc_is_read() -> None:
    """RFC 8291 section 5, as the application does it."""
    assert unseal(MESSAGE, private(UA_PRIVATE), AUTH) == WATERMELON


def test_the_keys_of_the_example_belong_together() -> None:
    """RFC 8291 appendix A."""
    assert public_octets(private(AS_PRIVATE).public_key()) == AS_PUBLIC
    assert public_octets(private(UA_PRIVATE).public_key()) == UA_PUBLIC
    assert private(AS_PRIVATE).exchange(ec.ECDH(), public_key(UA_PUBLIC)) == SHARED


@given(st.binary(max_size=LARGEST_CLEAR), SCALARS, SCALARS, st.binary(min_size=16, max_size=16))
def test_what_is_sealed_is_read_by_its_application_alone(
    clear: bytes,
    ours: ec.EllipticCurvePrivateKey,
    theirs: ec.EllipticCurvePrivateKey,
    octets: bytes,
) -> None:
    keys = UserAgentKeys(public_octets(theirs.public_key()), octets)
    message = seal(clear, keys, Ephemeral(ours, octets))
    assert len(message) == len(clear) + OVERHEAD
    assert unseal(message, theirs, octets) == clear
    with pytest.raises(PeerError):
        unseal(message, theirs, bytes(16) if any(octets) else b"x" * 16)
    with pytest.raises(PeerError):
        unseal(message, ec.derive_private_key(7, ec.SECP256R1()), octets)


def test_the_largest_message_fills_what_push_services_take() -> None:
    """RFC 8030 section 7.2, RFC 8291 section 4: 3993 octets of content."""
    assert LARGEST_CLEAR == 3993
    assert len(seal(bytes(LARGEST_CLEAR), KEYS, EPHEMERAL)) == LARGEST
    with pytest.raises(ValueError, match="3993"):
        seal(bytes(LARGEST_CLEAR + 1), KEYS, EPHEMERAL)


@pytest.mark.parametrize("at", range(len(MESSAGE)))
def test_no_octet_of_a_message_can_be_changed(at: int) -> None:
    """But the record size, as long as the one record there is fits in."""
    changed = bytearray(MESSAGE)
    changed[at] ^= 1
    if at in range(16, 20):
        assert unseal(bytes(changed), private(UA_PRIVATE), AUTH) == WATERMELON
        return
    with pytest.raises(PeerError):
        unseal(bytes(changed), private(UA_PRIVATE), AUTH)


def test_a_message_of_two_records_is_refused() -> None:
    """Section 4: applications need not read it, so that push services see where a message ends."""
    shared = private(AS_PRIVATE).exchange(ec.ECDH(), public_key(UA_PUBLIC))
    info = b"WebPush: info\0" + UA_PUBLIC + AS_PUBLIC
    key = aes128gcm.expand(aes128gcm.extract(AUTH, shared), info, 32)
    for size, is_read in ((len(WATERMELON) + 17, True), (len(WATERMELON) + 16, False)):
        message = aes128gcm.encode(WATERMELON, key, salt=SALT, record_size=size, key_id=AS_PUBLIC)
        if is_read:
            assert unseal(message, private(UA_PRIVATE), AUTH) == WATERMELON
            continue
        with pytest.raises(PeerError, match="one record"):
            unseal(message, private(UA_PRIVATE), AUTH)


OFF_THE_CURVE = UA_PUBLIC[:-1] + bytes((UA_PUBLIC[-1] ^ 1,))
COMPRESSED = bytes((2 + UA_PUBLIC[-1] % 2,)) + UA_PUBLIC[1:33]


@pytest.mark.parametrize(
    "octets", [b"", b"\0", b"\0" * 65, b"\4" + bytes(64), OFF_THE_CURVE, COMPRESSED, UA_PUBLIC[1:]]
)
def test_what_is_no_public_key_is_found_out(octets: bytes) -> None:
    """A point that is not on the curve would give our key away, bit by bit."""
    with pytest.raises(ValueError):
        public_key(octets)
    with pytest.raises(ValueError):
        UserAgentKeys(octets, AUTH)
    forged = MESSAGE[:20] + bytes((len(octets),)) + octets + MESSAGE[86:]
    with pytest.raises(PeerError, match="public key"):
        unseal(forged, private(UA_PRIVATE), AUTH)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("", b""), ("AA", b"\0"), ("AA==", b"\0"), ("-_-_", b"\xfb\xff\xbf"),
        ("+/+/", b"\xfb\xff\xbf"), ("+_-/", b"\xfb\xff\xbf"), ("AAA", b"\0\0"), ("AAA=", b"\0\0"),
        ("A" * 10, bytes(7)), ("A" * 11, bytes(8)),
        ("A", None), ("AAAAA", None), ("A A", None), ("AAAA\n", None), ("====", None),
        ("AA=A", None), ("\u00e4", None), ("A.A", None),
    ],
)  # fmt: skip
def test_base64_is_read_as_anybody_writes_it(text: str, octets: bytes | None) -> None:
    assert base64_octets(text) == octets


def test_secrets_are_not_shown() -> None:
    shown = repr((KEYS, EPHEMERAL))
    assert repr(AUTH) not in shown and repr(SALT) not in shown and "0x" not in shown


@given(st.binary(max_size=300))
def test_any_octets_are_refused(octets: bytes) -> None:
    for message in (octets, MESSAGE[:21] + octets, MESSAGE[:86] + octets):
        with pytest.raises(PeerError):
            unseal(message, private(UA_PRIVATE), AUTH)


@given(st.text(max_size=100))
def test_any_text_is_base64_or_not(text: str) -> None:
    base64_octets(text)


@pytest.mark.parametrize("octet", [0x00, 0xFF])
def test_whatever_chance_gives_makes_a_key(octet: int) -> None:
    """A private key is a number from 1 to the order of the curve less 1."""
    drawn = Ephemeral.drawn(lambda octets: bytes([octet]) * octets)
    assert 0 < drawn.key.private_numbers().private_value < ORDER
    assert len(drawn.salt) == 16


def test_key_and_salt_are_drawn_for_each_message() -> None:
    drawn = iter(range(100))
    made = [Ephemeral.drawn(lambda octets: bytes([next(drawn)]) * octets) for _ in range(2)]
    assert len({each.salt for each in made}) == 2
    assert len({each.key.private_numbers().private_value for each in made}) == 2
