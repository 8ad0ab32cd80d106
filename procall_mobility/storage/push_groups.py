"""What is to be written of pushes in one piece, and can be read before it is."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from procall_mobility.gateway.push.ports import Answered, Ending, QueuedPush

Durable = Callable[[bool], None]

LARGEST = 1024
"""Rows after which another group is begun: some 20 ms, for which nobody else can write."""


@define
class Addition:
    """Pushes that are accepted together or not at all, and what their sender is answered."""

    pushes: Sequence[QueuedPush]
    durable: Durable
    answered: Mapping[bytes, Answered]
    """By the hash it is found by; one or none."""


@frozen(kw_only=True)
class Burial:
    """A token that is dead."""

    customer: str
    app: str
    token: str = field(repr=False)
    reason: str
    at: float
    """When that was found out."""
    since: float


LIVING: Final = Burial(customer="", app="", token="", reason="", at=0.0, since=0.0)
"""Takes the place of the burial of a token that lives again."""


@define
class Group:
    """Everything that was told since the group before."""

    additions: list[Addition] = field(factory=list)
    pushes: dict[str, QueuedPush] = field(factory=dict)
    """Those of the additions, by id."""
    promised: dict[bytes, Answered] = field(factory=dict)
    """Answers of the additions: they hold when the pushes are written."""
    endings: dict[str, Ending] = field(factory=dict)
    postponed: dict[str, QueuedPush] = field(factory=dict)
    burials: dict[bytes, Burial] = field(factory=dict)
    """By the token's hash."""
    answers: dict[bytes, Answered] = field(factory=dict)
    due: float = math.inf
    """When it is to be written, on the reactor's clock."""

    @property
    def size(self) -> int:
        """Rows it takes, about."""
        notes = len(self.endings) + len(self.postponed) + len(self.burials) + len(self.answers)
        return len(self.pushes) + notes

    def add(self, addition: Addition) -> None:
        """Take pushes in."""
        self.additions.append(addition)
        for push in addition.pushes:
            self.pushes[push.notification.id] = push
        self.promised.update(addition.answered)

    def answer(self, key: bytes) -> Answered | None:
        """Return what was answered to a request, by the hash of its key."""
        return self.answers.get(key) or self.promised.get(key)

    def unended(self, pushes: Sequence[QueuedPush]) -> list[QueuedPush]:
        """Return those whose rows are worth being written."""
        return [push for push in pushes if push.notification.id not in self.endings]

    def take_over(self, older: "Group") -> None:
        """Keep the notes of a group that could not be written; newer ones stand."""
        self.endings = {**older.endings, **self.endings}
        self.postponed = {**older.postponed, **self.postponed}
        self.burials = {**older.burials, **self.burials}
        self.answers = {**older.answers, **self.answers}


def postponed(push: QueuedPush, later: QueuedPush) -> QueuedPush:
    """Return a push after another attempt; of `later` only the attempt is looked at."""
    return evolve(
        push, not_before=later.not_before, attempts=later.attempts, sandbox=later.sandbox
    )
