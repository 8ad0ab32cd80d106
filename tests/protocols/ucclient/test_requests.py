"""From HTTP requests to intentions (Wire 1.1, 1.2, 1.3, 2.1, 2.2)."""

import json

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.rose.messages import JsonValue
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.credentials import Basic, Blob, EntraStart, Token
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
    DestroySession,
    Direct,
    HttpRequest,
    Lookup,
    Negotiation,
    OneShot,
    Preflight,
    PublicContacts,
    VersionQuery,
)
from procall_mobility.protocols.ucclient.requests import understand

SESSION = "7C0E5B2A4F1D4E6C9A3B8D7E6F5A4B3C"


def ask(path, *, method="GET", query=(), headers=(), body=b""):
    return HttpRequest(
        method=method,
        path=path,
        query=tuple(query),
        headers=tuple(headers),
        body=body,
        client_address="192.0.2.1",
        secure=True,
        host="uc.example",
    )


def refusal(request):
    with pytest.raises(BadRequest) as caught:
        understand(request)
    return caught.value


UCSID = ("ucsid", "riroabc")
SID = ("ucsessionid", SESSION)

ROUTES = [
    ("/controller/client/ucws", (UCSID,), Lookup("riroabc")),
    ("/ws/client/ucserverversion", (UCSID,), VersionQuery("riroabc")),
    ("/ws/client/ucserverversion", (), VersionQuery("")),
    (
        "/ws/client/createsession",
        (UCSID,),
        CreateSession(ucsid_or_alias="riroabc", client_address="192.0.2.1"),
    ),
    ("/ws/client/destroysession", (SID,), DestroySession(SESSION)),
    (
        "/ws/client/asnGetLoggedInContact",
        (SID,),
        OneShot(SESSION, "asnGetLoggedInContact", JsonValue("{}")),
    ),
    (
        "/ws/direct/asnGetUserToken",
        (UCSID,),
        Direct(
            ucsid_or_alias="riroabc",
            operation="asnGetUserToken",
            argument=JsonValue("{}"),
            simple=True,
            client_address="192.0.2.1",
        ),
    ),
    ("/ws/public/contacts", (UCSID,), PublicContacts("riroabc")),
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("path", "query", "meant"), ROUTES)
def test_get_and_post_mean_the_same_on_every_route(path, query, meant, method, slash):
    """Wire 2.1."""
    assert understand(ask(path + slash, method=method, query=query)) == meant


@pytest.mark.parametrize(("path", "query", "meant"), ROUTES)
def test_every_route_answers_a_preflight(path, query, meant):
    """Wire 1.3."""
    request = ask(path, method="OPTIONS", headers=[("origin", "https://a.example")], query=query)
    named = "riroabc" if UCSID in query else ""
    assert understand(request) == Preflight("https://a.example", named)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/controller/client/ucws", True),
        ("/ws/client/ucserverversion", True),
        ("/ws/client/createsession", False),
        ("/ws/client/asnGetTime", False),
        ("/ws/public/contacts", False),
    ],
)
def test_head_is_for_routes_without_effect_at_the_server(path, allowed):
    """A HEAD that logged somebody on would surprise everybody."""
    request = ask(path, method="HEAD", query=[UCSID])
    if allowed:
        understand(request)
    else:
        assert refusal(request).status == 405


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "CONNECT", "get", ""])
def test_other_methods_are_refused_with_the_list_of_those_we_take(method):
    """RFC 9110 section 15.5.6."""
    why = refusal(ask("/ws/client/createsession", method=method, query=[UCSID]))
    assert (why.status, why.allow) == (405, ("GET", "POST", "OPTIONS"))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/ws",
        "/ws/client",
        "/ws/client/",
        "/ws/client/asn",
        "/ws/client/getTime",
        "/ws/client/asnGet-Time",
        "/ws/client/asnGet\n",
        "/ws/client/asn" + "x" * 81,
        "/ws/client/x/asnGetTime",
        "/ws/direct/createsession",
        "/ws/public/asnGetTime",
        "/WS/CLIENT/CREATESESSION",
    ],
)
def test_nothing_is_at_other_addresses(path):
    """Wire 2.1: the operation of a call is asn... and nothing else."""
    assert refusal(ask(path, query=[UCSID])).status == 404


def test_the_longest_operation_name_is_understood():
    """One less than what the list above refuses."""
    operation = "asn" + "x" * 80
    assert understand(ask(f"/ws/client/{operation}", query=[SID])).operation == operation


@pytest.mark.parametrize("path", ["/ws/client/websocket", "/ws/client/websocket/"])
def test_the_websocket_address_wants_an_upgrade(path):
    """Wire 2.1: both spellings."""
    assert refusal(ask(path)).reason == "upgrade-required"


@pytest.mark.parametrize(
    ("headers", "query", "name"),
    [
        ([("x-ucsid", "RiroABC")], [], "riroabc"),
        ([], [("UCSID", "  Example.COM ")], "example.com"),
        ([("x-ucsid", "one")], [("ucsid", "two")], "one"),
        ([("x-ucsid", "")], [("ucsid", "two")], "two"),
    ],
)
def test_case_and_blanks_of_a_ucsid_do_not_matter(headers, query, name):
    """Wire 2.2, A-02."""
    request = ask("/controller/client/ucws", headers=headers, query=query)
    assert understand(request) == Lookup(name)


@pytest.mark.parametrize("name", ["", "  ", "a" * 254, "a\nb", "a\x00"])
@pytest.mark.parametrize(
    "path",
    [
        "/controller/client/ucws",
        "/ws/client/createsession",
        "/ws/direct/asnX",
        "/ws/public/contacts",
    ],
)
def test_a_missing_or_improper_ucsid_is_a_bad_request(path, name):
    """Wire 2.2."""
    assert refusal(ask(path, query=[("ucsid", name)])).reason == "bad-ucsid"


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
