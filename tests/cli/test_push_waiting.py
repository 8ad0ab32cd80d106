"""`push queue`, `push retry`, `push feedback`, `push trace`: the daemon's facts, made readable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.operations.admin_daemon import listening

ROW = {"lane": "apns:TEAM.KEY", "class": "alert", "customer": "acme", "waiting": 3, "in_flight": 1,
       "octets": 900, "oldest": 75.2, "next": 0.0, "trouble": None}  # fmt: skip
ID = "5f0c2f6e-9a3b-4d1e-8f00-1234567890ab"
DEAD = {"number": 7, "customer": "acme", "channel": "ios", "device": "device#91c2ab",
        "reason": "Unregistered", "at": 1_800_000_000}  # fmt: skip
TRACE = {
    "id": ID, "channel": "ios", "kind": "avnewcall", "device": "device#91c2ab",
    "accepted": 1_800_000_000.25, "status": "sent", "customer": "acme",
    "steps": [
        {"ms": 0.0, "step": "accepted"},
        {"ms": 38.0, "step": "provider_answer", "lane": "apns:TEAM.KEY", "http_status": 200},
        {"ms": 38.0, "step": "ended", "reason": "why"},
    ],
}  # fmt: skip


@contextmanager
def daemon(config: Path, verb: str, *answers: Any) -> Iterator[list[dict[str, Any]]]:
    """A daemon that answers one question after the other, and keeps them."""
    asked: list[dict[str, Any]] = []
    told: Callable[[], Any] = iter(answers).__next__

    def answer(question: dict[str, Any]) -> Any:
        asked.append({name: value for name, value in question.items() if name != "verb"})
        return told()

    with listening(config.parent / "admin.sock", {verb: answer}):
        yield asked


def test_what_waits_is_a_table(command: Command, config: Path) -> None:
    later = ROW | {"class": "background", "next": 12.0, "trouble": "InvalidProviderToken"}
    away = ROW | {"class": "call", "next": None}
    facts = {"restored": True, "queue": [ROW, later, away]}
    with daemon(config, "push-queue", facts, facts) as asked:
        head, *rows = command("push", "queue").text.splitlines()
        assert head.split() == ["lane", "class", "customer", "waiting", "in", "flight", "oldest",
                                "next", "trouble"]  # fmt: skip
        assert [row.split(None, 5)[5].split() for row in rows] == [
            ["1", "min", "due", "-"],
            ["1", "min", "in", "12", "s", "InvalidProviderToken"],
            ["1", "min", "-", "-"],
        ]
        said = command("push", "queue", "--customer", "ACME", "--lane", "apns:TEAM.KEY", "--json")
        assert said.facts == facts
    assert asked == [{}, {"customer": "acme", "lane": "apns:TEAM.KEY"}]


def test_an_empty_queue_says_so_and_whether_there_may_be_more(
    command: Command, config: Path
) -> None:
    facts = [{"restored": True, "queue": []}, {"restored": False, "queue": []}]
    with daemon(config, "push-queue", *facts):
        assert command("push", "queue").text == "nothing waits\n"
        assert command("push", "queue").text == (
            "the queue of the last run is still being read; there is more\nnothing waits\n"
        )


def test_what_was_made_due_is_told(command: Command, config: Path) -> None:
    facts = {"pushes": 3, "lanes": ["apns:TEAM.KEY", "fcm:project"]}
    nothing = {"pushes": 0, "lanes": []}
    with daemon(config, "push-retry", facts, nothing, facts, facts) as asked:
        assert command("push", "retry").text == (
            "3 delayed pushes are due now\n"
            "lanes that try their provider at once: apns:TEAM.KEY, fcm:project\n"
        )
        assert "at once: none" in command("push", "retry", "--customer", "acme").text
        command("push", "retry", ID)
        assert command("push", "retry", "--lane", "fcm:project", "--json").facts == facts
    assert asked == [{}, {"customer": "acme"}, {"id": ID}, {"lane": "fcm:project"}]


def test_a_push_is_named_alone(command: Command) -> None:
    said = command("push", "retry", ID, "--customer", "acme")
    assert (said.status, "by its ID alone" in said.text) == (2, True)


def test_dead_tokens_are_told_by_stand_ins(command: Command, config: Path) -> None:
    facts = {"feedback": [DEAD], "last": 7}
    with daemon(config, "push-feedback", facts, facts, {"feedback": [], "last": 7}) as asked:
        head, row = command("push", "feedback").text.splitlines()
        assert head.split() == ["number", "customer", "channel", "device", "reason", "at"]
        assert row.split()[:5] == ["7", "acme", "ios", "device#91c2ab", "Unregistered"]
        assert command("push", "feedback", "--json").facts == facts
        said = command("push", "feedback", "--after", "7", "--customer", "acme")
        assert said.text == "no dead tokens\n"
    assert asked == [{"after": 0}, {"after": 0}, {"after": 7, "customer": "acme"}]


def test_a_trace_is_a_table_of_steps(command: Command, config: Path) -> None:
    long = TRACE | {"left_out": 5}
    with daemon(config, "push-trace", TRACE, TRACE, long) as asked:
        lines = command("push", "trace", ID).text.splitlines()
        assert lines[0].split() == ["push", ID]
        assert lines[5].startswith("accepted  2027-01-15T")
        assert [line.split() for line in lines[7:]] == [
            ["ms", "step", "by", "http", "reason"],
            ["0.0", "accepted", "-", "-", "-"],
            ["38.0", "provider", "answer", "apns:TEAM.KEY", "200", "-"],
            ["38.0", "ended", "-", "-", "why"],
        ]
        assert command("push", "trace", ID, "--json").facts == TRACE
        assert "5 steps in the middle are left out" in command("push", "trace", ID).text
    assert asked == [{"id": ID}] * 3


@pytest.mark.parametrize("words", [("queue",), ("retry",), ("feedback",), ("trace", ID)])
def test_without_a_daemon_there_is_nothing_to_tell(
    command: Command, words: tuple[str, ...]
) -> None:
    said = command("push", *words)
    assert (said.status, "not running" in said.text) == (1, True)
