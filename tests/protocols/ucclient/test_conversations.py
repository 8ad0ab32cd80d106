"""Whole conversations, from an HTTP request to the answer (Wire 13: C3, C4, C13)."""

import base64
import json

import pytest

from procall_mobility.protocols.rose.messages import Error, JsonValue, Result
from procall_mobility.protocols.ucclient import answers
from procall_mobility.protocols.ucclient.intentions import HttpRequest, Lookup
from procall_mobility.protocols.ucclient.login import Login, LoginRules
from procall_mobility.protocols.ucclient.outcomes import Call, LoggedIn, Refused
from procall_mobility.protocols.ucclient.requests import understand

S = "7C0E5B2A4F1D4E6C9A3B8D7E6F5A4B3C"
BASIC = ("authorization", "Basic " + base64.b64encode(b"alice:wrong").decode())


def ask(path, *, headers=(), query=(), body=b""):
    request = HttpRequest(
        "POST", path, tuple(query), tuple(headers), body, "192.0.2.1", True, "uc.example"
    )
    return understand(request)


def converse(asked, *told, style="v1"):
    """Play a server that says `told`; give what it was asked and the last outcome."""
    login = Login(asked, LoginRules(style))
    login.start()
    outcomes = login.take()
    for message in told:
        hear = login.hears_error if isinstance(message, Error) else login.hears_result
        hear(message)
        outcomes += login.take()
    calls = [(one.operation, one.argument.text) for one in outcomes if isinstance(one, Call)]
    return calls, outcomes[-1]


def result(value):
    return Result(1, JsonValue.of(value))


MADE = result({"u8sSessionID": S, "negotiateresult": {"optionalParams": {"Auth_Basic": 1}}})
WRONG = Error(
    44,
    JsonValue.of(
        {
            "_type": "AsnLogonError",
            "iErrorDetail": 101,
            "sAuthCredetials": "",
            "u8sErrorString": "User Authentication failed",
            "u8sFailedUser": "",
        }
    ),
)


@pytest.mark.parametrize("name", ["riroabc", "RIROABC", " Example.COM "])
def test_c3_an_alias_is_looked_up_and_an_unknown_one_is_answered_204(name):
    """C3."""
    assert ask("/controller/client/ucws", query=[("ucsid", name)]) == Lookup(name.strip().lower())
    assert (answers.nothing().status, answers.nothing().body) == (204, b"")


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ([BASIC], [], 401),
        ([BASIC, ("x-no401", "1")], [], 400),
        ([BASIC], [("no401", "")], 400),
        ([], [("user", "alice"), ("pass", "wrong")], 400),
        ([], [("token", "t")], 400),
        ([("x-uctoken", "t")], [], 400),
        ([("authorization", "JWT t")], [], 401),
    ],
)
@pytest.mark.parametrize("style", ["v1", "v2"])
def test_c4_a_wrong_password_is_401_or_400_with_error_101(headers, query, status, style):
    """C4; Wire 2.7: the published body."""
    asked = ask("/ws/client/createsession", headers=headers, query=[("ucsid", "a"), *query])
    _, refused = converse(asked, MADE, WRONG, style=style)
    assert isinstance(refused, Refused)
    answer = answers.refused(refused)
    assert answer.status == status
    assert json.loads(answer.body) == {
        "error": json.loads(WRONG.error.text),
        "error_value": 0,
        "invokedID": 44,
        "sessionID": S,
    }
    challenge = answer.header("WWW-Authenticate")
    assert challenge == ('Basic realm="UCServer"' if status == 401 else None)


@pytest.mark.parametrize("style", ["v1", "v2"])
def test_c13_no_null_goes_to_the_server_while_a_user_logs_on(style):
    """C13: whatever nulls the client sends."""
    params = b'{"ClientDeviceId":"x","AnonymousToken":null,"list":[null]}'
    for body in (b'{"negotiate":{"optionalParams":%s}}' % params, b'{"optionalParams":null}', b""):
        headers = [BASIC, ("x-ucsid", "a")]
        asked = ask("/ws/client/createsession", headers=headers, body=body)
        in_v2 = [result({"succceeded": {}}), result({"ownContact": {}})]
        told = in_v2 if style == "v2" else [result({"ownContact": {}})]
        calls, last = converse(asked, MADE, *told, style=style)
        assert isinstance(last, LoggedIn)
        assert len(calls) == (3 if style == "v2" else 2)
        assert not [text for _, text in calls if "null" in text]


def test_c13_no_null_goes_to_the_server_in_a_call():
    """C13; Wire 4.3: a NULL is 0 there."""
    query = [("ucsessionid", S), ("ucsid", "a")]
    body = b'{"dummy":null,"u8sName":null}'
    for path in ("/ws/client/asnTransportKeepAlive", "/ws/direct/asnTransportKeepAlive"):
        assert ask(path, query=query, body=body).argument.text == '{"dummy":0}'
