"""The simulators, which judge as strictly as Apple and Google, find no fault in what we say."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from examples.push_simulators.apns.judge import ApnsJudge
from examples.push_simulators.apns.provider_tokens import ProviderTokens, SigningKey
from examples.push_simulators.exchange import Reply, Request, Verdict, Visit
from examples.push_simulators.fcm.judge import Account, FcmJudge
from procall_mobility.protocols.push import apns, apns_outcomes, fcm, fcm_outcomes
from procall_mobility.protocols.push.apns_outcomes import REACTIONS, OtherEnvironment
from procall_mobility.protocols.push.apple_keys import apple_key
from procall_mobility.protocols.push.apple_tokens import AppleTokens, NoMemory, TokenMemory
from procall_mobility.protocols.push.exchange import Answer, ProviderRequest
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.oauth_answers import Granted, grant_of
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
from tests.protocols.push import pushes
from tests.protocols.push.apple_days import Remembering
from tests.protocols.push.pushes import FCM_TOKEN, UNIX, ec_key, pem, rsa_key
from tests.protocols.push.service_account_files import EMAIL, FILE, account

TEAM, KEY = "DEF123GHIJ", "ABC123DEFG"
MINUTE = 60.0
APP = apns.ApnsTarget(topic="de.example.app", title="ProCall")
PROJECT = fcm.FcmTarget(project="procall-91")
KINDS = ["avnewcall", "avdropcall", "chat", "journal", "check", "voicemail"]


def apple(most_updates: int = 1) -> ApnsJudge:
    tokens = ProviderTokens(most_updates=most_updates)
    tokens.add([SigningKey(id=KEY, team=TEAM, public=ec_key().public_key())])
    return ApnsJudge(tokens=tokens, bundles={TEAM: ("de.example.app",)})


def google() -> FcmJudge:
    known = Account(
        email=EMAIL,
        project="procall-91",
        public=rsa_key().public_key(),
        key_id=str(FILE["private_key_id"]),
    )
    return FcmJudge(accounts={EMAIL: known}, token_uri=str(FILE["token_uri"]))


def asked(judge: ApnsJudge | FcmJudge, said: ProviderRequest, unix: float = UNIX) -> Verdict:
    """Have a judge look at what would go over the wire."""
    request = Request(method=said.method, path=said.path, headers=said.headers, body=said.body)
    return judge.judge(request, Visit(number=1), unix)


def heard(reply: Reply) -> Answer:
    """Return a reply as a client has it."""
    return Answer(status=reply.status, headers=dict(reply.headers), body=reply.body)


def judged(reply: Reply) -> Outcome:
    return apns_outcomes.judge(heard(reply), unix=UNIX, other_environment=OtherEnvironment.TRIED)


NOTIFICATIONS = [
    evolve(pushes.CHAT, kind=kind, urgency=urgency, is_voip=is_voip)
    for kind in KINDS
    for urgency in Urgency
    for is_voip in (False, True)
]


@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_apple_takes_every_kind_of_push(notification: Notification) -> None:
    """With nothing to remark, either."""
    key = apple_key(pem(ec_key()), team=TEAM, key_id=KEY)
    token = AppleTokens(key, wall_clock=lambda: UNIX, memory=NoMemory()).token(0.0)
    verdict = asked(apple(), apns.request(notification, APP, token, UNIX))
    assert (verdict.refusal, verdict.remarks) == ("", ())
    assert judged(verdict.reply) == Delivered()


@pytest.mark.parametrize("notification", NOTIFICATIONS)
def test_google_takes_every_kind_of_push(notification: Notification) -> None:
    """With an access token that it has given for our assertion."""
    judge = google()
    grant = grant_of(heard(asked(judge, account().token_request(fcm.SCOPE, UNIX)).reply), UNIX)
    assert isinstance(grant, Granted) and grant.life == 3599
    push = evolve(notification, token=FCM_TOKEN, is_voip=False)
    for is_rehearsal in (False, True):
        request = fcm.request(push, PROJECT, grant.token, UNIX, is_rehearsal=is_rehearsal)
        verdict = asked(judge, request)
        assert (verdict.refusal, verdict.remarks) == ("", ())
        assert fcm_outcomes.judge(heard(verdict.reply), unix=UNIX) == Delivered()


def test_a_refused_access_token_is_stale() -> None:
    verdict = asked(google(), fcm.request(
        evolve(pushes.CHAT, token=FCM_TOKEN), PROJECT, "ya29.old", UNIX
    ))  # fmt: skip
    outcome = fcm_outcomes.judge(heard(verdict.reply), unix=UNIX)
    assert outcome == CredentialStale(reason="UNAUTHENTICATED")


class Years:
    """Daemons that follow each other, and an Apple that looks closely."""

    def __init__(self, memory: TokenMemory | None = None) -> None:
        self.judge = apple()
        self.unix = UNIX
        self.memory = memory or NoMemory()
        self.start()

    def start(self) -> None:
        key = apple_key(pem(ec_key()), team=TEAM, key_id=KEY)
        self.tokens = AppleTokens(key, wall_clock=lambda: self.unix, memory=self.memory)

    def push(self) -> str:
        """Send one; returns how Apple refused it, after what it said was heeded once."""
        refusal = ""
        for _ in range(2):
            token = self.tokens.token(self.unix)
            said = apns.request(pushes.CHAT, APP, token, self.unix)
            refusal = asked(self.judge, said, self.unix).refusal
            if refusal == apns_outcomes.TOO_MANY_UPDATES:
                self.tokens.too_many(token, self.unix)
        return refusal


@given(st.lists(st.floats(0, 25), min_size=20, max_size=100))
def test_apple_never_finds_a_daemon_that_goes_on_at_fault(pauses: list[float]) -> None:
    """At most one new token in 20 minutes, and none older than an hour."""
    years = Years()
    for pause in pauses:
        years.unix += pause * MINUTE
        token = years.tokens.token(years.unix)
        said = apns.request(pushes.CHAT, APP, token, years.unix)
        assert asked(years.judge, said, years.unix).refusal == ""


@given(st.lists(st.floats(0, 90), min_size=5, max_size=100), st.data())
def test_apple_never_finds_daemons_that_follow_each_other_at_fault(
    pauses: list[float], data: st.DataObject
) -> None:
    """Push 4.5: also where one starts right after a half hour has begun."""
    years = Years(Remembering())
    for pause in pauses:
        years.unix += pause * MINUTE
        if data.draw(st.booleans()):
            years.start()
        token = years.tokens.token(years.unix)
        said = apns.request(pushes.CHAT, APP, token, years.unix)
        assert asked(years.judge, said, years.unix).refusal == ""


@given(st.lists(st.floats(0, 19), min_size=5, max_size=100), st.data())
def test_daemons_that_are_started_again_and_again_get_through(
    pauses: list[float], data: st.DataObject
) -> None:
    """As long as one was running in the last 20 minutes, its token is found again."""
    years = Years()
    assert years.push() == ""
    for pause in pauses:
        years.unix += pause * MINUTE
        if data.draw(st.booleans()):
            years.start()
        assert years.push() == ""


@pytest.mark.parametrize("row", apple().rows)
def test_everything_apple_says_is_understood(row: str) -> None:
    """The simulators' table was made from Apple's pages, not from ours."""
    status, _, reason = row.partition(" ")
    reply = apple().answer(row, Verdict(reply=Reply(200)), UNIX - 60)
    outcome = judged(reply)
    expected = REACTIONS[int(status), reason] if reason else Delivered()
    if isinstance(outcome, TokenDead) and status == "410":
        assert outcome.since == UNIX - 60
        outcome = evolve(outcome, since=None)
    assert outcome == expected


GOOGLE: dict[str, Outcome] = {
    "200": Delivered(),
    "400 INVALID_ARGUMENT token": TokenDead(reason="INVALID_ARGUMENT"),
    "400 INVALID_ARGUMENT field": Refused(reason="INVALID_ARGUMENT"),
    "401 THIRD_PARTY_AUTH_ERROR": LaneRefused(reason="THIRD_PARTY_AUTH_ERROR"),
    "401 UNAUTHENTICATED": CredentialStale(reason="UNAUTHENTICATED"),
    "403 SENDER_ID_MISMATCH": TokenDead(reason="SENDER_ID_MISMATCH", is_suspicious=True),
    "403 PERMISSION_DENIED": LaneRefused(reason="PERMISSION_DENIED"),
    "404 UNREGISTERED": TokenDead(reason="UNREGISTERED"),
    "404 NOT_FOUND": LaneRefused(reason="NOT_FOUND"),
    "429 QUOTA_EXCEEDED": Later(reason="QUOTA_EXCEEDED", scope=Scope.LANE, at_least=60.0),
    "429 QUOTA_EXCEEDED device": Later(reason="QUOTA_EXCEEDED", scope=Scope.TOKEN, at_least=60.0),
    "500 INTERNAL": Later(reason="INTERNAL", at_least=1.0),
    "502 html": Later(reason="http-502", at_least=1.0),
    "503 UNAVAILABLE": Later(reason="UNAVAILABLE", at_least=1.0),
}


@pytest.mark.parametrize("row", google().rows)
def test_everything_google_says_is_understood(row: str) -> None:
    reply = google().answer(row, Verdict(reply=Reply(200)), UNIX)
    assert fcm_outcomes.judge(heard(reply), unix=UNIX) == GOOGLE[row]
