"""Every row of FCM's table (push.md 3.2), by the whole gateway against the simulator."""

import json
from email.utils import formatdate
from pathlib import Path

import pytest
from attrs import evolve

from examples.push_simulators.fcm.answers import FCM_ERROR
from examples.push_simulators.fcm.answers import ROWS as ANSWERS
from procall_mobility.protocols.push.fcm_outcomes import REACTIONS, WITHOUT_CODE
from tests.interop.push.gateway_here import Clocks
from tests.interop.push.reactions import (
    Dead,
    Later,
    Reaction,
    Refused,
    Renewed,
    Row,
    Sent,
    Suspended,
)
from tests.interop.push.running import Running
from tests.interop.push.tables import Case, Stage, house, named
from tests.interop.push.town import at_google

pytestmark = pytest.mark.interop

ROWS = ("200", *ANSWERS)
A_MINUTE = 61.0
"""Seconds after which an access token may be too old."""
FIRST, QUOTA = Later(least=1.0, most=2.0), Later(least=60.0, most=120.0, scope="lane")


def row(answer: object, **more: object) -> Row:
    made = Row(
        provider="fcm",
        channel="android.demo",
        lane="fcm:",
        tokens=lambda number: f"device-{number}:" + "x" * 120,
        answer=answer,  # type: ignore[arg-type]
    )
    return evolve(made, **more)


def said(status: int, code: str | None = None, **more: object) -> dict[str, object]:
    """Return an answer in full, as Google writes its errors."""
    details = [] if code is None else [{"@type": FCM_ERROR, "errorCode": code}]
    error = {"code": status, "message": "?", "details": details, **more}
    return {"status": status, "body": json.dumps({"error": error})}


EXPECTED: dict[str, Reaction] = {
    "200": Sent(),
    "400 INVALID_ARGUMENT token": Dead("INVALID_ARGUMENT"),
    "400 INVALID_ARGUMENT field": Refused("INVALID_ARGUMENT"),
    "401 THIRD_PARTY_AUTH_ERROR": Suspended("THIRD_PARTY_AUTH_ERROR"),
    "401 UNAUTHENTICATED": Renewed(reason="UNAUTHENTICATED", age=A_MINUTE),
    "403 SENDER_ID_MISMATCH": Dead("SENDER_ID_MISMATCH"),
    "403 PERMISSION_DENIED": Suspended("PERMISSION_DENIED"),
    "404 UNREGISTERED": Dead("UNREGISTERED"),
    # The project is not there; its tokens are as good as before.
    "404 NOT_FOUND": Suspended("NOT_FOUND"),
    "429 QUOTA_EXCEEDED": QUOTA,
    "429 QUOTA_EXCEEDED device": evolve(QUOTA, scope="token"),
    "500 INTERNAL": FIRST,
    "502 html": FIRST,
    "503 UNAVAILABLE": FIRST,
}
CASES = {name: Case(row=row(name), reaction=reaction) for name, reaction in EXPECTED.items()}
CASES |= {
    "400 INVALID_ARGUMENT of a push": Case(
        row=row(said(400, "INVALID_ARGUMENT")), reaction=Refused("INVALID_ARGUMENT")
    ),
    "429 without a code": Case(row=row(said(429)), reaction=QUOTA),
    "503, Retry-After in seconds": Case(
        row=row("503 UNAVAILABLE", headers={"retry-after": "30"}),
        reaction=Later(least=30.0, most=31.0),
    ),
    "400 without a code": Case(row=row(said(400)), reaction=Refused("http-400")),
    "401 without a code": Case(
        row=row(said(401)), reaction=Renewed(reason="http-401", age=A_MINUTE)
    ),
    **{
        f"{status} without a code": Case(row=row(said(status)), reaction=reaction)
        for status, reaction in {
            403: Suspended("http-403"),
            404: Suspended("http-404"),
            405: Suspended("http-405"),
            413: Refused("http-413"),
        }.items()
    },
}


@pytest.fixture(scope="module")
def stage(started: Running, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    apps = [at_google("android.demo", started.facts)]
    return Stage(house(tmp_path_factory.mktemp("house"), started, apps), started)


def test_no_row_is_missing() -> None:
    """Neither of our table nor of the simulator's, which was made from Google's pages."""
    assert set(ROWS) == EXPECTED.keys()
    for status, code in REACTIONS:
        assert any(name.startswith(f"{status} {code}") for name in EXPECTED), (status, code)
    assert {f"{status} without a code" for status in WITHOUT_CODE} <= CASES.keys()


@pytest.mark.parametrize("case", named(CASES))
def test_a_row_has_the_reaction_of_the_design(
    stage: Stage, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(case.row, case.reaction.check, tmp_path, monkeypatch)


def test_retry_after_may_be_a_date(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9110 section 10.2.3."""
    clocks = Clocks()
    date = {"retry-after": formatdate(clocks.time() + 120, usegmt=True)}
    case = row("503 UNAVAILABLE", headers=date, clocks=lambda: clocks)
    # A date has whole seconds.
    stage.play(case, Later(least=119.0, most=121.0).check, tmp_path, monkeypatch)


@pytest.mark.parametrize("case", named(CASES, Renewed))
def test_a_fresh_token_that_is_refused_as_well_suspends_the_lane(
    stage: Stage, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(case.row, case.reaction.check_of_no_use, tmp_path, monkeypatch)


@pytest.mark.parametrize("case", named(CASES, Renewed))
def test_a_token_that_was_fetched_a_moment_ago_is_not_fetched_again(
    stage: Stage, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(case.row, case.reaction.check_of_young, tmp_path, monkeypatch)
