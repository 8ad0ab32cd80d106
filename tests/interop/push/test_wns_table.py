"""Every row of WNS' table (push.md 3.6), by the whole gateway against the simulator: HTTP/1.1."""

from pathlib import Path

import pytest
from attrs import evolve

from examples.push_simulators.wns.judge import ERRORS, STATUSES
from procall_mobility.protocols.push import wns_outcomes
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
from tests.interop.push.town import at_microsoft

pytestmark = pytest.mark.interop

ROWS = (*(f"200 {status}" for status in STATUSES), *ERRORS)
A_MINUTE = 61.0
CHANNELS = "https://db5.notify.windows.com/?token="


def row(answer: object, **more: object) -> Row:
    made = Row(
        provider="wns",
        channel="windows.demo",
        lane="wns:",
        tokens=lambda number: f"{CHANNELS}channel-{number}",
        known_as=lambda token: token.removeprefix(CHANNELS),
        answer=answer,  # type: ignore[arg-type]
    )
    return evolve(made, **more)


def dropped(connection: str) -> dict[str, object]:
    """Return the answer to a push for a computer that is not connected as it should be."""
    fields = {"x-wns-status": "dropped", "x-wns-deviceconnectionstatus": connection}
    return {"status": 200, "headers": fields}


EXPECTED: dict[str, Reaction] = {
    "200 received": Sent(),
    # With 200, and not delivered.
    "200 dropped": Refused("dropped"),
    "200 channelthrottled": Later(least=60.0, most=120.0, scope="token"),
    "400 Bad Request": Refused("http-400"),
    "401 Unauthorized": Renewed(reason="http-401", age=A_MINUTE),
    # Another application's channel, which any user can register: not the lane's trouble.
    "403 Forbidden": Dead("http-403"),
    "404 Not Found": Dead("http-404"),
    "405 Method Not Allowed": Refused("http-405"),
    "406 Not Acceptable": Later(least=60.0, most=120.0, scope="lane"),
    "410 Gone": Dead("http-410"),
    "410 Domain Blocked": Suspended("domain-blocked"),
    "411 Length Required": Refused("http-411"),
    "413 Request Entity Too Large": Refused("http-413"),
    "500 Internal Server Error": Later(least=1.0, most=2.0),
    "503 Service Unavailable": Later(least=1.0, most=2.0, scope="lane"),
}
CASES = {name: Case(row=row(name), reaction=reaction) for name, reaction in EXPECTED.items()}
CASES |= {
    "406, Retry-After": Case(
        row=row("406 Not Acceptable", headers={"retry-after": "300"}),
        reaction=Later(least=300.0, most=360.0, scope="lane"),
    ),
    "502, of a proxy": Case(
        row=row({"status": 502, "body": "<html>"}), reaction=Later(least=1.0, most=2.0)
    ),
    "302, which is not followed": Case(
        row=row({"status": 302, "headers": {"location": "https://127.0.0.1/"}}),
        reaction=Refused("http-302"),
    ),
    **{
        f"200 dropped, {status}": Case(
            row=row(dropped(status)), reaction=Later(least=10.0, most=20.0, scope="token")
        )
        for status in ("disconnected", "tempdisconnected", "tempconnected")
    },
}


@pytest.fixture(scope="module")
def stage(started: Running, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("house")
    apps = [at_microsoft("windows.demo", started.facts, folder)]
    return Stage(house(folder, started, apps), started)


def test_no_row_is_missing() -> None:
    """Neither of our tables nor of the simulator's, which was made from Microsoft's pages."""
    assert set(ROWS) == EXPECTED.keys()
    known = {int(name[:3]) for name in EXPECTED}
    assert wns_outcomes.REACTIONS.keys() <= known
    assert {f"200 {status}" for status in wns_outcomes.STATUSES} <= EXPECTED.keys()
    assert {f"200 dropped, {status}" for status in wns_outcomes.AWAY} <= CASES.keys()


@pytest.mark.parametrize("case", named(CASES))
def test_a_row_has_the_reaction_of_the_design(
    stage: Stage, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(case.row, case.reaction.check, tmp_path, monkeypatch)


def test_a_fresh_token_that_is_refused_as_well_suspends_the_lane(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES["401 Unauthorized"]
    stage.play(case.row, case.reaction.check_of_no_use, tmp_path, monkeypatch)


def test_a_token_that_was_fetched_a_moment_ago_is_not_fetched_again(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES["401 Unauthorized"]
    stage.play(case.row, case.reaction.check_of_young, tmp_path, monkeypatch)
