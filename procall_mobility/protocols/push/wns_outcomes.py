"""What the answers of the Windows Push Notification Services mean: status and header fields."""

import re
from collections.abc import Mapping

from attrs import evolve

from procall_mobility.protocols.push.answers import LONGEST_RETRY_AFTER, retry_after
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

FIRST_THROTTLE_DELAY = 60.0
"""Seconds; there is nothing that WNS has promised."""

FIRST_AWAY_DELAY = 10.0
"""Seconds until a computer that was away is looked for again."""

FIRST_SERVER_DELAY = 1.0

REACTIONS: Mapping[int, Outcome] = {
    400: Refused(reason="http-400"),
    401: CredentialStale(reason="http-401"),
    # We are known, and may not write to this channel: it is another application's.  Any user of
    # ours can register such a one, so it is no reason to stop for everybody.
    403: TokenDead(reason="http-403", is_suspicious=True),
    404: TokenDead(reason="http-404"),
    405: Refused(reason="http-405"),
    406: Later(reason="http-406", scope=Scope.LANE, at_least=FIRST_THROTTLE_DELAY),
    410: TokenDead(reason="http-410"),
    413: Refused(reason="http-413"),
    500: Later(reason="http-500", at_least=FIRST_SERVER_DELAY),
    503: Later(reason="http-503", scope=Scope.LANE, at_least=FIRST_SERVER_DELAY),
}
"""Status, and what follows."""

STATUSES: Mapping[str, Outcome] = {
    "received": Delivered(),
    "dropped": Refused(reason="dropped"),
    "channelthrottled": Later(
        reason="channelthrottled", scope=Scope.TOKEN, at_least=FIRST_THROTTLE_DELAY
    ),
}
"""X-WNS-Status of an answer 200, and what follows."""

AWAY = frozenset({"disconnected", "tempdisconnected", "tempconnected"})
"""X-WNS-DeviceConnectionStatus of a computer that was not there to take what was dropped.  The
documentation spells the last two both ways."""

DROPPED_WHILE_AWAY = Later(
    reason="dropped-while-away", scope=Scope.TOKEN, at_least=FIRST_AWAY_DELAY
)

BLOCKED = LaneRefused(reason="domain-blocked")
"""An answer 410 that names it: not this channel is gone, we are shut out."""

TRACES = ("ms-cv", "x-wns-msg-id", "x-wns-debug-trace")
"""What Microsoft asks for when it is told of trouble; there is nothing of a push in it."""

_TRACE = re.compile(r"[A-Za-z0-9+/=._:-]{1,64}", re.ASCII)


def judge(answer: Answer, *, unix: float) -> Outcome:
    """Return what an answer to a push means, whatever it is."""
    outcome = _outcome(answer)
    if isinstance(outcome, Later):
        return evolve(outcome, after=_after(answer, unix))
    return outcome


def traces(answer: Answer) -> dict[str, str]:
    """Return what of an answer belongs into the log."""
    found = ((name, answer.headers.get(name, "")) for name in TRACES)
    return {name: value for name, value in found if _TRACE.fullmatch(value)}


def _outcome(answer: Answer) -> Outcome:
    if 200 <= answer.status < 300:
        # It had the other name in Windows 8.
        status = _field(answer, "x-wns-status") or _field(answer, "x-wns-notificationstatus")
        if status == "dropped" and _field(answer, "x-wns-deviceconnectionstatus") in AWAY:
            return DROPPED_WHILE_AWAY
        return STATUSES.get(status, Delivered())
    if answer.status == 410 and "domain blocked" in _field(answer, "x-wns-error-description"):
        return BLOCKED
    return REACTIONS.get(answer.status) or _by_class(answer.status)


def _field(answer: Answer, name: str) -> str:
    return answer.headers.get(name, "").strip().lower()


def _by_class(status: int) -> Outcome:
    if 300 <= status < 500 and status not in (408, 425, 429):
        return Refused(reason=f"http-{status}")
    return Later(reason=f"http-{status}", at_least=FIRST_SERVER_DELAY)


def _after(answer: Answer, unix: float) -> float | None:
    """Return the seconds that one of two fields asks for."""
    wanted = _field(answer, "x-wns-continue-after")
    if wanted.isascii() and wanted.isdigit():
        return min(float(wanted[:12]), LONGEST_RETRY_AFTER)
    return retry_after(answer, unix)
