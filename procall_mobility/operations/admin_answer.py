"""Reads what a daemon has answered, which may be of another version than whoever asks.

An upgrade leaves the daemon of before at work for hours, and the one of after tells what that one
has told it.  So members may be missing, may be new, or may be of another kind: what is there is
shown, and a dash stands for what is not understood.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

from procall_mobility.operations.rendering import visible

NOTHING: Final = "-"


@frozen
class Answer:
    """A part of what was answered, down to a single number or text; nothing in it ever fails."""

    said: Any

    def __getitem__(self, name: str) -> "Answer":
        """Return a member; one that says nothing where there is none."""
        return Answer(self.members().get(name))

    def __iter__(self) -> "Iterator[Answer]":
        """Yield the items of a list; none of anything else."""
        return map(Answer, self.said if isinstance(self.said, list) else ())

    def __bool__(self) -> bool:
        """Tell whether it says anything."""
        return bool(self.said)

    def __len__(self) -> int:
        """Count the items of a list."""
        return len(self.said) if isinstance(self.said, list) else 0

    def __str__(self) -> str:
        """Return it for people: a list with commas, of texts nothing that steers a terminal."""
        if isinstance(self.said, list):
            return ", ".join(map(str, self)) or NOTHING
        return NOTHING if self.said is None or self.said == "" else visible(str(self.said))

    @property
    def text(self) -> str:
        """Return a text as it is; an empty one of anything else."""
        return self.said if isinstance(self.said, str) else ""

    @property
    def number(self) -> float | None:
        """Return a number; None of anything else."""
        is_number = isinstance(self.said, int | float) and not isinstance(self.said, bool)
        # No date is beyond these, and nothing that is counted; JSON knows no bound.
        return self.said if is_number and math.isfinite(self.said) else None

    def members(self) -> dict[str, Any]:
        """Return the members of an object; none of anything else."""
        return self.said if isinstance(self.said, dict) else {}

    def counts(self) -> list[tuple[str, str]]:
        """Return the members of an object for people, by name."""
        members = self.members().items()
        return sorted((visible(name), str(Answer(each))) for name, each in members)

    def shown(self, by: Callable[[float], str]) -> str:
        """Return a number as `by` shows it; a dash of anything else, or where `by` cannot."""
        number = self.number
        if number is None:
            return NOTHING
        try:
            return by(number)
        except (ValueError, OverflowError, OSError):  # No clock goes so far.
            return NOTHING
