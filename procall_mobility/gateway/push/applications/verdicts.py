"""Whether an application's credential is good, in plain words: what `push app test` says.

A push to a token that nobody has is refused by every provider, and how it is refused tells whether
the credential was taken: who finds fault with the token has accepted whoever asks.
"""

from typing import Final, assert_never

from attrs import frozen

from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.outcomes import (
    CredentialStale,
    Delivered,
    LaneRefused,
    Later,
    Outcome,
    Refused,
    TokenDead,
    WrongEnvironment,
)

MADE_UP: Final = "0" * 64
"""A token that has the form all providers want, and belongs to no device."""

WORTH: Final = 60.0
"""Seconds a push for a test is worth something."""


@frozen(kw_only=True)
class Verdict:
    """What was found out."""

    is_good: bool | None
    """None where it could not be found out."""
    text: str
    reason: str | None = None
    """A word of the provider's, or of ours."""
    http_status: int | None = None


def check_push(
    push: str,
    *,
    customer: str,
    app: str,
    token: str,
    sandbox: bool | None,
    is_voip: bool,
    unix: float,
) -> QueuedPush:
    """Return a push that tells the application nothing but that it could be reached."""
    return QueuedPush(
        customer=customer,
        app=app,
        notification=Notification(
            id=push,
            kind="check",
            token=token,
            is_voip=is_voip,
            urgency=Urgency.ALERT,
            expires=unix + WORTH,
            content={},
        ),
        accepted=unix,
        not_before=unix,
        sandbox=sandbox,
    )


def of_made_up_token(outcome: Outcome, status: int) -> Verdict:
    """Return what a provider's answer to a push to `MADE_UP` tells."""
    match outcome:
        case Delivered():
            return Verdict(
                is_good=True, text="the provider takes the credential", http_status=status
            )
        case TokenDead(reason=reason, needs_living=True):
            text = (
                "the provider takes the credential; of a wrong application id it would say the "
                "same, so try a device's token"
            )
            is_good: bool | None = True
        case TokenDead(reason=reason) | WrongEnvironment(reason=reason):
            text = "the provider takes the credential: only the made-up token was refused"
            is_good = True
        case Refused(reason=reason):
            text = "the provider knows the credential, and refuses what is sent with it"
            is_good = False
        case CredentialStale(reason=reason) | LaneRefused(reason=reason):
            text = "the provider refuses the credential"
            is_good = False
        case Later(reason=reason):
            text = "the provider takes nothing now, and says nothing of the credential"
            is_good = None
        case _ as never:
            assert_never(never)
    return Verdict(is_good=is_good, text=text, reason=reason, http_status=status)


def of_push(receipt: Receipt, trouble: str | None) -> Verdict:
    """Return what has become of a push to a device's own token, as far as it is known."""
    reason = receipt.reason
    if not receipt.is_accepted:
        return Verdict(is_good=None, text="the push was not accepted", reason=reason)
    match receipt.state:
        case State.SENT:
            return Verdict(is_good=True, text="the provider has taken the push", reason=reason)
        case State.TOKEN_GONE:
            text = "the credential is taken, and the token is dead: the application is gone"
            return Verdict(is_good=True, text=text, reason=reason)
        case State.QUEUED if trouble is not None:
            text = "the push waits: its lane is in trouble"
            return Verdict(is_good=False, text=text, reason=trouble)
        case State.QUEUED:
            text = "the provider has not answered yet; `push queue` shows what waits"
            return Verdict(is_good=None, text=text)
    text = f"the push was not delivered: it is {receipt.state.value}"
    return Verdict(is_good=False, text=text, reason=reason)
