"""What APNs' answers mean ("Handling notification responses from APNs")."""

import enum
from collections.abc import Mapping

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
    WrongEnvironment,
)

DELIVERED = Delivered()
"""What most answers mean."""

TOO_MANY_UPDATES = "TooManyProviderTokenUpdates"
"""The push goes again at once, with the older of our tokens (`AppleTokens.too_many`)."""

FIRST_TOKEN_DELAY = 60.0
"""Seconds a device is left alone that has been told too much; from there on they double."""


class OtherEnvironment(enum.Enum):
    """What is known about the application's other environment, sandbox or production."""

    NONE = "none"
    """The application is there in one alone."""
    UNTRIED = "untried"
    TRIED = "tried"
    """The token is known not to belong there."""


REACTIONS: Mapping[tuple[int, str], Outcome] = {
    (400, "BadDeviceToken"): TokenDead(reason="BadDeviceToken"),
    (400, "DeviceTokenNotForTopic"): TokenDead(
        reason="DeviceTokenNotForTopic", is_suspicious=True
    ),
    **{
        (400, reason): Refused(reason=reason)
        for reason in (
            "BadCollapseId", "BadExpirationDate", "BadMessageId", "BadPriority", "BadTopic",
            "DuplicateHeaders", "InvalidPushType", "MissingDeviceToken", "MissingTopic",
            "PayloadEmpty", "TopicDisallowed",
        )
    },
    (400, "IdleTimeout"): Later(reason="IdleTimeout", at_once=True),
    (403, "ExpiredProviderToken"): CredentialStale(reason="ExpiredProviderToken"),
    **{
        (403, reason): LaneRefused(reason=reason)
        for reason in (
            "BadCertificate", "BadCertificateEnvironment", "BadEnvironmentKeyIdInToken",
            "BadEnvironmentKeyInToken", "Forbidden", "InvalidProviderToken",
            "MissingProviderToken", "UnrelatedKeyIdInToken",
        )
    },
    # Our own mistake, and one that every push would meet: none is given up for it.
    (404, "BadPath"): LaneRefused(reason="BadPath"),
    (405, "MethodNotAllowed"): LaneRefused(reason="MethodNotAllowed"),
    (410, "Unregistered"): TokenDead(reason="Unregistered"),
    (410, "ExpiredToken"): TokenDead(reason="ExpiredToken"),
    (413, "PayloadTooLarge"): Refused(reason="PayloadTooLarge"),
    (429, "TooManyRequests"): Later(
        reason="TooManyRequests", scope=Scope.TOKEN, at_least=FIRST_TOKEN_DELAY
    ),
    (429, TOO_MANY_UPDATES): Later(reason=TOO_MANY_UPDATES, at_once=True),
    # Apple asks for a quarter of an hour.  Delays grow up to that, and a call, which cannot wait,
    # is tried on another connection first.
    (500, "InternalServerError"): Later(reason="InternalServerError"),
    (503, "ServiceUnavailable"): Later(reason="ServiceUnavailable"),
    (503, "Shutdown"): Later(reason="Shutdown"),
}  # fmt: skip
"""Status and reason, and what follows."""

UNKNOWN_REASONS: Mapping[int, type[Refused | LaneRefused | TokenDead]] = {
    400: Refused,
    403: LaneRefused,
    404: LaneRefused,
    405: LaneRefused,
    410: TokenDead,
    413: Refused,
}
"""What follows from a status whose reason Apple has added since."""

WITHOUT_REASON: Mapping[int, type[Refused | LaneRefused]] = {
    403: LaneRefused,
    404: LaneRefused,
    405: LaneRefused,
    413: Refused,
}
"""What follows from a status without any reason, that is, not from Apple but from something on
the way: no token dies and no push is given up on its word, unless it is too large for it."""


def judge(answer: Answer, *, unix: float, other_environment: OtherEnvironment) -> Outcome:
    """Return what an answer to a push means, whatever it is."""
    if answer.status == 200:
        return DELIVERED
    said = members(answer)
    reason = word(said.get("reason"))
    outcome = _outcome(answer.status, reason)
    match outcome:
        case TokenDead(reason="BadDeviceToken"):
            return _of_bad_token(outcome, other_environment)
        case TokenDead():
            return evolve(outcome, since=_seconds(said.get("timestamp")))
        case Later():
            return evolve(outcome, after=retry_after(answer, unix))
        case _:
            return outcome


def _outcome(status: int, reason: str | None) -> Outcome:
    if reason is None:
        without = WITHOUT_REASON.get(status)
        return without(reason=f"http-{status}") if without else _later(status, f"http-{status}")
    known = REACTIONS.get((status, reason))
    if known is not None:
        return known
    kind = UNKNOWN_REASONS.get(status)
    if kind is TokenDead:
        return TokenDead(reason=reason, is_suspicious=True)
    return kind(reason=reason) if kind else _later(status, reason)


def _later(status: int, reason: str) -> Later:
    if status == 429:
        return Later(reason=reason, scope=Scope.TOKEN, at_least=FIRST_TOKEN_DELAY)
    return Later(reason=reason)


def _of_bad_token(dead: TokenDead, other_environment: OtherEnvironment) -> Outcome:
    if other_environment is OtherEnvironment.UNTRIED:
        return WrongEnvironment(reason=dead.reason)
    # Where there is no other, all tokens look bad to whoever has been given the wrong one.
    return evolve(dead, is_suspicious=other_environment is OtherEnvironment.NONE)


def _seconds(timestamp: object) -> float | None:
    # Milliseconds; `since` is a favour to tokens registered later, and nonsense does none.
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        return None
    return float(timestamp / 1000) if 0 < timestamp < 1e16 else None
