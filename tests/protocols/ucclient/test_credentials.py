"""What clients show (Wire 2.2, 2.4, 2.5)."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.credentials import (
    LONGEST_CREDENTIALS,
    Basic,
    Blob,
    EntraStart,
    Token,
    credentials_of,
)


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "shown"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        (f"Basic {b64('alice:pw')}", Basic("alice", "pw")),
        (f"basic  {b64('alice:pw')} ", Basic("alice", "pw")),
        (f"Basic {b64('alice:p:w')}", Basic("alice", "p:w")),
        ("Basic " + b64("DOMÄIN\\älice:pä"), Basic("DOMÄIN\\älice", "pä")),
        (f"Basic {b64('a:b').rstrip('=')}", Basic("a", "b")),
        (f"Basic {b64(':')}", Basic("", "")),
        ("JWT a.b.c", Token("JWT", "a.b.c")),
        ("Bearer a.b.c", Token("Bearer", "a.b.c")),
        ("NTLM " + b64(b"NTLMSSP\x00"), Blob("NTLM", b"NTLMSSP\x00")),
        ("Negotiate " + b64(b"\x60"), Blob("Negotiate", b"\x60")),
        ("Negotiate", Blob("Negotiate", b"")),
        (
            'Basic realm="riroabc", scope="entraid fragment"',
            EntraStart("riroabc", "entraid fragment"),
        ),
        (
            'Basic scope="entraid fragment",realm=riroabc',
            EntraStart("riroabc", "entraid fragment"),
        ),
        ('Basic Scope="s"', EntraStart("", "s")),
        ('Digest username="x"', None),
        ("Unknown", None),
    ],
)
def test_authorization_carries_five_kinds_of_credentials(authorization, shown):
    """Wire 2.2, 2.4; 2.5 for Basic with parameters."""
    assert credentials_of(authorization, None, ()) == shown


@pytest.mark.parametrize(
    ("authorization", "header", "query", "shown"),
    [
        (None, "t1", (), Token("UCTOKEN", "t1", via_query=True)),
        (None, None, (("Token", "t2"), ("token", "t3")), Token("UCTOKEN", "t2", via_query=True)),
        (None, "", (("token", ""),), None),
        (None, None, (("user", "u"), ("pass", "p")), Basic("u", "p", via_query=True)),
        (None, None, (("user", "u"),), Basic("u", "", via_query=True)),
        (None, None, (("pass", "p"),), None),
        ("JWT a", "t1", (("user", "u"),), Token("JWT", "a")),
        (None, "t1", (("token", "t2"),), Token("UCTOKEN", "t1", via_query=True)),
    ],
)
def test_tokens_and_passwords_also_come_beside_authorization(authorization, header, query, shown):
    """Wire 2.2."""
    assert credentials_of(authorization, header, query) == shown


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic s3cret!",
        "Basic s3cr\xe9",
        "Basic s",
        f"Basic {b64('s3cret-without-colon')}",
        "Basic " + b64(b"\xff\xfe:s3cret"),
        'Basic realm="s3cret"',
        'Basic scope="s3cret',
        'Basic scope="" , realm="s3cret"',
        'Basic scope="' + "s3cret" * 50 + '"',
        'Basic scope="s3cret\x07"',
        'Basic "s3cret"',
        "JWT",
        "JWT s3c ret",
        "JWT s3cr\xe9t",
        "NTLM s3cret*",
        "NTLM s3cretAB****",
        "JWT " + "x" * LONGEST_CREDENTIALS,
    ],
)
def test_malformed_credentials_are_refused_without_a_quotation(authorization):
    """Wire section 11, trap 15."""
    with pytest.raises(BadRequest) as caught:
        credentials_of(authorization, None, ())
    assert "s3c" not in str(caught.value)
    assert caught.value.status == 400
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_query_credentials_are_bounded():
    """As long as a header may be, and no longer."""
    long = "x" * (LONGEST_CREDENTIALS + 1)
    with pytest.raises(BadRequest):
        credentials_of(None, None, (("user", "u"), ("pass", long)))
    with pytest.raises(BadRequest):
        credentials_of(None, long, ())


def test_secrets_are_in_no_repr():
    """Neither names nor passwords nor tokens."""
    for shown in (Basic("s3c", "s3c"), Token("JWT", "s3c"), Blob("NTLM", b"s3c")):
        assert "s3c" not in repr(shown)


texts = st.text(st.characters(codec="utf-8"), max_size=40)
schemes = st.sampled_from(["Basic ", "JWT ", "NTLM ", "Negotiate ", "Bearer ", "", 'Basic r="'])


@settings(max_examples=300, deadline=None)
@given(
    authorization=st.none() | st.builds(str.__add__, schemes, texts | st.binary().map(b64)),
    header=st.none() | texts,
    query=st.lists(st.tuples(st.sampled_from(["user", "pass", "token"]), texts), max_size=3),
)
def test_anything_is_credentials_nothing_or_refused(authorization, header, query):
    """Never another exception."""
    try:
        shown = credentials_of(authorization, header, tuple(query))
    except BadRequest:
        return
    assert shown is None or isinstance(shown, Basic | Token | Blob | EntraStart)
