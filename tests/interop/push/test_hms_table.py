"""Every row of Huawei's table (push.md 3.5), by the whole gateway against the simulator.

Codes come with HTTP 200 mostly, and some say which tokens are bad, and why.
"""

import json
from pathlib import Path

import pytest
from attrs import evolve

from examples.push_simulators.hms.codes import ROWS
from procall_mobility.protocols.push.hms_outcomes import (
    ALL_BAD,
    BY_STATUS,
    FAMILIES,
    REACTIONS,
    SOME_BAD,
    TOKEN_REASONS,
)
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
from tests.interop.push.town import at_huawei

pytestmark = pytest.mark.interop

A_MINUTE = 61.0
"""Seconds after which an access token may be too old."""
SERVER = Later(least=1.0, most=2.0)
FLOW = Later(least=10.0, most=20.0, scope="lane")


def token(number: int) -> str:
    return f"device-{number:064x}"


def row(answer: object, **more: object) -> Row:
    """Return a row; a code that the simulator's table has not is told to it in full."""
    if isinstance(answer, str) and answer not in ROWS:
        answer = said(code=answer)
    made = Row(
        provider="hms",
        channel="huawei.demo",
        lane="hms:android",
        tokens=token,
        answer=answer,  # type: ignore[arg-type]
    )
    return evolve(made, **more)


def said(status: int = 200, **members: object) -> dict[str, object]:
    return {"status": status, "body": json.dumps(members)}


def illegal(reason: str) -> dict[str, object]:
    """Return what HarmonyOS answers to a push for one token."""
    return said(code=SOME_BAD, msg=json.dumps({"illegalTokens": {reason: [token(1)]}}))


WRONG = (
    "80100001", "80100003", "80100004", "80100013", "80100016", "80100018", "80100022",
    "80300008", "80300010", "80300011", "80300013", "80300030",
)  # fmt: skip
OF_THE_LANE = ("80300002", "80300036", "80300037")
STALE = ("80200001", "80200003", "80200005")

EXPECTED: dict[str, Reaction] = {
    "80000000": Sent(),
    "80100000": Dead("80100000"),
    "80300007": Dead("80300007", needs_living=True),
    **{each: Refused(each) for each in WRONG},
    **{each: Suspended(each) for each in OF_THE_LANE},
    **{each: Renewed(reason=each, age=A_MINUTE) for each in STALE},
    "80100017": Later(least=0.0, most=1.0),
    "80300029": FLOW,
    "80600003": SERVER,
    "81000001": SERVER,
    "503 flow control": FLOW,
}
ILLEGAL: dict[str, Reaction] = {
    "tokenFormatError": Dead("tokenFormatError"),
    "tokenPlatformNotSupport": Dead("tokenPlatformNotSupport"),
    "noRight": Dead("noRight"),
    **{
        each: Refused(each)
        for each in (
            "noPushTypeRight", "noRightToSendThisLiveNotificationEvent",
            "atomicUnableSendUnsubscribedMsg", "countryNotSupport", "differentImgVerifyPolicy",
            "notSupportPlayVoice", "aReasonToCome",
        )
    },
    "disableSendHuaweiMsgBecauseOfPenalty": Suspended("disableSendHuaweiMsgBecauseOfPenalty"),
    "appinfoError": Suspended("appinfoError"),
}  # fmt: skip
STATUSES: dict[int, Reaction] = {
    400: Refused("http-400"),
    401: Renewed(reason="http-401", age=A_MINUTE),
    403: Suspended("http-403"),
    404: Suspended("http-404"),
    405: Suspended("http-405"),
    413: Refused("http-413"),
    429: FLOW,
    500: SERVER,
    503: FLOW,
}
CODES_TO_COME: dict[str, Reaction] = {
    "801": Refused("80199999"),
    "802": Renewed(reason="80299999", age=A_MINUTE),
    "803": Refused("80399999"),
    "899": SERVER,
}

CASES = {name: Case(row=row(name), reaction=reaction) for name, reaction in EXPECTED.items()}
CASES |= {
    f"harmony {name}": Case(
        row=row(illegal(name), channel="harmony.demo", lane="hms:harmony"), reaction=reaction
    )
    for name, reaction in ILLEGAL.items()
}
CASES |= {
    f"{status} without a code": Case(row=row({"status": status, "body": ""}), reaction=reaction)
    for status, reaction in STATUSES.items()
}
CASES |= {
    f"{family}, of a code to come": Case(row=row(f"{family}99999"), reaction=reaction)
    for family, reaction in CODES_TO_COME.items()
}
CASES["another token than ours is bad"] = Case(
    row=row(said(code=SOME_BAD, msg=json.dumps({"illegal_tokens": ["another"]}))),
    reaction=Sent(),
)


@pytest.fixture(scope="module")
def stage(started: Running, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder, facts = tmp_path_factory.mktemp("house"), started.facts
    systems = {"huawei.demo": "android", "harmony.demo": "harmony"}
    apps = [at_huawei(name, facts, system, folder) for name, system in systems.items()]
    return Stage(house(folder, started, apps), started)


def test_no_row_is_missing() -> None:
    """Neither of our tables nor of the simulator's, which was made from Huawei's pages."""
    assert REACTIONS.keys() | {SOME_BAD, ALL_BAD, *ROWS} == EXPECTED.keys()
    assert TOKEN_REASONS.keys() <= ILLEGAL.keys()
    assert BY_STATUS.keys() <= STATUSES.keys()
    assert FAMILIES.keys() <= CODES_TO_COME.keys()


@pytest.mark.parametrize("case", named(CASES))
def test_a_row_has_the_reaction_of_the_design(
    stage: Stage, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(case.row, case.reaction.check, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", ["80200001", "80200003"])
def test_a_fresh_token_that_is_refused_as_well_suspends_the_lane(
    stage: Stage, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    stage.play(case.row, case.reaction.check_of_no_use, tmp_path, monkeypatch)


def test_a_token_that_was_fetched_a_moment_ago_is_not_fetched_again(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Huawei throttles who asks for tokens often."""
    case = CASES["80200003"]
    stage.play(case.row, case.reaction.check_of_young, tmp_path, monkeypatch)
