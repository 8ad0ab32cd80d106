"""What `push app test` concludes from a provider's answer."""

import pytest

from procall_mobility.gateway.push.applications.verdicts import (
    MADE_UP,
    WORTH,
    check_push,
    of_made_up_token,
    of_push,
)
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.receipts import Receipt, refusal
from procall_mobility.protocols.push.notification import Urgency
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


@pytest.mark.parametrize(
    ("outcome", "is_good", "said"),
    [
        (Delivered(), True, "takes the credential"),
        (TokenDead(reason="BadDeviceToken"), True, "only the made-up token was refused"),
        (TokenDead(reason="80300007", needs_living=True), True, "try a device's token"),
        (WrongEnvironment(reason="BadDeviceToken"), True, "only the made-up token was refused"),
        (Refused(reason="TopicDisallowed"), False, "refuses what is sent with it"),
        (LaneRefused(reason="InvalidProviderToken"), False, "refuses the credential"),
        (CredentialStale(reason="ExpiredProviderToken"), False, "refuses the credential"),
        (Later(reason="Shutdown"), None, "takes nothing now"),
    ],
)
def test_who_finds_fault_with_a_made_up_token_has_taken_the_credential(
    outcome: Outcome, is_good: bool | None, said: str
) -> None:
    verdict = of_made_up_token(outcome, 400)
    assert verdict.is_good is is_good
    assert said in verdict.text
    assert verdict.reason == getattr(outcome, "reason", None)
    assert verdict.http_status == 400


@pytest.mark.parametrize(
    ("receipt", "trouble", "is_good", "said"),
    [
        (Receipt(id="x", state=State.SENT), None, True, "has taken the push"),
        (Receipt(id="x", state=State.TOKEN_GONE, reason="why"), None, True, "token is dead"),
        (Receipt(id="x", state=State.REJECTED, reason="why"), None, False, "it is rejected"),
        (Receipt(id="x", state=State.EXPIRED, reason="why"), None, False, "it is expired"),
        (Receipt(id="x", state=State.QUEUED), None, None, "not answered yet"),
        (Receipt(id="x", state=State.QUEUED), "why", False, "its lane is in trouble"),
        (refusal("x", "why"), None, None, "was not accepted"),
        (refusal("x", "why", state=State.TOKEN_GONE), None, None, "was not accepted"),
    ],
)
def test_a_push_to_a_real_token_tells_by_its_end(
    receipt: Receipt, trouble: str | None, is_good: bool | None, said: str
) -> None:
    verdict = of_push(receipt, trouble)
    assert verdict.is_good is is_good
    assert said in verdict.text
    assert verdict.reason == (receipt.reason or trouble)


def test_a_test_is_a_push_that_says_nothing_and_is_soon_worth_nothing() -> None:
    push = check_push(
        "id", customer="acme", app="ios", token=MADE_UP, sandbox=True, is_voip=True, unix=100.0
    )
    told = push.notification
    assert (told.kind, told.urgency, told.content) == ("check", Urgency.ALERT, {})
    assert (told.expires, told.is_voip, push.sandbox) == (100.0 + WORTH, True, True)
