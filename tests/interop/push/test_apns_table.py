"""Every row of APNs' table (push.md 3.1), by the whole gateway against the simulator."""

import json
from pathlib import Path

import pytest
from attrs import evolve

from examples.push_simulators.apns.reasons import ROWS
from procall_mobility.protocols.push.apns_outcomes import REACTIONS, UNKNOWN_REASONS
from procall_mobility.transports.http2.rules import ClientRules
from tests.interop.push.gateway_here import clocks_of_a_young_token
from tests.interop.push.reactions import (
    AtOnce,
    Dead,
    Elsewhere,
    Later,
    Reaction,
    Refused,
    Renewed,
    Row,
    Scene,
    Sent,
    Suspended,
)
from tests.interop.push.running import Running
from tests.interop.push.tables import Case, Stage, house, named
from tests.interop.push.town import at_apple

pytestmark = pytest.mark.interop

TWENTY_MINUTES = 1201.0
WARM = ClientRules().warm
"""Connections there are before anybody needs them."""


def row(answer: str, **more: object) -> Row:
    """Return a row; one that the simulator's table has not is told to it in full."""
    status, _, reason = answer.partition(" ")
    said = {"status": int(status), "body": json.dumps({"reason": reason})}
    return evolve(
        Row(
            provider="apns",
            channel="ios.demo",
            lane="apns:",
            tokens=lambda number: f"{number:064x}",
            answer=answer if answer in ROWS else said,
        ),
        **more,
    )


OUR_FAULT = (
    "400 BadCollapseId", "400 BadExpirationDate", "400 BadMessageId", "400 BadPriority",
    "400 BadTopic", "400 DuplicateHeaders", "400 InvalidPushType", "400 MissingDeviceToken",
    "400 MissingTopic", "400 PayloadEmpty", "400 TopicDisallowed", "413 PayloadTooLarge",
)  # fmt: skip
"""Permanent for this push, never for its token."""

OF_THE_LANE = (
    "403 BadCertificate", "403 BadCertificateEnvironment", "403 BadEnvironmentKeyIdInToken",
    "403 BadEnvironmentKeyInToken", "403 Forbidden", "403 InvalidProviderToken",
    "403 MissingProviderToken", "403 UnrelatedKeyIdInToken", "404 BadPath",
    "405 MethodNotAllowed",
)  # fmt: skip
"""Suspended with an alarm; the queue is kept."""

EXPECTED: dict[str, Reaction] = {
    "200": Sent(),
    "400 BadDeviceToken": Dead("BadDeviceToken"),
    "400 DeviceTokenNotForTopic": Dead("DeviceTokenNotForTopic"),
    **{each: Refused(each[4:]) for each in OUR_FAULT},
    "400 IdleTimeout": AtOnce(),
    "403 ExpiredProviderToken": Renewed(reason="ExpiredProviderToken", age=TWENTY_MINUTES),
    **{each: Suspended(each[4:]) for each in OF_THE_LANE},
    "410 Unregistered": Dead("Unregistered"),
    "410 ExpiredToken": Dead("ExpiredToken"),
    "429 TooManyRequests": Later(least=60.0, most=120.0, scope="token"),
    "429 TooManyProviderTokenUpdates": AtOnce(),
    # From a second up to a quarter of an hour, and chance decides.
    "500 InternalServerError": Later(least=0.0, most=1.0),
    "503 ServiceUnavailable": Later(least=0.0, most=1.0),
    "503 Shutdown": Later(least=0.0, most=1.0),
}

CASES = {name: Case(row=row(name), reaction=reaction) for name, reaction in EXPECTED.items()}
CASES |= {
    "403 ExpiredProviderToken": Case(
        row=row("403 ExpiredProviderToken", clocks=clocks_of_a_young_token),
        reaction=EXPECTED["403 ExpiredProviderToken"],
    ),
    "400 BadDeviceToken, in both environments": Case(
        row=row("400 BadDeviceToken", channel="ios.both"), reaction=Elsewhere("apns_sandbox")
    ),
    "429 TooManyRequests, Retry-After": Case(
        row=row("429 TooManyRequests", headers={"retry-after": "600"}),
        reaction=Later(least=600.0, most=660.0, scope="token"),
    ),
    "503 ServiceUnavailable, Retry-After": Case(
        row=row("503 ServiceUnavailable", headers={"retry-after": "900"}),
        reaction=Later(least=900.0, most=901.0),
    ),
    "502, not from Apple": Case(
        row=evolve(row("200"), answer={"status": 502, "body": "<html>"}),
        reaction=Later(least=0.0, most=1.0),
    ),
    **{
        f"{status}, of a reason to come": Case(row=row(f"{status} NewReason"), reaction=reaction)
        for status, reaction in {
            400: Refused("NewReason"),
            403: Suspended("NewReason"),
            404: Suspended("NewReason"),
            405: Suspended("NewReason"),
            410: Dead("NewReason"),
            413: Refused("NewReason"),
        }.items()
    },
}


@pytest.fixture(scope="module")
def stage(started: Running, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    facts = started.facts
    apps = at_apple("ios.demo", facts, "production"), at_apple("ios.both", facts, "both")
    return Stage(house(tmp_path_factory.mktemp("house"), started, apps), started)


def test_no_row_is_missing() -> None:
    """Neither of our table nor of the simulator's, which was made from Apple's pages."""
    ours = {f"{status} {reason}" for status, reason in REACTIONS}
    assert ours | set(ROWS) == EXPECTED.keys()
    unknown = {f"{status}, of a reason to come" for status in UNKNOWN_REASONS}
    assert unknown <= CASES.keys()


@pytest.mark.parametrize("case", named(CASES))
def test_a_row_has_the_reaction_of_the_design(
    stage: Stage, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(case.row, case.reaction.check, tmp_path, monkeypatch)


def test_a_fresh_token_that_is_refused_as_well_suspends_the_lane(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES["403 ExpiredProviderToken"]
    stage.play(case.row, case.reaction.check_of_no_use, tmp_path, monkeypatch)


def test_a_token_that_apple_was_given_a_minute_ago_is_not_renewed(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most one in 20 minutes; it is our clock that is wrong, or Apple's."""
    case = CASES["403 ExpiredProviderToken"]
    stage.play(case.row, case.reaction.check_of_young, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", [each for each in EXPECTED if each[0] == "5"])
def test_a_call_is_tried_once_more_at_once(
    name: str, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another connection: it cannot wait a quarter of an hour.  Its clocks stand still."""

    def check(scene: Scene) -> None:
        scene.connected(WARM)
        scene.says(1)
        call = scene.pushes(kind="avnewcall")
        scene.sent(call)
        first, second = scene.here.arrivals(call)
        assert first["connection"] != second["connection"]

    stage.play(CASES[name].row, check, tmp_path, monkeypatch)
