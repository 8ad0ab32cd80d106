"""User names say whose they are, or they are nobody's (draft-uberti-behave-turn-rest)."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.turn.rest_names import UserName, credential_of, mint, parse


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1700000000:acme:alice", UserName(expiry=1_700_000_000, ucsid="acme", subject="alice")),
        (
            "1700000000:acme:alice:s1",
            UserName(expiry=1_700_000_000, ucsid="acme", subject="alice", session="s1"),
        ),
        ("0:acme:alice", UserName(expiry=0, ucsid="acme", subject="alice")),
        ("acme:alice", UserName(ucsid="acme", subject="alice")),
        ("acme:Ä lice", UserName(ucsid="acme", subject="Ä lice")),
        ("-1:alice", UserName(ucsid="-1", subject="alice")),
    ],
)
def test_a_name_is_read(text: str, name: UserName) -> None:
    assert parse(text.encode()) == name


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b"alice",
        b":alice",
        b"acme:",
        b"1700000000:acme:",
        b"1700000000::alice",
        b"1700000000:alice",  # An expiry, and nobody's customer.
        b"soon:acme:alice",
        b"-1:acme:alice",
        b"1e9:acme:alice",
        b"1700000000.5:acme:alice",
        b" 1700000000:acme:alice",
        b"9223372036854775808:acme:alice",  # 2**63.
        b"1700000000:acme:alice:s1:more",
        "\u0661\u0667:acme:alice".encode(),  # Digits, and no number of ours.
        b"\xff:acme:alice",
        b"acme:\xc3",
    ],
)
def test_b11_b12_what_is_no_name_is_nobodys(name: bytes) -> None:
    """B11, B12: no number, a negative one, one beyond 2**63, more colons, and no UTF-8."""
    assert parse(name) is None


@given(st.binary(max_size=600))
def test_b12_c14_any_octets_are_a_name_or_none(name: bytes) -> None:
    found = parse(name)
    if found is not None:
        parts = [found.ucsid, found.subject, found.session or "-"]
        assert all(part and ":" not in part for part in parts)
        assert found.expiry is None or 0 <= found.expiry < 10**12


TEXT = st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), min_size=1)


@given(st.integers(0, 10**12 - 1), TEXT, TEXT, st.none() | TEXT)
def test_what_is_minted_is_read_again(
    expiry: int, ucsid: str, subject: str, session: str | None
) -> None:
    username, credential = mint(expiry, ucsid, subject, session, b"secret")
    assert parse(username.encode()) == UserName(
        expiry=expiry, ucsid=ucsid, subject=subject, session=session
    )
    assert credential == credential_of(b"secret", username)
    assert credential != credential_of(b"another", username)


def test_a_credential_is_that_of_the_draft() -> None:
    """base64(HMAC-SHA1(secret, user name)), as every web server can make it."""
    made = base64.b64encode(hmac.new(b"north", b"12334939:mbzrxpgjys", hashlib.sha1).digest())
    assert credential_of(b"north", "12334939:mbzrxpgjys") == made.decode()


@pytest.mark.parametrize(
    ("ucsid", "subject", "session"),
    [("", "alice", None), ("acme", "", None), ("acme", "a:b", None), ("acme", "alice", ""),
     ("a:b", "alice", None), ("acme", "alice", "s:1")],
)  # fmt: skip
def test_nobody_is_called_what_could_be_read_otherwise(
    ucsid: str, subject: str, session: str | None
) -> None:
    with pytest.raises(ValueError, match="colon"):
        mint(1, ucsid, subject, session, b"secret")
