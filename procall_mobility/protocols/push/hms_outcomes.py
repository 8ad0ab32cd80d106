"""What the answers of Huawei's Push Kit mean: mostly HTTP 200, and a code in the body."""

import json
from collections.abc import Iterator, Mapping

from attrs import evolve

from procall_mobility.protocols.push.answers import members, retry_after, word
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Refused,
    Scope,
    TokenDead,
)

SOME_BAD, ALL_BAD = "80100000", "80300007"
"""Codes that are about tokens; `msg` may tell about which, and in HarmonyOS why."""

FIRST_SERVER_DELAY = 1.0
FIRST_FLOW_DELAY = 10.0
"""Seconds; Huawei asks to spread what it has too much of."""

REACTIONS: Mapping[str, Outcome] = {
    "80000000": Delivered(),
    "80100001": Refused(reason="80100001"),  # A parameter is wrong.
    "80100003": Refused(reason="80100003"),  # The structure is wrong.
    "80100004": Refused(reason="80100004"),  # Its time was over.
    "80100013": Refused(reason="80100013"),  # collapse_key.
    "80100016": Refused(reason="80100016"),  # Words that may not be said.
    "80100017": Later(reason="80100017"),  # Too many topics at once.
    "80100018": Refused(reason="80100018"),  # A reviewer's signature.
    "80100022": Refused(reason="80100022"),  # A picture's.
    "80200001": CredentialStale(reason="80200001"),
    "80200003": CredentialStale(reason="80200003"),  # The access token is over.
    "80200005": CredentialStale(reason="80200005"),  # The account's own token is.
    "80300002": LaneRefused(reason="80300002"),  # The application may not push.
    "80300008": Refused(reason="80300008"),  # Too large.
    "80300010": Refused(reason="80300010"),  # Number of tokens.
    # `HmsTarget.may_ring` promises a right that Huawei has not given; alerts still go through.
    "80300011": Refused(reason="80300011"),
    "80300013": Refused(reason="80300013"),  # Where receipts go.
    "80300029": Later(reason="80300029", scope=Scope.LANE, at_least=FIRST_FLOW_DELAY),
    "80300030": Refused(reason="80300030"),
    "80300036": LaneRefused(reason="80300036"),  # The account's own token lives too long.
    "80300037": LaneRefused(reason="80300037"),  # A penalty.
    "80600003": Later(reason="80600003", at_least=FIRST_SERVER_DELAY),
    "81000001": Later(reason="81000001", at_least=FIRST_SERVER_DELAY),
}
"""Code, and what follows."""

FAMILIES: Mapping[str, type[Refused | CredentialStale | Later]] = {
    "801": Refused,
    "802": CredentialStale,
    "803": Refused,
}
"""Beginnings of codes that came later, and what follows; all others are Huawei's own trouble."""

TOKEN_REASONS: Mapping[str, Outcome] = {
    "tokenFormatError": TokenDead(reason="tokenFormatError"),
    "tokenPlatformNotSupport": TokenDead(reason="tokenPlatformNotSupport"),
    # The application is not of our project, or its phone has moved to HarmonyOS 5 since.
    "noRight": TokenDead(reason="noRight", is_suspicious=True),
    "noPushTypeRight": Refused(reason="noPushTypeRight"),
    "noRightToSendThisLiveNotificationEvent": Refused(
        reason="noRightToSendThisLiveNotificationEvent"
    ),
    "atomicUnableSendUnsubscribedMsg": Refused(reason="atomicUnableSendUnsubscribedMsg"),
    "countryNotSupport": Refused(reason="countryNotSupport"),
    "differentImgVerifyPolicy": Refused(reason="differentImgVerifyPolicy"),
    "notSupportPlayVoice": Refused(reason="notSupportPlayVoice"),
    "disableSendHuaweiMsgBecauseOfPenalty": LaneRefused(
        reason="disableSendHuaweiMsgBecauseOfPenalty"
    ),
    "appinfoError": LaneRefused(reason="appinfoError"),
}
"""Why HarmonyOS did not take a token: "invalid" are called living ones as well."""

BY_STATUS: Mapping[int, Outcome] = {
    400: Refused(reason="http-400"),
    401: CredentialStale(reason="http-401"),
    403: LaneRefused(reason="http-403"),
    404: LaneRefused(reason="http-404"),  # No such application or project.
    405: LaneRefused(reason="http-405"),
    413: Refused(reason="http-413"),
    429: Later(reason="http-429", scope=Scope.LANE, at_least=FIRST_FLOW_DELAY),
    503: Later(reason="http-503", scope=Scope.LANE, at_least=FIRST_FLOW_DELAY),
}
"""Status, and what follows where there is no code."""


def judge(answer: Answer, *, token: str, unix: float) -> Outcome:
    """Return what an answer means for the push to one token, whatever it is."""
    outcome = _outcome(answer, token)
    if isinstance(outcome, Later):
        return evolve(outcome, after=retry_after(answer, unix))
    return outcome


def _outcome(answer: Answer, token: str) -> Outcome:
    said = members(answer)
    code = _code(said.get("code"))
    if code is None:
        return BY_STATUS.get(answer.status) or _later(f"http-{answer.status}")
    if code in (SOME_BAD, ALL_BAD):
        return _of_token(code, said.get("msg"), token)
    return REACTIONS.get(code) or _by_family(code)


def _code(value: object) -> str | None:
    # Documented as text; some have seen numbers.
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return word(str(value) if is_number else value)


def _by_family(code: str) -> Outcome:
    family = FAMILIES.get(code[:3], Later)
    return _later(code) if family is Later else family(reason=code)


def _later(reason: str) -> Later:
    return Later(reason=reason, at_least=FIRST_SERVER_DELAY)


def _of_token(code: str, message: object, token: str) -> Outcome:
    illegal = _members(message)
    for reason, tokens in _reasons(illegal):
        if isinstance(tokens, list) and token in tokens:
            return TOKEN_REASONS.get(reason) or Refused(reason=word(reason) or code)
    old = illegal.get("illegal_tokens")
    if code == ALL_BAD:
        # A wrong application id makes all tokens bad.
        return TokenDead(reason=code, is_suspicious=True, needs_living=True)
    if isinstance(old, list) and token in old:
        return TokenDead(reason=code)
    is_told = isinstance(old, list) or isinstance(illegal.get("illegalTokens"), dict)
    return Delivered() if is_told else _later(code)


def _reasons(illegal: dict[str, object]) -> Iterator[tuple[str, object]]:
    reasons = illegal.get("illegalTokens")
    yield from reasons.items() if isinstance(reasons, dict) else ()


def _members(message: object) -> dict[str, object]:
    """Return the members of the JSON that is in a string of the JSON."""
    try:
        value = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}
