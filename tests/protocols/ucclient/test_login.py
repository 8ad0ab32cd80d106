"""The log-on dialogue (Wire 2.3-2.5, 2.7, 5.5 B-D), in both styles."""

import base64
import json

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from procall_mobility.protocols.rose.messages import (
    BerValue,
    Error,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.ucclient.client_errors import LogonCode
from procall_mobility.protocols.ucclient.credentials import Basic, Blob, EntraStart, Token
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
    DestroySession,
    Direct,
    Negotiation,
)
from procall_mobility.protocols.ucclient.login import Login, LoginRules
from procall_mobility.protocols.ucclient.outcomes import (
    Busy,
    Call,
    LoggedIn,
    NextStep,
    Redirect,
    Refused,
    SessionMade,
)

S = "7C0E5B2A4F1D4E6C9A3B8D7E6F5A4B3C"
CONTACT = {"u8sContactId": "sip:alice@example.test", "iPresenceState": 1}
ALICE = Basic("alice", "secret")
ENTRA = EntraStart("riroabc", "entraid fragment")
ENTRA_URL = "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2"
BASIC_LINE = 'Basic realm="UCServer"'
JWT_LINE = 'JWT realm="UCServer"'
V2 = LoginRules(style="v2")
STEPS = LoginRules(multi_step=True)


def create(credentials=None, **members):
    return CreateSession(ucsid_or_alias="riroabc", credentials=credentials, **members)


def result(value):
    return Result(1, JsonValue.of(value))


def error(value):
    return Error(44, JsonValue.of(value))


def reject(code, details=None, kind=ProblemKind.INVOKE):
    return Reject(1, Problem(kind, code), details)


def session(**params):
    return result({"u8sSessionID": S, "negotiateresult": {"optionalParams": params}})


def begun(request, rules=None):
    """A log-on whose session is about to be made."""
    login = Login(request, rules or LoginRules())
    login.start()
    return login


def under_way(request, rules=None, **params):
    """A log-on inside its session, with nothing to take."""
    login = begun(request, rules)
    login.hears_result(session(**params))
    login.take()
    return login


def names(outcomes):
    return [type(one).__name__ for one in outcomes]


def argument(outcomes):
    (call,) = [one for one in outcomes if isinstance(one, Call)]
    return call.operation, call.argument.value(), call.in_session


def test_a_password_logs_a_user_on_in_the_v1_style():
    """Wire 5.5 B: create, log on, hand the session out."""
    login = begun(create(ALICE, negotiation=Negotiation(70, JsonValue.of({"n": 1}), "Phone")))
    made = {"negotiate": {"iClientProtocolVersion": 70, "optionalParams": {"n": 1}}}
    assert argument(login.take()) == ("asnCreateUserSession", made, False)
    login.hears_result(session(Auth_Basic=1))
    outcomes = login.take()
    assert outcomes[0] == SessionMade(S)
    assert argument(outcomes) == (
        "asnLogon",
        {
            "iVersion": 70,
            "u8sVersion": "8.0.0.0",
            "iAttachToContact": 2,
            "u8sClientComputerName": "Phone",
            "authentication": {
                "simple": {"u8sClientUsername": "alice", "u8sClientUserPassword": "secret"}
            },
        },
        True,
    )
    login.hears_result(
        result({"u8sLoggedInUser": "alice", "iValidContact": 1, "ownContact": CONTACT})
    )
    assert login.take() == [LoggedIn(S, "alice", CONTACT, {})]
    assert login.is_over


def test_a_password_logs_a_user_on_in_the_v2_style():
    """Wire 5.5: asnLoginV2, then the contact."""
    login = begun(create(ALICE), V2)
    assert argument(login.take())[0] == "asnCreateUserSession"
    login.hears_result(session())
    credential = base64.b64encode(b"alice:secret").decode()
    assert argument(login.take()) == (
        "asnLoginV2",
        {"auth": {"authBasic": {"credential": credential}}},
        True,
    )
    login.hears_result(result({"succceeded": {"u8sLoggedInUser": "alice"}}))
    assert argument(login.take()) == ("asnGetLoggedInContactV2", {}, True)
    login.hears_result(result({"u8sLoggedInUser": "Alice", "ownContact": CONTACT}))
    assert login.take() == [LoggedIn(S, "Alice", CONTACT, {})]


def test_the_contact_of_the_v2_style_may_leave_the_name_out():
    """The name of the log-on counts then."""
    login = under_way(create(ALICE), V2)
    login.hears_result(result({"succceeded": {"u8sLoggedInUser": "alice"}}))
    login.take()
    login.hears_result(result({"ownContact": CONTACT}))
    assert login.take() == [LoggedIn(S, "alice", CONTACT, {})]


@pytest.mark.parametrize("extra_members", [False, True])
def test_other_members_of_the_logon_result_are_a_switch(extra_members):
    """A-11: off by default."""
    login = under_way(create(ALICE), LoginRules(extra_members=extra_members))
    members = {"u8sLoggedInUser": "a", "listDataCenterServers": ["x"], "iValidContact": 1}
    login.hears_result(result({**members, "listConfigSTUNandTURN": None, "ownContact": CONTACT}))
    extra = {"u8sLoggedInUser": "a", "listDataCenterServers": ["x"]} if extra_members else {}
    assert login.take() == [LoggedIn(S, "a", CONTACT, extra)]


@pytest.mark.parametrize(
    ("params", "rules", "request_", "lines"),
    [
        ({"Auth_Basic": 1}, LoginRules(), create(), (BASIC_LINE,)),
        ({"Auth_Basic": 1, "Auth_JWT": ""}, LoginRules(), create(), (BASIC_LINE, JWT_LINE)),
        ({}, LoginRules(), create(), (BASIC_LINE, JWT_LINE)),
        ({"Auth_NTLM": 1, "Auth_JWT": 1}, LoginRules(), create(), (JWT_LINE,)),
        ({"Auth_NTLM": 1}, LoginRules(), create(), (BASIC_LINE, JWT_LINE)),
        ({"Auth_NTLM": 1, "Auth_Basic": 1}, STEPS, create(), ("NTLM", BASIC_LINE)),
        ({"Auth_Negotiate": 1, "Auth_NTLM": 1}, STEPS, create(), ("Negotiate", "NTLM")),
        ({"Auth_NTLM": 1, "Auth_JWT": 1}, STEPS, create(simple=True), (JWT_LINE,)),
    ],
)
def test_a_request_without_credentials_is_told_the_schemes(params, rules, request_, lines):
    """Wire 2.4 point 1, 5.5 B; multi-step schemes only behind their switch, never for X-simple."""
    login = begun(request_, rules)
    login.take()
    login.hears_result(session(**params))
    made, destroyed, refused = login.take()
    assert (made, destroyed) == (SessionMade(S), DestroySession(S))
    assert (refused.status, refused.challenges) == (401, lines)
    assert (refused.reason, refused.error["iErrorDetail"]) == ("authentication-required", 105)


def test_the_v2_style_asks_the_server_for_its_schemes():
    """Wire 5.5: asnLoginV2 without auth; digest is not carried."""
    login = begun(create(), V2)
    login.take()
    login.hears_result(session())
    assert argument(login.take()) == ("asnLoginV2", {}, True)
    login.hears_result(result({"supportedAuthMethods": {"authMethodsOrdered": [5, 2, "1", 6]}}))
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert (refused.status, refused.challenges) == (401, (JWT_LINE, BASIC_LINE))
    assert login.schemes == ("JWT", "Basic")


def test_known_schemes_save_the_round_trip():
    """A-30: nothing is asked of the server."""
    login = Login(create(), LoginRules(), known_schemes=("Basic",))
    login.start()
    (refused,) = login.take()
    assert (refused.status, refused.challenges) == (401, (BASIC_LINE,))
    assert login.schemes == ("Basic",)


def test_known_schemes_do_not_stop_a_request_with_credentials():
    """Nor one that needs none."""
    anybody = Direct(ucsid_or_alias="a", operation="asnTokenVerify", argument=JsonValue("{}"))
    for request in (create(ALICE), anybody):
        login = Login(request, LoginRules(), known_schemes=("Basic",))
        login.start()
        assert names(login.take()) == ["Call"]


def test_a_token_is_verified_for_anybody_in_a_session_without_logon():
    """Wire 2.6."""
    request = Direct(ucsid_or_alias="a", operation="asnTokenVerify", argument=JsonValue("{}"))
    for rules in (LoginRules(), V2):
        login = begun(request, rules)
        login.take()
        login.hears_result(session())
        assert login.take() == [SessionMade(S), LoggedIn(S, "", {}, {})]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (create(ALICE), 401),
        (create(ALICE, suppress_401=True), 400),
        (create(Basic("alice", "wrong", via_query=True)), 400),
        (create(Token("UCTOKEN", "t", via_query=True)), 400),
        (create(Token("JWT", "t")), 401),
        (create(ENTRA), 400),
    ],
)
@pytest.mark.parametrize("rules", [LoginRules(), V2])
@pytest.mark.parametrize("code", list(LogonCode))
def test_every_logon_error_is_401_or_400_with_the_servers_own_error(request_, status, rules, code):
    """Wire 2.7, 5.5 D, A-14; C4 for 101: the session is destroyed, the error passed on."""
    login = under_way(request_, rules, Auth_Basic=1)
    told = {"iErrorDetail": int(code), "u8sErrorString": "no", "sAuthCredetials": ""}
    login.hears_error(error(told))
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert refused == Refused(
        status=status,
        error={"_type": "AsnLogonError", **told},
        challenges=(BASIC_LINE,) if status == 401 else (),
        reason="logon-refused",
        invoke_id=44,
        session_id=S,
    )


def test_two_steps_of_ntlm_happen_in_one_session():
    """Wire 2.4 point 3, 5.5 C."""
    login = under_way(create(Blob("NTLM", b"one"), handshake_id="H"), STEPS)
    login.hears_error(error({"iErrorDetail": 105, "sAuthCredetials": "dHdv"}))
    (step,) = login.take()
    assert step == NextStep(
        S,
        "NTLM dHdv",
        "H",
        {"_type": "AsnLogonError", "iErrorDetail": 105, "sAuthCredetials": "dHdv"},
    )
    assert login.awaits_next_step and not login.is_over
    login.continue_with(create(Blob("NTLM", b"three"), handshake_id="H"))
    operation, members, in_session = argument(login.take())
    assert (operation, in_session) == ("asnLogon", True)
    assert members["authentication"]["enhanced"]["sAuthCredetials"] == "dGhyZWU="
    login.hears_result(result({"ownContact": CONTACT}))
    assert login.take() == [LoggedIn(S, "", CONTACT, {})]


@pytest.mark.parametrize(
    ("rules", "value", "challenge"),
    [
        (LoginRules("v1", True), {"renegotiation": {"sAuthCredetials": "dHdv"}}, "NTLM dHdv"),
        (LoginRules("v2", True), {"ntlmRenegotiate": {"authdata": "dHdv"}}, "NTLM dHdv"),
        (LoginRules("v2", True), {"ntlmRenegotiate": {}}, "NTLM"),
    ],
)
def test_the_newer_forms_of_a_next_step(rules, value, challenge):
    """Wire 2.4 point 3."""
    login = under_way(create(Blob("NTLM", b"one")), rules)
    login.hears_result(result(value))
    (step,) = login.take()
    assert (step.challenge, step.error["iErrorDetail"]) == (challenge, 105)


def paused(rules=STEPS):
    login = under_way(create(Blob("NTLM", b"one")), rules, Auth_Basic=1)
    login.hears_error(error({"iErrorDetail": 105, "sAuthCredetials": "dHdv"}))
    login.take()
    return login


def test_a_client_may_fall_back_to_a_password_between_steps():
    """Browsers do when a user cancels the domain log-on."""
    login = paused()
    login.continue_with(create(ALICE))
    assert "simple" in argument(login.take())[1]["authentication"]


def test_a_step_cannot_change_what_was_negotiated():
    """The session was made with the first request's version."""
    login = paused()
    login.continue_with(create(Blob("NTLM", b"three"), negotiation=Negotiation(70)))
    assert argument(login.take())[1]["iVersion"] == 61


def test_a_step_without_credentials_ends_the_dialogue():
    """The schemes again, and no session left over."""
    login = paused()
    login.continue_with(create())
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert (refused.status, refused.challenges) == (401, (BASIC_LINE,))


def test_a_step_is_held_to_the_customers_switches():
    """A password in the address stays forbidden in a later request."""
    rules = evolve(STEPS, allow_query_password=False)
    login = paused(rules)
    login.continue_with(create(Basic("a", "b", via_query=True)))
    destroyed, refused = login.take()
    assert destroyed == DestroySession(S)
    assert (refused.status, refused.reason) == (400, "query-password")


def test_steps_are_bounded():
    """A server that never decides holds nobody for ever."""
    login = paused()
    for _ in range(7):
        login.continue_with(create(Blob("NTLM", b"more")))
        assert names(login.take()) == ["Call"]
        login.hears_error(error({"iErrorDetail": 105}))
        assert names(login.take()) == ["NextStep"]
    login.continue_with(create(Blob("NTLM", b"more")))
    assert names(login.take()) == ["DestroySession", "Refused"]


@pytest.mark.parametrize(
    ("request_", "rules"),
    [
        (create(Blob("NTLM", b"x")), LoginRules()),
        (create(Blob("Negotiate", b"x"), simple=True), STEPS),
    ],
)
def test_multi_step_schemes_are_refused_where_they_are_not_admitted(request_, rules):
    """Wire 2.4 point 4, A-09: the server is not asked."""
    login = begun(request_, rules)
    (refused,) = login.take()
    assert (refused.status, refused.error["iErrorDetail"]) == (401, 106)
    assert refused.challenges == (BASIC_LINE, JWT_LINE)
    assert refused.session_id is None


def test_a_password_in_the_address_may_be_forbidden():
    """A-08."""
    shown = Basic("a", "b", via_query=True)
    assert names(begun(create(shown)).take()) == ["Call"]
    (refused,) = begun(create(shown), LoginRules(allow_query_password=False)).take()
    assert (refused.status, refused.reason, refused.challenges) == (400, "query-password", ())


@pytest.mark.parametrize(
    ("rules", "heard"),
    [
        (V2, result({"serverRedirect": {"u8sRedirectTo": ENTRA_URL}})),
        (LoginRules(), result({"optionalParams": {"u8sRedirectTo": ENTRA_URL}})),
        (LoginRules(), result({"success": {"redirect": ENTRA_URL}})),
        (
            LoginRules(),
            error(
                {
                    "iErrorDetail": 105,
                    "sAuthCredetials": base64.b64encode(ENTRA_URL.encode()).decode(),
                }
            ),
        ),
        (LoginRules(), error({"iErrorDetail": 105, "sAuthCredetials": ENTRA_URL})),
    ],
)
def test_entra_sends_the_user_to_the_servers_address(rules, heard):
    """Wire 2.5: the server makes the address, the session has done its duty."""
    login = under_way(create(ENTRA), rules)
    (login.hears_error if isinstance(heard, Error) else login.hears_result)(heard)
    assert login.take() == [DestroySession(S), Redirect(ENTRA_URL)]


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


def test_giving_up_destroys_the_session():
    """A client that left needs none."""
    login = under_way(create(ALICE))
    login.abandon()
    assert login.take() == [DestroySession(S)]
    assert login.is_over
    login.abandon()
    login.hears_result(result({"ownContact": CONTACT}))
    assert login.take() == []


def test_giving_up_before_anything_was_asked_leaves_nothing():
    """There is no session yet."""
    login = Login(create(ALICE), LoginRules())
    login.abandon()
    assert login.take() == [] and login.is_over


@pytest.mark.parametrize(
    ("heard", "outcomes"),
    [
        (session(), [DestroySession(S)]),
        (result({}), []),
        (error({}), []),
        (reject(1), []),
    ],
)
def test_a_session_that_comes_after_giving_up_is_destroyed(heard, outcomes):
    """Else it would stay at the server until its own time-out."""
    login = begun(create(ALICE))
    login.take()
    login.abandon()
    login.abandon()
    assert not login.is_over
    hears = {Error: login.hears_error, Reject: login.hears_reject, Result: login.hears_result}
    hears[type(heard)](heard)
    assert login.take() == outcomes
    assert login.is_over


def test_nothing_is_heard_before_the_start_or_after_the_end():
    """Late answers of a slow server."""
    login = Login(create(ALICE), LoginRules())
    for _ in range(2):
        login.hears_result(session())
        login.hears_error(error({}))
        login.hears_reject(reject(1))
        assert login.take() == []
        login.abandon()


def test_a_confused_owner_is_told_so():
    """A bad caller gets a ValueError."""
    login = begun(create(ALICE))
    with pytest.raises(ValueError, match="begun"):
        login.start()
    with pytest.raises(ValueError, match="step"):
        login.continue_with(create(ALICE))


def test_secrets_are_in_no_repr():
    """An outcome that is logged tells no session, password or token."""
    login = begun(create(ALICE))
    told = repr(login.take())
    login.hears_result(session())
    told += repr(login.take())
    login.hears_result(result({"u8sLoggedInUser": "alice", "ownContact": CONTACT}))
    told += repr(login.take())
    told += repr([DestroySession(S), NextStep(S, "NTLM x", None, {}), Redirect(ENTRA_URL)])
    told += repr(Refused(401, {"u8sFailedUser": "alice"}, (), "logon-refused", session_id=S))
    for secret in (S, "secret", "alice", "NTLM", "https"):
        assert secret not in told


requests = st.sampled_from(
    [
        create(),
        create(ALICE),
        create(Token("JWT", "a.b.c"), suppress_401=True),
        create(ENTRA),
        create(Blob("NTLM", b"x"), handshake_id="H"),
        Direct(ucsid_or_alias="a", operation="asnTokenVerify", argument=JsonValue("{}")),
    ]
)
all_rules = st.builds(
    LoginRules,
    style=st.sampled_from(["v1", "v2"]),
    multi_step=st.booleans(),
    extra_members=st.booleans(),
)
NAMES = [
    "u8sSessionID",
    "negotiateresult",
    "optionalParams",
    "Auth_Basic",
    "Auth_NTLM",
    "ServerBusyTimeout",
    "iErrorDetail",
    "sAuthCredetials",
    "ownContact",
    "u8sLoggedInUser",
    "success",
    "renegotiation",
    "succceeded",
    "supportedAuthMethods",
    "authMethodsOrdered",
    "serverRedirect",
    "u8sRedirectTo",
    "serverBusy",
    "iRetryInSeconds",
    "ntlmRenegotiate",
    "authdata",
    "redirect",
    "key",
    "value",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([S, ENTRA_URL, "dHdv", 105, 1, 3, "5", "\ud800"])
    | st.text(max_size=5)
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
json_texts = json_values.map(lambda value: JsonValue(json.dumps(value)))
payloads = (
    st.none() | st.just(BerValue(b"0\x00")) | json_texts | st.text(max_size=5).map(JsonValue)
)
messages = (
    st.builds(Result, st.just(1), payloads)
    | st.builds(Error, st.just(1), payloads, st.integers())
    | st.builds(
        Reject,
        st.just(1),
        st.none() | st.builds(Problem, st.sampled_from(list(ProblemKind)), st.integers(0, 600)),
        st.none() | st.sampled_from(["serverBusy", "lockedOut", "x"]),
    )
)
sessions = st.just(session(Auth_Basic=1))


@settings(max_examples=400, deadline=None)
@given(request_=requests, rules=all_rules, heard=st.lists(messages | sessions, max_size=6))
def test_any_answers_of_a_server_lead_to_legal_outcomes(request_, rules, heard):
    """Never an exception; one call open at most; every session made is handed out or destroyed."""
    login = begun(request_, rules)
    made, ended, open_calls, last = 0, 0, 0, []
    for message in [None, *heard]:
        if isinstance(message, Result):
            login.hears_result(message)
        elif isinstance(message, Error):
            login.hears_error(message)
        elif message is not None:
            login.hears_reject(message)
        open_calls = 0 if message is not None else open_calls
        for one in login.take():
            assert not last, "nothing follows the end"
            if isinstance(one, Call):
                open_calls += 1
                assert "null" not in one.argument.text
                one.argument.text.encode()
            made += isinstance(one, SessionMade)
            ended += isinstance(one, DestroySession)
            if isinstance(one, LoggedIn | Refused | Redirect | Busy):
                last.append(one)
            if isinstance(one, Refused):
                assert bool(one.challenges) == (one.status == 401)
            if isinstance(one, NextStep):
                assert one.challenge.isascii() and one.challenge.isprintable()
                login.continue_with(request_)
        assert open_calls <= 1
        assert login.is_over == bool(last)
    if last:
        assert ended + isinstance(last[0], LoggedIn) == made
    login.abandon()
