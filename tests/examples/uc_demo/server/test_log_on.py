"""Logging on: passwords and tokens, both generations (Wire 2.4, 2.6, 5.5)."""

import base64
from typing import Any

import pytest

from examples.uc_demo.server.replies import RefusedError, RejectedError
from tests.examples.uc_demo.server.company import ALICE, Company


def enters(company: Company) -> str:
    session = company.office.sessions.create(company.now)
    assert session is not None
    return session.id


def simple(user: str, password: str) -> dict[str, Any]:
    return {"simple": {"u8sClientUsername": user, "u8sClientUserPassword": password}}


def octets(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def token_of(company: Company, **argument: Any) -> str:
    token: str = company.asks(company.arrives("alice"), "asnGetUserToken", **argument)["sToken"]
    return token


@pytest.mark.parametrize("user", ["alice", "Alice", "alice@demo.example"])
def test_a_password_opens_the_first_generation(company: Company, user: str) -> None:
    result = company.asks(enters(company), "asnLogon", authentication=simple(user, "alice"))
    assert result["u8sLoggedInUser"] == "alice"
    assert result["iValidContact"] == 1
    assert result["ownContact"]["u8sContactId"] == ALICE
    assert "iStaticRights2" not in result["ownContact"]


@pytest.mark.parametrize(("user", "password"), [("alice", "bob"), ("carol", ""), ("", "")])
def test_a_wrong_password_is_error_101(company: Company, user: str, password: str) -> None:
    """With every member of AsnLogonError, as clients read them."""
    with pytest.raises(RefusedError) as refused:
        company.asks(enters(company), "asnLogon", authentication=simple(user, password))
    assert refused.value.value == {
        "_type": "AsnLogonError",
        "iErrorDetail": 101,
        "u8sErrorString": "User Authentication failed",
        "sAuthCredetials": "",
        "u8sFailedUser": "",
    }


def test_a_method_that_is_not_there_is_error_106(company: Company) -> None:
    with pytest.raises(RefusedError) as refused:
        company.asks(enters(company), "asnLogon", authentication={"openidc": {}})
    assert refused.value.value["iErrorDetail"] == 106


def test_the_second_generation_tells_its_methods_first(company: Company) -> None:
    """asnLoginV2 without auth: 1 basic, 5 bearer."""
    session = enters(company)
    assert company.asks(session, "asnLoginV2") == {
        "supportedAuthMethods": {"authMethodsOrdered": [1, 5]}
    }
    auth = {"authBasic": {"credential": octets("alice:alice")}}
    assert company.asks(session, "asnLoginV2", auth=auth) == {
        "succceeded": {"u8sLoggedInUser": "alice"}
    }
    contact = company.asks(session, "asnGetLoggedInContactV2")["ownContact"]
    assert contact["u8sContactId"] == ALICE
    assert contact["iStaticRights2"] == 6


@pytest.mark.parametrize("credential", ["", "%%%", octets("alice"), octets("alice:bob")])
def test_a_wrong_credential_is_refused(company: Company, credential: str) -> None:
    session, auth = enters(company), {"authBasic": {"credential": credential}}
    with pytest.raises(RefusedError):
        company.asks(session, "asnLoginV2", auth=auth)


def test_a_token_opens_both_generations(company: Company) -> None:
    token = token_of(company)
    session = enters(company)
    company.asks(session, "asnLoginV2", auth={"authBearer": {"u8sJWT": token}})
    enhanced = {"u8sAuthenticationMethod": "JWT", "sAuthCredetials": octets(token).rstrip("=")}
    session = enters(company)
    result = company.asks(session, "asnLogon", authentication={"enhanced": enhanced})
    assert result["u8sLoggedInUser"] == "alice"


def test_anybody_may_have_a_token_verified(company: Company) -> None:
    """Wire 2.6: callable without login, by the old name and the new one."""
    token = token_of(company)
    assert company.asks(enters(company), "asnTokenVerify", sToken=token) == {}
    assert company.asks(enters(company), "asnTokenVerifyV2", u8sToken=token) == {}


def test_a_token_ends_with_its_time_to_live(company: Company) -> None:
    token = token_of(company, iTTL=60)
    company.wall += 61
    with pytest.raises(RefusedError):
        company.asks(enters(company), "asnTokenVerify", sToken=token)


def test_a_token_of_somebody_else_or_nobody_is_not_valid(company: Company) -> None:
    head, body, signature = token_of(company).split(".")
    bob = octets('{"iss":"ucserver","sub":"bob","exp":9999999999}').rstrip("=")
    for token in ("", "a.b.c", "ä", f"{head}.{bob}.{signature}", f"{head}.{body}."):
        with pytest.raises(RefusedError):
            company.asks(enters(company), "asnTokenVerify", sToken=token)


@pytest.mark.parametrize("operation", ["asnGetUserToken", "asnChatTextMessage", "asnAVMakeCallV2"])
def test_nothing_else_is_open_before_the_log_on(company: Company, operation: str) -> None:
    with pytest.raises(RejectedError):
        company.asks(enters(company), operation)
