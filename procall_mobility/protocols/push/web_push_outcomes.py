"""What the answers of Web Push services mean (RFC 8030, RFC 8292; UnifiedPush SERV_1.2.0).

Anybody can be a push service.  A lane is one origin with one VAPID key, so that whatever a service
says of our credential is about itself; and reasons are of a closed set, so that no stranger fills
logs and metrics with words of theirs.
"""

from collections.abc import Mapping

from attrs import evolve

from procall_mobility.protocols.push.answers import members, retry_after, word
from procall_mobility.protocols.push.exchange import Answer
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    Later,
    Outcome,
    Refused,
    Scope,
    TokenDead,
)

FIRST_RATE_DELAY = 60.0
"""Seconds an endpoint is left alone that has been told too much; from there on they double."""

FIRST_SERVER_DELAY = 1.0

_OTHER_KEY = TokenDead(reason="vapid-key-mismatch", is_suspicious=True)
"""The application has subscribed with another key than ours, or we were given another one."""

REASONS: Mapping[str, Outcome] = {
    # Apple's, in `reason`.
    "BadJwtToken": CredentialStale(reason="BadJwtToken"),
    "ExpiredJwtToken": CredentialStale(reason="ExpiredJwtToken"),
    "VapidPkHashMismatch": _OTHER_KEY,
    # Mozilla's, in `errno`.
    "109": CredentialStale(reason="errno-109"),
    "202": Later(reason="errno-202", at_once=True),
}
"""Reasons that say more than the status they come with."""

PHRASES: Mapping[bytes, Outcome] = {
    # Google's, in plain text (403), and Mozilla's, in the message of errno 109 (401).
    b"do not correspond to the credentials used to create the subscription": _OTHER_KEY,
    b"does not correspond to the sender ID used to subscribe": _OTHER_KEY,
    b"VAPID public key mismatch": _OTHER_KEY,
}
"""Words where no reason is given."""

REACTIONS: Mapping[int, Outcome] = {
    400: Refused(reason="http-400"),
    401: CredentialStale(reason="http-401"),
    # Google answers this for dead subscriptions as well, without saying so: it is counted, and the
    # token lives on.
    403: Refused(reason="http-403"),
    404: TokenDead(reason="http-404"),
    408: Later(reason="http-408"),
    410: TokenDead(reason="http-410"),
    413: Refused(reason="http-413"),
    421: Later(reason="http-421"),
    425: Later(reason="http-425"),
    429: Later(reason="http-429", scope=Scope.TOKEN, at_least=FIRST_RATE_DELAY),
    503: Later(reason="http-503", scope=Scope.LANE, at_least=FIRST_SERVER_DELAY),
}
"""Status, and what follows where no reason says otherwise."""

MEANING_REASONS = frozenset({400, 401, 403, 503})
"""Statuses whose reasons are looked at."""


def judge(answer: Answer, *, unix: float) -> Outcome:
    """Return what an answer to a push means, whatever it is."""
    # RFC 8030 section 5 has 201 and 202; there are services that say 200.
    if 200 <= answer.status < 300:
        return Delivered()
    outcome = _by_reason(answer) or REACTIONS.get(answer.status) or _by_class(answer.status)
    if isinstance(outcome, Later):
        return evolve(outcome, after=retry_after(answer, unix))
    return outcome


def _by_reason(answer: Answer) -> Outcome | None:
    if answer.status not in MEANING_REASONS:
        return None
    for phrase, outcome in PHRASES.items():
        if phrase in answer.body:
            return outcome
    said = members(answer)
    errno = said.get("errno")
    reason = word(said.get("reason")) or (str(errno) if isinstance(errno, int) else "")
    return REASONS.get(reason)


def _by_class(status: int) -> Outcome:
    # A redirection is never followed: it may lead where the endpoint itself might not.
    if 300 <= status < 500:
        return Refused(reason=f"http-{status}")
    return Later(reason=f"http-{status}", at_least=FIRST_SERVER_DELAY)
