"""Log-ons that are given up, misused, or answered by anything at all."""

import json

import pytest
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
from procall_mobility.protocols.ucclient.credentials import Blob, Token
from procall_mobility.protocols.ucclient.intentions import (
    DestroySession,
    Direct,
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
from tests.protocols.ucclient.logons import (
    ALICE,
    CONTACT,
    ENTRA,
    ENTRA_URL,
    S,
    begun,
    create,
    error,
    reject,
    result,
    session,
    under_way,
)

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
