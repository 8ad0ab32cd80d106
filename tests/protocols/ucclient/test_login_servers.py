"""What servers answer to a log-on: busy, rejecting, misshapen."""

import pytest

from procall_mobility.protocols.rose.messages import (
    BerValue,
    Error,
    JsonValue,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.ucclient.credentials import Blob, Token
from procall_mobility.protocols.ucclient.intentions import (
    DestroySession,
)
from procall_mobility.protocols.ucclient.login import LoginRules
from procall_mobility.protocols.ucclient.outcomes import (
    Busy,
    SessionMade,
)
from tests.protocols.ucclient.logons import (
    ALICE,
    BASIC_LINE,
    CONTACT,
    ENTRA,
    ENTRA_URL,
    STEPS,
    V2,
    S,
    begun,
    create,
    error,
    names,
    reject,
    result,
    session,
    under_way,
)


@pytest.mark.parametrize(
    ("rules", "heard"),
    [
        (LoginRules(), error({"iErrorDetail": 0, "optionalParams": {"ServerBusyTimeout": 7}})),
        (LoginRules(), reject(10, "serverBusy")),
        (LoginRules(), reject(503)),
    ],
)
def test_a_server_too_busy_for_a_session_asks_to_come_back(rules, heard):
    """Wire 2.7 (A-17), 4.1."""
    login = begun(create(ALICE), rules)
    login.take()
    (login.hears_error if isinstance(heard, Error) else login.hears_reject)(heard)
    assert login.take() == [Busy(7 if isinstance(heard, Error) else 10)]


@pytest.mark.parametrize(("told", "seconds"), [(5, 5), ("5", 5), (10**6, 3600)])
def test_a_busy_server_names_its_time_in_the_negotiation(told, seconds):
    """Wire 2.7: ServerBusyTimeout, bounded."""
    login = begun(create(ALICE))
    login.take()
    login.hears_result(session(ServerBusyTimeout=told))
    assert login.take() == [SessionMade(S), DestroySession(S), Busy(seconds)]


@pytest.mark.parametrize(("told", "seconds"), [(5, 5), (0, 1), (None, 10), (10**6, 3600)])
def test_a_busy_server_names_its_time_in_the_login(told, seconds):
    """Wire 2.7: iRetryInSeconds, bounded."""
    login = under_way(create(ALICE), V2)
    login.hears_result(result({"serverBusy": {"iRetryInSeconds": told}}))
    assert login.take() == [DestroySession(S), Busy(seconds)]


@pytest.mark.parametrize(
    ("heard", "status", "detail"),
    [
        (reject(10, "authenticationFailed"), 401, 101),
        (reject(10), 401, 101),
        (reject(9), 401, 105),
        (reject(9, "authenticationIncomplete"), 401, 105),
        (reject(10, "lockedOut"), 401, 129),
        (reject(10, "temporaryLockedOut"), 401, 131),
        (reject(504), 504, 504),
        (reject(1, "unrecognisedOperation"), 502, 502),
        (reject(10, kind=ProblemKind.GENERAL), 502, 502),
        (Reject(1), 502, 502),
    ],
)
def test_a_reject_of_the_logon_means_what_its_details_say(heard, status, detail):
    """Wire 4.1."""
    login = under_way(create(ALICE))
    login.hears_reject(heard)
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert (refused.status, refused.error["iErrorDetail"]) == (status, detail)


def test_a_reject_of_the_session_is_no_verdict_on_the_password():
    """Nobody has looked at it: a 401 would only make a browser ask again."""
    login = begun(create(ALICE))
    login.take()
    login.hears_reject(reject(10, "authenticationFailed"))
    (refused,) = login.take()
    assert (refused.status, refused.reason) == (502, "server-misbehaved")


def test_an_error_of_the_session_is_passed_on_as_400():
    """Wire 5.5: iErrorDetail 1 is an unknown protocol version."""
    login = begun(create(ALICE))
    login.take()
    login.hears_error(error({"iErrorDetail": 1, "u8sErrorString": "version"}))
    (refused,) = login.take()
    assert (refused.status, refused.reason) == (400, "session-refused")
    assert refused.error["_type"] == "AsnRequestError"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        BerValue(b"\x30\x00"),
        JsonValue("[]"),
        JsonValue("not json"),
        JsonValue('{"a":1e999}'),
        JsonValue("{}"),
        JsonValue('{"u8sSessionID":7}'),
        JsonValue('{"u8sSessionID":""}'),
        JsonValue('{"u8sSessionID":"a\\u0007b"}'),
        JsonValue.of({"u8sSessionID": "x" * 129}),
        JsonValue('{"u8sSessionID":"a","x":"' + "x" * 10_000_000 + '"}'),
    ],
)
def test_a_misshapen_session_is_the_servers_fault(payload):
    """502, and nothing to destroy."""
    login = begun(create(ALICE))
    login.take()
    login.hears_result(Result(1, payload))
    (refused,) = login.take()
    assert (refused.status, refused.reason) == (502, "server-misbehaved")
    assert refused.error["_type"] == "WsError"


@pytest.mark.parametrize("negotiated", [None, 7, [], {}, {"optionalParams": 7}])
def test_only_the_session_id_is_indispensable(negotiated):
    """Wire 5.6: the rest of the result may be skipped."""
    login = begun(create(ALICE))
    login.take()
    login.hears_result(result({"u8sSessionID": S, "negotiateresult": negotiated}))
    assert names(login.take()) == ["SessionMade", "Call"]


@pytest.mark.parametrize(
    ("rules", "request_", "heard"),
    [
        (LoginRules(), create(ALICE), result({"ownContact": 7})),
        (LoginRules(), create(ALICE), result([])),
        (LoginRules(), create(ALICE), result({"renegotiation": {"sAuthCredetials": "eA=="}})),
        (STEPS, create(Blob("NTLM", b"")), result({"renegotiation": {"sAuthCredetials": 7}})),
        (STEPS, create(Blob("NTLM", b"")), error({"iErrorDetail": 105, "sAuthCredetials": "a\n"})),
        (
            STEPS,
            create(Blob("NTLM", b"")),
            error({"iErrorDetail": 105, "sAuthCredetials": "A" * 16_385}),
        ),
        (LoginRules(), create(ALICE), error({"x": "x" * 65_536})),
        (LoginRules(), create(ENTRA), result({"ownContact": CONTACT})),
        (LoginRules(), create(ENTRA), result({"redirect": "http://plain.example/"})),
        (LoginRules(), create(ENTRA), result({"redirect": "https://a/\r\nX: y"})),
        (LoginRules(), create(ENTRA), result({"redirect": "https://" + "a" * 8193})),
        (V2, create(ALICE), result({})),
        (V2, create(ALICE), result({"succceeded": {}, "serverBusy": {}})),
        (V2, create(ALICE), result({"succceeded": 7})),
        (V2, create(ALICE), result({"serverRedirect": {"u8sRedirectTo": ENTRA_URL}})),
        (V2, create(ENTRA), result({"serverRedirect": {"u8sRedirectTo": "x"}})),
        (V2, create(ALICE), result({"ntlmRenegotiate": {"authdata": ""}})),
    ],
)
def test_a_misshapen_answer_to_the_logon_is_the_servers_fault(rules, request_, heard):
    """502, and the session is destroyed."""
    login = under_way(request_, rules)
    (login.hears_error if isinstance(heard, Error) else login.hears_result)(heard)
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert (refused.status, refused.reason) == (502, "server-misbehaved")


@pytest.mark.parametrize(
    "heard", [error({}), reject(1), reject(10), result({"ownContact": "x"}), result([])]
)
def test_a_logon_without_a_contact_is_the_servers_fault(heard):
    """The V2 style reads the contact last."""
    login = under_way(create(ALICE), V2)
    login.hears_result(result({"succceeded": {}}))
    login.take()
    hears = {Error: login.hears_error, Reject: login.hears_reject, Result: login.hears_result}
    hears[type(heard)](heard)
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert refused.status == 502


def test_credentials_the_v2_server_does_not_take_are_refused_as_such():
    """Logon error 106 with the schemes it does take."""
    login = under_way(create(Token("JWT", "t")), V2)
    login.hears_result(result({"supportedAuthMethods": {"authMethodsOrdered": [1]}}))
    _, refused = login.take()
    assert (refused.status, refused.error["iErrorDetail"]) == (401, 106)
    assert refused.challenges == (BASIC_LINE,)
