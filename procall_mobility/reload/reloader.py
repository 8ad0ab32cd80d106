"""Reads the settings file again while the daemon runs: all that can change does, or nothing.

Every part of the house prepares what may fail: it reads files, opens ports, makes what is to take
the place of what is in force.  When all have done so they commit, which does not fail.  When one
cannot, all are undone, and all reasons are told.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen
from twisted.logger import Logger

from procall_mobility.config import SettingError, Settings, SettingsError
from procall_mobility.config.contradictions import contradictions
from procall_mobility.config.differences import Difference, differences, with_values
from procall_mobility.config.settings_file import SettingsFile
from procall_mobility.reload.table import why_not


def _nothing() -> None:
    """Do nothing."""


@frozen(kw_only=True)
class Prepared:
    """What one part has made ready; one of both is called, once."""

    commit: Callable[[], None]
    """Put it in force; does not fail."""
    undo: Callable[[], None] = _nothing
    """Let go of it."""


Part = Callable[[Settings, Settings], Prepared]
"""Takes what is in force and what is to be.  Raises SettingsError, with all that stands against
it, and leaves everything as it was."""

Waits = Callable[[str], str | None]
"""Tells why a setting has to wait for a restart; None when it has not."""


Waiting = tuple[tuple[Difference, str], ...]
"""Settings that wait for a restart, and why."""


@frozen(kw_only=True)
class Outcome:
    """What a reload has come to."""

    changed: tuple[Difference, ...] = ()
    """What is in force now."""
    waiting: Waiting = ()
    """What was left by earlier reloads included."""
    errors: tuple[SettingError, ...] = ()
    """When there are any nothing has changed."""

    def __str__(self) -> str:
        """Say it in one line."""
        if self.errors:
            return (
                f"not reloaded: {_counted(self.errors, 'error')}, nothing has changed; see the log"
            )
        text = f"reloaded: {_counted(self.changed, 'setting')} changed"
        if not self.waiting:
            return text
        waits = "waits" if len(self.waiting) == 1 else "wait"
        return f"{text}, {_counted(self.waiting, 'setting')} {waits} for a restart"

    def facts(self) -> dict[str, Any]:
        """Return the same for JSON."""
        return {
            "changed": [_told(each) for each in self.changed],
            "waiting": _account(self.waiting),
            "errors": [{"path": e.path, "line": e.line, "text": e.text} for e in self.errors],
        }


@define(eq=False, kw_only=True)
class Reloader:
    """Holds the settings in force, and has the parts take over others."""

    source: SettingsFile
    settings: Settings
    """In force; of what waits for a restart, what it was at start."""
    parts: Mapping[str, Part] = field(factory=dict)
    """By a name for the log."""
    waits: Waits = why_not
    waiting: Waiting = field(default=(), init=False)
    """Of the file as it was last taken over."""
    _log = Logger()

    def reload(self) -> Outcome:
        """Take over what the file says now, and write into the log what has come of it."""
        outcome = self._go(commits=True)
        self._write(outcome)
        return outcome

    def try_out(self) -> Outcome:
        """Tell what a reload would come to, and leave all as it is."""
        return self._go(commits=False)

    def account(self) -> list[dict[str, str]]:
        """Return what waits for a restart, for JSON."""
        return _account(self.waiting)

    def _go(self, *, commits: bool) -> Outcome:
        try:
            wanted = self.source.read()
        except SettingsError as error:
            return Outcome(waiting=self.waiting, errors=error.errors)
        waiting = []
        for each in differences(self.settings, wanted):
            why = self.waits(each.path)
            if why is not None:
                waiting.append((each, why))
        after = with_values(wanted, {each.path: each.before for each, _ in waiting})
        prepared, errors = self._prepare(after)
        if errors or not commits:
            _undo(prepared)
        if errors:
            return Outcome(waiting=self.waiting, errors=errors)
        changed = differences(self.settings, after)
        if commits:
            self._commit(prepared)
            self.settings, self.waiting = after, tuple(waiting)
        return Outcome(changed=changed, waiting=tuple(waiting))

    def _prepare(self, after: Settings) -> tuple[list[Prepared], tuple[SettingError, ...]]:
        # What waits may contradict what does not.
        errors = [error for error, _ in contradictions(after)]
        prepared = []
        for name, part in self.parts.items():
            try:
                prepared.append(part(self.settings, after))
            except SettingsError as error:
                errors += error.errors
            except Exception:  # noqa: BLE001  # Our bug, whatever it is: nothing shall change.
                self._log.failure("a part could not be prepared", name=name)
                errors.append(SettingError("", f"a fault of the daemon: {name}; see its log"))
        return prepared, tuple(evolve(each, line=self._line(each)) for each in errors)

    def _commit(self, prepared: Sequence[Prepared]) -> None:
        for each in prepared:
            try:
                each.commit()
            except Exception:  # noqa: BLE001  # Our bug; the others go on all the same.
                self._log.failure("fault in a reload")

    def _line(self, error: SettingError) -> int | None:
        return error.line or (self.source.line_of(error.path) if error.path else None)

    def _write(self, outcome: Outcome) -> None:
        file = str(self.source.path)
        for error in outcome.errors:
            self._log.error("settings not taken over", file=file, error=str(error))
        if outcome.errors:
            count = len(outcome.errors)
            self._log.error("not reloaded, nothing has changed", file=file, count=count)
            return
        for change in outcome.changed:
            self._log.info("setting changed", name=change.path, text=str(change))
        for change, why in outcome.waiting:
            self._log.warn(
                "setting waits for a restart", name=change.path, text=str(change), reason=why
            )
        self._log.info("reloaded", file=file, count=len(outcome.changed))


def _undo(prepared: Sequence[Prepared]) -> None:
    for each in reversed(prepared):
        each.undo()


def _counted(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _account(waiting: Waiting) -> list[dict[str, str]]:
    return [{**_told(each), "why": why} for each, why in waiting]


def _told(change: Difference) -> dict[str, str]:
    return {"path": change.path, "text": str(change)}
