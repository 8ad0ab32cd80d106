"""Wire 2.4, 2.5: log-ons of several steps, and those that lead elsewhere."""

import base64

import pytest
from attrs import evolve

from procall_mobility.protocols.rose.messages import (
    Error,
)
from procall_mobility.protocols.ucclient.credentials import Basic, Blob
from procall_mobility.protocols.ucclient.intentions import (
    DestroySession,
    Negotiation,
)
from procall_mobility.protocols.ucclient.login import LoginRules
from procall_mobility.protocols.ucclient.outcomes import (
    LoggedIn,
    NextStep,
    Redirect,
)
from tests.protocols.ucclient.logons import (
    ALICE,
    BASIC_LINE,
    CONTACT,
    ENTRA,
    ENTRA_URL,
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
    under_way,
)


def paused(rules=STEPS):
    login = under_way(create(Blob("NTLM", b"one")), rules, Auth_Basic=1)
    login.hears_error(error({"iErrorDetail": 105, "sAuthCredetials": "dHdv"}))
    login.take()
    return login


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
