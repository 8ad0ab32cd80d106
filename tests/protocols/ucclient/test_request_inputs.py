"""Wire 2.2: what can stand in headers, query and body."""

import json

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.credentials import Basic, Blob, EntraStart, Token
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
    DestroySession,
    Direct,
    Negotiation,
    OneShot,
)
from procall_mobility.protocols.ucclient.requests import understand
from tests.protocols.ucclient.requests_read import ROUTES, SESSION, SID, UCSID, ask, refusal

words = st.sampled_from(
    ["ucsid", "UCSID", "clientappid", "user", "pass", "token", "no401", "ucsessionid", "format"]
) | st.text(max_size=5)


paths = st.sampled_from([path for path, _, _ in ROUTES]) | st.text(max_size=20).map("/{}".format)


values = st.text(st.characters(codec=None), max_size=20)


bodies = st.binary(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["negotiate", "optionalParams", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode())


header_names = st.sampled_from(
    ["authorization", "x-ucsid", "x-epid", "x-uctoken", "x-simple", "user-agent", "origin"]
)


def test_all_inputs_of_createsession_are_read_from_headers():
    """Wire 2.2: the table."""
    request = ask(
        "/ws/client/createsession",
        method="POST",
        query=[("clientappid", "15"), ("format", "JSON")],
        headers=[
            ("x-ucsid", "riroabc"),
            ("authorization", "JWT abc.def.ghi"),
            ("x-no401", "1"),
            ("x-simple", "1"),
            ("x-epid", "riroabc"),
            ("user-agent", "Browser/1\x01"),
        ],
        body=b'{"negotiate":{"iClientProtocolVersion":70}}',
    )
    meant = understand(request)
    assert meant == CreateSession(
        ucsid_or_alias="riroabc",
        credentials=Token("JWT", "abc.def.ghi"),
        app_id=15,
        suppress_401=True,
        simple=True,
        handshake_id="riroabc",
        json_redirect=True,
        negotiation=Negotiation(70),
        user_agent="Browser/1",
        client_address="192.0.2.1",
    )
    assert meant.handshake_key == ("192.0.2.1", "riroabc", "riroabc")


@pytest.mark.parametrize(
    ("headers", "query", "suppressed"),
    [
        ([], [], False),
        ([], [("no401", "")], True),
        ([], [("NO401", "1")], True),
        ([], [("no401", "0")], False),
        ([("x-no401", "1")], [], True),
        ([("x-no401", "0")], [], False),
        ([("x-no401", " ")], [], False),
    ],
)
def test_no401_is_a_header_or_a_query_member_with_or_without_value(headers, query, suppressed):
    """Wire 2.2."""
    request = ask("/ws/client/createsession", headers=headers, query=[UCSID, *query])
    assert understand(request).suppress_401 is suppressed


@pytest.mark.parametrize(
    ("credentials", "suppress", "never"),
    [
        (None, False, False),
        (None, True, True),
        (Basic("u", "p"), False, False),
        (Basic("u", "p", via_query=True), False, True),
        (Token("JWT", "t"), False, False),
        (Token("UCTOKEN", "t", via_query=True), False, True),
        (Blob("NTLM", b""), False, False),
        (EntraStart("r", "s"), False, False),
    ],
)
def test_tokens_and_query_passwords_never_mean_401(credentials, suppress, never):
    """Wire 2.2."""
    request = CreateSession(ucsid_or_alias="a", credentials=credentials, suppress_401=suppress)
    assert request.never_401 is never


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "1000", "9" * 11, "²"])
def test_a_clientappid_is_a_small_number(text):
    """Wire 2.8."""
    request = ask("/ws/client/createsession", query=[UCSID, ("clientappid", text)])
    assert refusal(request).reason == "bad-clientappid"


@pytest.mark.parametrize("text", ["a\nb", "x" * 129, "ä"])
def test_an_improper_handshake_id_is_a_bad_request(text):
    """Wire 2.2: opaque, but it goes back in a header."""
    request = ask("/ws/client/createsession", query=[UCSID], headers=[("x-epid", text)])
    assert refusal(request).reason == "bad-handshake-id"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([("x-ucsessionid", SESSION)], []),
        ([], [("x-ucsessionid", SESSION)]),
        ([], [("ucsessionid", SESSION)]),
        ([], [("X-UCSESSIONID", SESSION)]),
    ],
)
def test_a_session_id_comes_in_three_ways(headers, query):
    """Wire 2.2."""
    request = ask("/ws/client/destroysession", headers=headers, query=query)
    assert understand(request) == DestroySession(SESSION)


@pytest.mark.parametrize("found", ["", "a b", "x" * 129, "ä", "a\n"])
def test_an_improper_session_id_is_nobodys(found):
    """Wire 2.7: the answer is that of an unknown session, whose status is a setting (A-16)."""
    request = ask("/ws/client/asnX", query=[("ucsessionid", found)])
    assert understand(request).session_id == ""


def test_query_members_of_a_get_are_the_argument_without_those_that_steer_the_request():
    """Wire 2.2: numbers stay text."""
    query = [UCSID, SID, ("iType", "1"), ("iType", "2"), ("NO401", ""), ("callback", "f")]
    meant = understand(ask("/ws/client/asnGetUserToken", query=query))
    assert meant.argument.value() == {"iType": "1"}


def test_a_body_is_the_argument_of_a_get_too():
    """Wire 2.1: equivalent."""
    meant = understand(ask("/ws/client/asnX", query=[SID, ("a", "1")], body=b' {"b":1.50}\n'))
    assert meant.argument.text == '{"b":1.50}'


def test_query_members_of_a_post_are_no_argument():
    """Wire 2.2."""
    meant = understand(ask("/ws/client/asnX", method="POST", query=[SID, ("a", "1")]))
    assert meant.argument.text == "{}"


def test_a_direct_call_shows_credentials_with_every_request():
    """Wire 2.7: the published example."""
    request = ask(
        "/ws/direct/asnGetUserToken",
        method="POST",
        query=[("user", "u"), ("pass", "p"), ("ucsid", "local")],
        body=b'{"iType":1}',
    )
    meant = understand(request)
    assert meant.credentials == Basic("u", "p", via_query=True)
    assert meant.argument.value() == {"iType": 1}
    assert meant.needs_login and not meant.lacks_credentials


@pytest.mark.parametrize("operation", ["asnTokenVerify", "asnTokenVerifyV2"])
def test_tokens_are_verified_for_anybody(operation):
    """Wire 2.6."""
    meant = understand(ask(f"/ws/direct/{operation}", query=[UCSID]))
    assert not meant.needs_login and not meant.lacks_credentials


def test_half_characters_are_refused_wherever_they_stand():
    """A transport's percent-decoding may leave lone surrogates; no UTF-8 exists for them."""
    good = ask("/ws/client/createsession", query=[UCSID])
    for change in (
        {"query": ((UCSID), ("user", "\ud800"))},
        {"headers": (("x-epid", "\udfff"),)},
        {"path": "/ws/\ud800"},
    ):
        assert refusal(evolve(good, **change)).reason == "bad-encoding"


def test_the_helpers_of_a_request_find_the_first_value():
    """The transport hands headers over in lower case; query names keep theirs."""
    request = ask("/", query=[("A", "1"), ("a", "2")], headers=[("b", "3"), ("b", "4")])
    assert (request.parameter("a"), request.parameter("z")) == ("1", None)
    assert (request.header("b"), request.header("z")) == ("3", None)


def test_an_improper_callback_is_refused_before_anything_is_done():
    """Wire 2.1, A-07: the answer could not be written."""
    request = ask("/ws/client/createsession", query=[UCSID, ("callback", "a;b")])
    assert refusal(request).reason == "bad-callback"


def test_secrets_are_in_no_repr():
    """A logged request tells nobody's password."""
    request = ask(
        "/ws/direct/asnX",
        query=[("user", "alice-name"), ("pass", "s3cret"), UCSID],
        headers=[("x-uctoken", "")],
        body=b'{"u8sPassword":"s3cret"}',
    )
    session = understand(ask("/ws/client/asnX", query=[SID]))
    for thing in (request, understand(request), session):
        assert "s3cret" not in repr(thing)
        assert "alice-name" not in repr(thing)
        assert SESSION not in repr(thing)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]),
    path=paths,
    query=st.lists(st.tuples(words, values), max_size=5),
    headers=st.lists(st.tuples(header_names, values), max_size=4),
    body=bodies,
)
def test_any_request_is_understood_or_refused(method, path, query, headers, body):
    """Never another exception; what is understood can be encoded and holds no null (C13)."""
    try:
        meant = understand(ask(path, method=method, query=query, headers=headers, body=body))
    except BadRequest as why:
        assert why.status in (400, 404, 405)
        return
    if isinstance(meant, OneShot | Direct):
        meant.argument.text.encode()
        assert isinstance(meant.argument.value(), dict)
    if isinstance(meant, CreateSession) and meant.negotiation.optional_params is not None:
        meant.negotiation.optional_params.text.encode()
