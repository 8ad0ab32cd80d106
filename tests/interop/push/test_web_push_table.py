"""Every row of what push services answer (push.md 3.3), by the whole gateway."""

import json
from pathlib import Path

import pytest
from attrs import define, evolve

from examples.push_simulators.web_push.answers import ROWS as ANSWERS
from procall_mobility.protocols.push.web_push_outcomes import PHRASES, REACTIONS, REASONS
from tests.daemon import Daemon
from tests.interop.push.reactions import (
    AtOnce,
    Dead,
    Later,
    Reaction,
    Refused,
    Renewed,
    Row,
    Sent,
)
from tests.interop.push.running import Running
from tests.interop.push.tables import Case, Stage, house, named

pytestmark = pytest.mark.interop

ROWS = ("201", "200", *ANSWERS)
OLD = 61.0
"""Seconds after which a signature may be the reason."""
MISMATCH = Dead("vapid-key-mismatch")
BUSY = Later(least=1.0, most=2.0, scope="lane")
THROTTLED = Later(least=60.0, most=120.0, scope="token")
SOON = Later(least=0.0, most=1.0)


def stale(reason: str) -> Renewed:
    return Renewed(reason=reason, age=OLD)


EXPECTED: dict[str, Reaction] = {
    "201": Sent(),
    "200": Sent(),
    "400 Bad Request": Refused("http-400"),
    "400 Invalid TTL": Refused("http-400"),
    "400 Invalid Topic": Refused("http-400"),
    "401 Unauthorized": stale("errno-109"),
    "403 Forbidden": stale("errno-109"),
    # The subscription belongs to another key.
    "403 VAPID public key mismatch": MISMATCH,
    "400 VapidPkHashMismatch": MISMATCH,
    "403 other credentials": MISMATCH,
    "403 BadJwtToken": stale("BadJwtToken"),
    "403 ExpiredJwtToken": stale("ExpiredJwtToken"),
    "404 Not Found": Dead("http-404"),
    "405 Method Not Allowed": Refused("http-405"),
    "410 Gone": Dead("http-410"),
    "413 Payload Too Large": Refused("http-413"),
    "429 Too Many Requests": THROTTLED,
    "500 Internal Server Error": Later(least=1.0, most=2.0),
    "503 Service Unavailable": BUSY,
    "503 once more": AtOnce(),
}
BY_STATUS: dict[int, Reaction] = {
    400: Refused("http-400"),
    401: stale("http-401"),
    # Google says it of dead ones too, and does not say so: counted, and no token dies of it.
    403: Refused("http-403"),
    404: Dead("http-404"),
    408: SOON,
    410: Dead("http-410"),
    413: Refused("http-413"),
    418: Refused("http-418"),
    421: SOON,
    425: SOON,
    429: THROTTLED,
    502: Later(least=1.0, most=2.0),
    503: BUSY,
}


def row(answer: object, **more: object) -> Row:
    made = Row(
        provider="web_push",
        channel="web.demo",
        lane="webpush:",
        tokens=str,
        known_as=lambda token: str(json.loads(token)["endpoint"].rpartition("/")[2]),
        answer=answer,  # type: ignore[arg-type]
    )
    return evolve(made, **more)


CASES = {name: Case(row=row(name), reaction=reaction) for name, reaction in EXPECTED.items()}
CASES |= {
    f"{status} without a word": Case(row=row({"status": status}), reaction=reaction)
    for status, reaction in BY_STATUS.items()
}
CASES |= {
    "429, Retry-After": Case(
        row=row("429 Too Many Requests", headers={"retry-after": "600"}),
        reaction=Later(least=600.0, most=660.0, scope="token"),
    ),
    "307, which is not followed": Case(
        row=row({"status": 307, "headers": {"location": "https://127.0.0.1/"}}),
        reaction=Refused("http-307"),
    ),
}


@define
class Browsers(Stage):
    """A stage on which tokens are subscriptions, made when they are wanted."""

    sender: str

    def subscribe(self, number: int) -> str:
        made = self.simulators.ask("subscriptions", {"sender": self.sender})
        return json.dumps({**made, "expirationTime": None})

    def on(self, case: Case) -> Row:
        return evolve(case.row, tokens=self.subscribe)


@pytest.fixture(scope="module")
def stage(started: Running, tmp_path_factory: pytest.TempPathFactory) -> Browsers:
    folder = tmp_path_factory.mktemp("house")
    key = folder / "vapid.pem"
    app = ("push", "app", "add", "web.demo", "--provider", "webpush", "--credential-file",
           str(key), "--subject", "mailto:push@example.com")  # fmt: skip
    made = Daemon(folder).cli("push", "app", "key", str(key))
    assert made.exit_code == 0, made.output
    settings = house(folder, started, [app], 'endpoints_inside = ["127.0.0.1"]\n')
    return Browsers(settings, started, made.stdout.strip())


def test_no_row_is_missing() -> None:
    """Neither of our tables nor of the simulator's."""
    assert set(ROWS) == EXPECTED.keys()
    assert REACTIONS.keys() <= BY_STATUS.keys()
    shown = {f"errno-{reason}" if reason.isdigit() else reason for reason in REASONS}
    stale_ones = {each.reason for each in EXPECTED.values() if isinstance(each, Renewed)}
    assert shown - stale_ones == {"errno-202", "VapidPkHashMismatch"}
    assert len(PHRASES) <= 3


@pytest.mark.parametrize("case", named(CASES))
def test_a_row_has_the_reaction_of_the_design(
    stage: Browsers, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.play(stage.on(case), case.reaction.check, tmp_path, monkeypatch)


def test_a_fresh_signature_that_is_refused_as_well_suspends_the_origin(
    stage: Browsers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES["403 BadJwtToken"]
    stage.play(stage.on(case), case.reaction.check_of_no_use, tmp_path, monkeypatch)


def test_a_signature_that_is_young_is_not_renewed(
    stage: Browsers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES["403 BadJwtToken"]
    stage.play(stage.on(case), case.reaction.check_of_young, tmp_path, monkeypatch)
