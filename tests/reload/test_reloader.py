"""All that can change does, or nothing: how a reload goes through the parts of the house."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from twisted.logger import globalLogPublisher

from procall_mobility.config import SettingError, Settings, SettingsError
from procall_mobility.config.settings_file import SettingsFile
from procall_mobility.reload.reloader import Outcome, Prepared, Reloader

USUAL = 'service.origin = "https://a.example.net"\n'


@define
class Parts:
    """Two parts of a house, and what they were asked for."""

    file: Path
    said: list[str] = field(factory=list)
    wrong: dict[str, Exception] = field(factory=dict)
    in_force: dict[str, Settings] = field(factory=dict)

    def part(self, name: str) -> Any:
        def prepare(before: Settings, after: Settings) -> Prepared:
            self.said.append(f"{name} prepared")
            if name in self.wrong:
                raise self.wrong[name]

            def commit() -> None:
                self.said.append(f"{name} committed")
                if f"{name} commits" in self.wrong:
                    raise self.wrong[f"{name} commits"]
                self.in_force[name] = after

            return Prepared(commit=commit, undo=lambda: self.said.append(f"{name} undone"))

        return prepare

    def reloader(self) -> Reloader:
        self.file.write_text(USUAL)
        source = SettingsFile(self.file)
        parts = {name: self.part(name) for name in ("one", "two")}
        return Reloader(source=source, settings=source.read(), parts=parts)


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return Parts(tmp_path / "settings.toml")


@pytest.fixture
def book() -> Iterator[list[dict[str, Any]]]:
    """What is written into the log."""
    events: list[dict[str, Any]] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def lines(book: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Level, what happened, and its details."""
    return [
        (
            event["log_level"].name,
            event["log_format"],
            *(str(event[name]) for name in ("name", "text", "reason", "error") if name in event),
        )
        for event in book
        if event["log_namespace"].startswith("procall_mobility.reload.")
    ]


def test_all_parts_are_prepared_before_the_first_commits(parts: Parts) -> None:
    reloader = parts.reloader()
    parts.file.write_text(f"{USUAL}ucclient.grace = 3\n")
    outcome = reloader.reload()
    assert parts.said == ["one prepared", "two prepared", "one committed", "two committed"]
    assert [each.path for each in outcome.changed] == ["ucclient.grace"]
    assert reloader.settings.ucclient.grace == 3.0
    assert parts.in_force["one"] is parts.in_force["two"] is reloader.settings


def test_when_one_part_cannot_nobody_commits_and_all_reasons_are_told(parts: Parts) -> None:
    reloader = parts.reloader()
    before = reloader.settings
    parts.file.write_text(f"{USUAL}ucclient.grace = 3\nlisten.http = []\n")
    parts.wrong["one"] = SettingsError((SettingError("listen.http", "taken"),))
    parts.wrong["two"] = SettingsError((SettingError("tls.key", "missing"),))
    outcome = reloader.reload()
    assert outcome.changed == ()
    assert outcome.errors == (
        SettingError("listen.http", "taken", line=3),
        SettingError("tls.key", "missing"),
    )
    assert parts.said == ["one prepared", "two prepared"]
    assert reloader.settings is before


def test_what_was_prepared_is_undone(parts: Parts) -> None:
    reloader = parts.reloader()
    parts.wrong["two"] = SettingsError((SettingError("tls.key", "missing"),))
    reloader.reload()
    assert parts.said == ["one prepared", "two prepared", "one undone"]


def test_a_file_that_cannot_be_read_reaches_no_part(parts: Parts) -> None:
    reloader = parts.reloader()
    parts.file.write_text("ucclient.grase = 3\nlisten.http = 4\n")
    outcome = reloader.reload()
    assert [each.path for each in outcome.errors] == [
        "ucclient.grase",
        "listen.http",
        "service.origin",
    ]
    assert parts.said == []
    assert str(outcome) == "not reloaded: 3 errors, nothing has changed; see the log"


def test_what_needs_a_restart_stays_what_it_is_until_then(parts: Parts) -> None:
    """It goes on waiting over later reloads, and no more when it is taken back."""
    reloader = parts.reloader()
    parts.file.write_text(f'{USUAL}turn.ports = "50000-50100"\nucclient.grace = 3\n')
    outcome = reloader.reload()
    assert parts.in_force["one"].turn.ports == (49_152, 65_535)
    assert parts.in_force["one"].ucclient.grace == 3.0
    assert str(outcome) == "reloaded: 1 setting changed, 1 setting waits for a restart"
    for again in (outcome, reloader.reload()):
        ((difference, why),) = again.waiting
        assert (difference.path, why) == ("turn.ports", "relays are open there")
    assert reloader.account() == [
        {
            "path": "turn.ports",
            "text": '"49152-65535" -> "50000-50100"',
            "why": "relays are open there",
        }
    ]
    parts.file.write_text(USUAL)
    assert reloader.reload().waiting == reloader.waiting == ()


def test_what_waits_may_not_contradict_what_does_not(parts: Parts) -> None:
    """The silence is long enough for the new keep-alive only, which comes with the restart."""
    reloader = parts.reloader()
    reloader.waits = lambda path: "it waits" if path == "ucserver.keep_alive" else None
    parts.file.write_text(f"{USUAL}ucserver.keep_alive = 5\nucserver.silence = 10\n")
    outcome = reloader.reload()
    (error,) = outcome.errors
    assert (error.path, error.line) == ("ucserver.silence", 3)
    assert parts.said == ["one prepared", "two prepared", "two undone", "one undone"]


def test_a_broken_file_leaves_what_waits_as_it_was(parts: Parts) -> None:
    reloader = parts.reloader()
    parts.file.write_text(f'{USUAL}turn.ports = "50000-50100"\n')
    waiting = reloader.reload().waiting
    parts.file.write_text("x")
    assert reloader.reload().waiting == reloader.waiting == waiting != ()


def test_a_rehearsal_prepares_everything_and_undoes_it(
    parts: Parts, book: list[dict[str, Any]]
) -> None:
    reloader = parts.reloader()
    parts.file.write_text(f"{USUAL}ucclient.grace = 3\n")
    outcome = reloader.try_out()
    assert [each.path for each in outcome.changed] == ["ucclient.grace"]
    assert parts.said == ["one prepared", "two prepared", "two undone", "one undone"]
    assert reloader.settings.ucclient.grace == 10.0
    assert lines(book) == []


def test_a_fault_of_ours_in_preparing_changes_nothing(parts: Parts) -> None:
    reloader = parts.reloader()
    parts.wrong["two"] = ZeroDivisionError()
    (error,) = reloader.reload().errors
    assert error.text == "a fault of the daemon: two; see its log"
    assert parts.said[-1] == "one undone"


def test_a_fault_of_ours_in_committing_stops_nobody_else(parts: Parts) -> None:
    reloader = parts.reloader()
    parts.file.write_text(f"{USUAL}ucclient.grace = 3\n")
    parts.wrong["one commits"] = ZeroDivisionError()
    reloader.reload()
    assert parts.in_force["two"].ucclient.grace == 3.0


def test_the_log_says_what_differs_what_waits_and_why(
    parts: Parts, book: list[dict[str, Any]]
) -> None:
    reloader = parts.reloader()
    parts.file.write_text(f'{USUAL}turn.ports = "50000-50100"\nucclient.grace = 3\n')
    reloader.reload()
    assert lines(book) == [
        ("info", "setting changed", "ucclient.grace", "10 -> 3"),
        (
            "warn",
            "setting waits for a restart",
            "turn.ports",
            '"49152-65535" -> "50000-50100"',
            "relays are open there",
        ),
        ("info", "reloaded"),
    ]


def test_the_log_says_every_error_with_its_line(parts: Parts, book: list[dict[str, Any]]) -> None:
    reloader = parts.reloader()
    parts.file.write_text(f"{USUAL}ucclient.grase = 3\n")
    reloader.reload()
    told = 'line 2: ucclient.grase: no such setting; did you mean "grace"?'
    assert lines(book) == [
        ("error", "settings not taken over", told),
        ("error", "not reloaded, nothing has changed"),
    ]
    assert all(event["file"] == str(parts.file) for event in book)


def test_a_file_that_is_gone_has_no_lines(tmp_path: Path) -> None:
    assert SettingsFile(tmp_path / "none.toml").line_of("tls.key") is None


def test_an_outcome_is_told_in_json_and_in_one_line() -> None:
    error = SettingError("tls.key", "missing", line=3)
    assert Outcome(errors=(error,)).facts() == {
        "changed": [],
        "waiting": [],
        "errors": [{"path": "tls.key", "line": 3, "text": "missing"}],
    }
    assert str(Outcome(errors=(error,))).startswith("not reloaded: 1 error, nothing")
    assert str(Outcome()) == "reloaded: 0 settings changed"
