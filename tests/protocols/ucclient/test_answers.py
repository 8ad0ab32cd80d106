"""What clients get over HTTP (Wire 1.1, 1.2, 2.3, 2.5, 2.7, 2.9)."""

import json

import pytest

from procall_mobility.protocols.rose.messages import (
    BerValue,
    Error,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
)
from procall_mobility.protocols.ucclient import answers
from procall_mobility.protocols.ucclient.assumptions import ClientAssumptions
from procall_mobility.protocols.ucclient.bad_request import BadRequest
from procall_mobility.protocols.ucclient.client_errors import LogonCode, logon_error
from procall_mobility.protocols.ucclient.outcomes import LoggedIn, NextStep, Refused

S = "7C0E5B2A4F1D4E6C9A3B8D7E6F5A4B3C"
CONTACT = {"u8sContactId": "sip:alice@example.test"}
DEFAULT = ClientAssumptions()
OTHER = ClientAssumptions(one_shot_error_status=500, bad_session_status=400)
BASIC_LINE = 'Basic realm="UCServer"'
REFUSED_101 = {
    "_type": "AsnLogonError",
    "iErrorDetail": 101,
    "sAuthCredetials": "",
    "u8sErrorString": "User Authentication failed",
    "u8sFailedUser": "",
}


def body(answer):
    return json.loads(answer.body)


def lines(answer, name):
    return [value for key, value in answer.headers if key == name]


ROWS = {
    "1.1 look-up": (
        answers.lookup_found("https://a.example"),
        200,
        {"redirect": "https://a.example"},
    ),
    "1.2 version": (answers.version(70), 200, {"ucserverprotocolversion": 70}),
    "2.3 session": (
        answers.session_created(LoggedIn(S, "alice", CONTACT, {"x": 1}), False),
        200,
        {"sessionid": S, "ownContact": CONTACT},
    ),
    "2.3 session with other members (A-11)": (
        answers.session_created(LoggedIn(S, "alice", CONTACT, {"x": 1, "sessionid": "y"}), True),
        200,
        {"sessionid": S, "ownContact": CONTACT, "x": 1},
    ),
    "2.1 destroyed": (answers.destroyed(), 200, {}),
    "2.5 Entra as JSON": (
        answers.redirected("https://login.example/", True),
        200,
        {"redirect": "https://login.example/"},
    ),
    "2.7 logon refused, 401 suppressed": (
        answers.refused(Refused(400, REFUSED_101, (), "x", 0, 44, S)),
        400,
        {"error": REFUSED_101, "error_value": 0, "invokedID": 44, "sessionID": S},
    ),
    "2.7 logon refused": (
        answers.refused(Refused(401, REFUSED_101, (BASIC_LINE,), "x")),
        401,
        {"error": REFUSED_101, "error_value": 0, "invokedID": 0},
    ),
    "2.7 next step": (
        answers.next_step(NextStep(S, "NTLM dHdv", "H", REFUSED_101), "H"),
        401,
        {"error": REFUSED_101, "error_value": 0},
    ),
    "2.7 one-shot error": (
        answers.rose_error(Error(44, JsonValue('{"iErrorDetail":5}'), 2, S), DEFAULT),
        400,
        {"error": {"iErrorDetail": 5}, "error_value": 2, "invokedID": 44, "sessionID": S},
    ),
    "2.7 one-shot error, status set (A-15)": (
        answers.rose_error(Error(44, None), OTHER),
        500,
        {"error": {}, "error_value": 0, "invokedID": 44},
    ),
    "2.7 one-shot reject": (
        answers.rose_reject(
            Reject(5, Problem(ProblemKind.INVOKE, 1), "unrecognisedOperation"), DEFAULT
        ),
        400,
        {
            "invokedID": {"invokedID": 5},
            "reject": {"invokeProblem": 1},
            "details": "unrecognisedOperation",
        },
    ),
    "2.7 one-shot reject without anything, status set (A-15)": (
        answers.rose_reject(Reject(None), OTHER),
        500,
        {"invokedID": {"invokednull": None}},
    ),
    "2.7 session unknown": (
        answers.bad_session(DEFAULT),
        403,
        {
            "error": {
                "details": "the session is unknown or has ended",
                "_type": "WsError",
                "iErrorDetail": 8,
                "u8sErrorString": "the session is unknown or has ended",
            }
        },
    ),
    "2.7 not connected": (
        answers.not_connected("riroabc"),
        502,
        {
            "error": {
                "details": "server not connected here: [riroabc]",
                "_type": "WsError",
                "iErrorDetail": 119,
                "u8sErrorString": "UCServer is not connected here",
            }
        },
    ),
    "2.7 one-shot success": (
        answers.call_succeeded(JsonValue('{"sToken":"ä"}')),
        200,
        {"sToken": "ä"},
    ),
    "2.7 one-shot success without a result": (answers.call_succeeded(None), 200, {}),
    "2.7 one-shot success in the other encoding": (
        answers.call_succeeded(BerValue(b"0\x00")),
        200,
        {},
    ),
    "2.9 public presence": (
        answers.public_contacts({"sip:a@example.test": {}}),
        200,
        {"contacts": {"sip:a@example.test": {}}},
    ),
}

ALL = {
    **{name: row[0] for name, row in ROWS.items()},
    "busy": answers.busy(7),
    "timed out": answers.timed_out(),
    "attempts": answers.too_many_attempts(9, False),
    "bad request": answers.bad_request(BadRequest("x", "y")),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_answer_has_its_status_and_body(row):
    """Wire, the section that the row names."""
    answer, status, members = ROWS[row]
    assert (answer.status, body(answer)) == (status, members)


@pytest.mark.parametrize("name", ALL)
def test_every_json_answer_describes_and_guards_itself(name):
    """Wire 1.1: Content-Length always; no cache and no guessing of types."""
    answer = ALL[name]
    assert lines(answer, "Content-Type") == ["application/json; charset=utf-8"]
    assert lines(answer, "Content-Length") == [str(len(answer.body))]
    assert lines(answer, "Cache-Control") == ["no-store"]
    assert lines(answer, "X-Content-Type-Options") == ["nosniff"]


def test_an_origin_has_no_trailing_slash():
    """Wire 1.1: clients append /ws/... by plain concatenation."""
    answer = answers.lookup_found("https://ucweb1.example.net/")
    assert answer.body == b'{"redirect":"https://ucweb1.example.net"}'


def test_nothing_is_204_with_an_empty_body():
    """C3; Wire 1.1, A-04."""
    answer = answers.nothing()
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("content-length") is None
    assert answer.header("content-type") is None


def test_a_401_has_one_line_per_scheme():
    """C4; Wire 2.4 point 1."""
    answer = answers.refused(Refused(401, REFUSED_101, (BASIC_LINE, "NTLM"), "x"))
    assert lines(answer, "WWW-Authenticate") == [BASIC_LINE, "NTLM"]


def test_a_400_has_no_challenge():
    """C4; Wire 2.2: a browser must show no box."""
    assert not lines(answers.refused(Refused(400, REFUSED_101, (), "x")), "WWW-Authenticate")


def test_a_next_step_names_the_handshake():
    """Wire 2.4 point 3."""
    answer = answers.next_step(NextStep(S, "NTLM dHdv", None, {}), "made-here")
    assert lines(answer, "WWW-Authenticate") == ["NTLM dHdv"]
    assert lines(answer, "X-EPID") == ["made-here"]
    assert S.encode() not in answer.body


def test_entra_is_a_redirect_for_those_who_did_not_ask_for_json():
    """Wire 2.5."""
    answer = answers.redirected("https://login.example/", False)
    assert (answer.status, answer.body) == (302, b"")
    assert lines(answer, "Location") == ["https://login.example/"]
    assert lines(answer, "Content-Length") == ["0"]


def test_busy_and_timed_out_are_errors_of_the_web_service():
    """Wire 2.7, A-17."""
    answer = answers.busy(7)
    assert (answer.status, lines(answer, "Retry-After")) == (503, ["7"])
    assert body(answer)["error"]["_type"] == "WsError"
    answer = answers.timed_out()
    assert (answer.status, body(answer)["error"]["iErrorDetail"]) == (504, 504)


@pytest.mark.parametrize(("suppress", "status"), [(False, 401), (True, 400)])
def test_too_many_attempts_are_told_in_the_words_of_a_logon_error(suppress, status):
    """Wire 2.7: 131 under the rules of 401 and 400, with the time to wait."""
    answer = answers.too_many_attempts(9, suppress)
    assert (answer.status, body(answer)["error"]["iErrorDetail"]) == (status, 131)
    assert lines(answer, "Retry-After") == ["9"]
    assert bool(lines(answer, "WWW-Authenticate")) is (status == 401)


def test_the_status_of_a_bad_session_is_a_setting():
    """A-16."""
    assert answers.bad_session(OTHER).status == 400


@pytest.mark.parametrize("status", [400, 404, 405, 413])
def test_a_bad_request_is_told_in_the_same_shape(status):
    """A-01: the text helps, the request is not quoted."""
    allow = ("GET", "POST") if status == 405 else ()
    answer = answers.bad_request(BadRequest("code", "a text", status=status, allow=allow))
    assert answer.status == status
    assert body(answer)["error"]["u8sErrorString"] == "a text"
    assert lines(answer, "Allow") == (["GET, POST"] if allow else [])


@pytest.mark.parametrize("code", list(LogonCode))
def test_our_own_logon_errors_have_all_members(code):
    """Wire 2.7; `sAuthCredetials` is spelt like that."""
    assert logon_error(code, "t") == {
        "_type": "AsnLogonError",
        "iErrorDetail": int(code),
        "sAuthCredetials": "",
        "u8sErrorString": "t",
        "u8sFailedUser": "",
    }


def test_the_logon_codes_are_the_published_ones():
    """Wire 2.7."""
    assert sorted(LogonCode) == [100, 101, *range(103, 115), 129, 130, 131, 133]


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        (ProblemKind.GENERAL, "generalProblem"),
        (ProblemKind.INVOKE, "invokeProblem"),
        (ProblemKind.RETURN_RESULT, "returnResultProblem"),
        (ProblemKind.RETURN_ERROR, "returnErrorProblem"),
    ],
)
def test_every_kind_of_problem_has_its_member(kind, member):
    """Wire 4.1."""
    answer = answers.rose_reject(Reject(1, Problem(kind, 2)), DEFAULT)
    assert body(answer)["reject"] == {member: 2}


def test_a_result_that_no_utf8_exists_for_is_still_an_answer():
    """A decoder never gives one; an exception here would leave the client waiting."""
    assert answers.call_succeeded(JsonValue('"\ud800"')).body == b'"?"'


def test_bodies_are_in_no_repr():
    """They hold session ids and tokens."""
    told = repr(answers.session_created(LoggedIn(S, "alice", CONTACT, {}), True))
    assert S not in told
