"""A daemon of another version says less, more, or the same otherwise: commands show the rest.

An upgrade whose hand-over fails leaves the daemon of before at work, and the one of after tells
what that one has said while it drains.
"""

import copy
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from procall_mobility.commands.push import lanes_text
from procall_mobility.commands.push_app_test import verdict_text
from procall_mobility.commands.push_waiting import (
    feedback_text,
    queue_text,
    retried_text,
    trace_text,
)
from procall_mobility.commands.reload import reload_text
from procall_mobility.commands.status import status_text
from procall_mobility.commands.turn_datapath import datapath_text
from procall_mobility.commands.turn_facts import sessions_text
from procall_mobility.diagnosis.bundle.answers import status_lines
from procall_mobility.operations.admin_answer import Answer
from tests.cli.conftest import Command
from tests.cli.test_daemon import STATUS
from tests.cli.test_push_app_test import FACTS
from tests.cli.test_push_waiting import DEAD, ROW, TRACE
from tests.cli.test_turn import SESSION
from tests.cli.test_turn_datapath import KERNEL, PYTHON
from tests.operations.admin_daemon import listening

DRAIN = {"relays": 2, "sessions": 0, "until": 1_800_000_000.0}
ERRORS = [{"path": "tls.key", "line": 3, "text": "not there"}]
CHANGES = [{"path": "log.level", "text": "1 -> 2", "why": "because"}]
LANE = {"lane": "apns:T.K", "waiting": 3, "in_flight": 0, "sent": 7, "rejected": 0, "retried": 1,
        "trouble": None}  # fmt: skip

SHOWN: dict[str, tuple[Callable[[Any], object], Any]] = {
    "status": (status_text, {**STATUS, "draining": DRAIN, "before": DRAIN, "waiting": CHANGES}),
    "turn sessions": (sessions_text, {"sessions": [SESSION], "counters": {"allocations": 1}}),
    "turn datapath": (datapath_text, KERNEL),
    "turn datapath by Python": (datapath_text, PYTHON),
    "push lanes": (lanes_text, [LANE]),
    "push queue": (queue_text, {"restored": True, "queue": [ROW]}),
    "push retry": (retried_text, {"pushes": 3, "lanes": ["apns:T.K"]}),
    "push feedback": (feedback_text, {"feedback": [DEAD], "last": 7}),
    "push trace": (trace_text, {**TRACE, "left_out": 3}),
    "push app test": (verdict_text, FACTS),
    "reload": (
        partial(reload_text, dry_run=False),
        {"file": "/x", "changed": CHANGES, "waiting": CHANGES, "errors": []},
    ),
    "reload with errors": (
        partial(reload_text, dry_run=False),
        {"file": "/x", "changed": [], "waiting": [], "errors": ERRORS},
    ),
    "support bundle": (lambda facts: list(status_lines(Answer(facts), "acme")), STATUS),
}
"""How each answer is shown, and one of this version."""

OTHERWISE: tuple[Any, ...] = (None, -1, 1e300, "text", True, [], [7], {}, {"new": [{"more": 1}]})

Path_ = tuple[str | int, ...]


def paths(facts: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the way to each part."""
    yield path
    if isinstance(facts, dict | list):
        for name in facts if isinstance(facts, dict) else range(len(facts)):
            yield from paths(facts[name], (*path, name))


def others(facts: Any) -> Iterator[tuple[Path_, Any]]:
    """Yield what other versions may say: each part missing, of another kind, or with more."""
    for path in paths(facts):
        if not path:
            yield from ((path, each) for each in OTHERWISE)
            continue
        for each in (*OTHERWISE, "missing"):
            other = copy.deepcopy(facts)
            place = other
            for name in path[:-1]:
                place = place[name]
            if each == "missing":
                del place[path[-1]]
            else:
                place[path[-1]] = each
            yield path, other


@pytest.mark.parametrize("command", SHOWN)
def test_whatever_is_answered_can_be_shown(command: str) -> None:
    show, facts = SHOWN[command]
    said = show(facts)
    for path, other in others(facts):
        try:
            show(other)
        except Exception as error:
            raise AssertionError(f"{path}: {other}") from error
    assert show(facts) == said


def test_the_drain_of_a_daemon_that_says_less_is_shown(command: Command, tmp_path: Path) -> None:
    """The one of before says it in its own words, which the one of after hands on as they are."""
    facts = {**STATUS, "before": {"relays": 12, "news": {"calls": 3}}, "draining": None}
    del facts["waiting"]
    with listening(tmp_path / "admin.sock", {"status": lambda _: facts}):
        said = command("status")
        assert command("status", "--json").facts == facts
    assert said.status == 0
    assert "daemon before draining 12 relays, - sessions, until -" in said.text.splitlines()
    assert "connections   7" in said.text


def test_commands_that_ask_for_a_verdict_take_none_for_no(
    command: Command, tmp_path: Path
) -> None:
    verbs = {"push-app-test": lambda _: {"is_good": "certainly"}, "reload": lambda _: {"new": 1}}
    with listening(tmp_path / "admin.sock", verbs):
        assert command("push", "app", "test", "ios").status == 1
        assert (command("reload").status, command("reload").text) == (0, "nothing differs\n")
