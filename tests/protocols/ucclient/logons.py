"""Requests, answers and dialogues of log-ons."""

from procall_mobility.protocols.rose.messages import (
    Error,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
    Result,
)
from procall_mobility.protocols.ucclient.credentials import Basic, EntraStart
from procall_mobility.protocols.ucclient.intentions import (
    CreateSession,
)
from procall_mobility.protocols.ucclient.login import Login, LoginRules
from procall_mobility.protocols.ucclient.outcomes import (
    Call,
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
