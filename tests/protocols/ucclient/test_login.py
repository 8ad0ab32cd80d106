"""Wire 2.3, 2.7, 5.5: one step that logs a user on, or does not."""

import base64

import pytest

from procall_mobility.protocols.rose.messages import (
    JsonValue,
)
from procall_mobility.protocols.ucclient.client_errors import LogonCode
from procall_mobility.protocols.ucclient.credentials import Basic, Token
from procall_mobility.protocols.ucclient.intentions import (
    DestroySession,
    Direct,
    Negotiation,
)
from procall_mobility.protocols.ucclient.login import Login, LoginRules
from procall_mobility.protocols.ucclient.outcomes import (
    LoggedIn,
    Refused,
    SessionMade,
)
from tests.protocols.ucclient.logons import (
    ALICE,
    BASIC_LINE,
    CONTACT,
    ENTRA,
    JWT_LINE,
    STEPS,
    V2,
    S,
    argument,
    begun,
    create,
    error,
    names,
    result,
    session,
    under_way,
)


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
