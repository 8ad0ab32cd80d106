"""Where the push pipeline meets what remembers: accepted pushes, dead tokens, feedback.

Nobody changes any of it.  Pushes and endings are not frozen all the same: there is one of each for
every push, and attrs takes three times as long to make what is.
"""

import enum
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from attrs import define, evolve, field, frozen

from procall_mobility.protocols.push.notification import Notification

READ_AGAIN: Final = 5.0
"""Seconds until a store that could not be read may be well again."""


class NotReadable(Exception):
    """The store cannot be read now: nothing was found out, and nothing changed.

    The store has logged why.
    """


@define(kw_only=True)
class QueuedPush:
    """An accepted push.  All of it survives a crash."""

    customer: str
    """The UCSID."""
    app: str
    """The customer's, or the operator's, name for the application."""
    notification: Notification
    accepted: float
    """Unix seconds."""
    not_before: float
    """Unix seconds: no attempt is made earlier."""
    attempts: int = 0
    sandbox: bool | None = None
    """Whether the token belongs to the provider's sandbox; None while nobody knows."""

    @property
    def id(self) -> str:
        """The notification's id."""
        return self.notification.id

    def postponed(self, not_before: float) -> "QueuedPush":
        """Return the push after an attempt that did not go through."""
        return evolve(self, not_before=not_before, attempts=self.attempts + 1)


class State(enum.StrEnum):
    """What became of a push; the words of the interface."""

    QUEUED = "queued"
    SENT = "sent"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REPLACED = "replaced"
    """A newer one of the same collapse key took its place."""
    TOKEN_GONE = "token_gone"  # noqa: S105  # A word, no secret.


@define(kw_only=True)
class Ending:
    """How a push has ended."""

    id: str
    customer: str
    state: State
    reason: str | None = None
    at: float
    """Unix seconds."""


@frozen(kw_only=True)
class Feedback:
    """A token that is dead, for the customer's server."""

    number: int
    """Grows; whoever asks names the last one it has seen."""
    app: str
    token: str = field(repr=False)
    reason: str
    at: float
    """Since when it is dead, as far as its provider says; Unix seconds."""


@frozen(kw_only=True)
class Answered:
    """What is answered to a request with an Idempotency-Key."""

    customer: str
    key: str
    digest: bytes
    """Of the request, 255 octets at most: another request with the same key is a mistake."""
    answer: bytes = field(repr=False)
    at: float
    """Unix seconds."""


class PushStore(Protocol):
    """The queue and its neighbours (`storage`).  Calls back later, on the reactor.

    What was told is read again at once, written or not: nothing that has ended is loaded.  Asking
    raises `NotReadable`, but for `fetch`; telling never does.
    """

    def add(
        self,
        pushes: Sequence[QueuedPush],
        durable: Callable[[bool], None],
        answered: Answered | None = None,
    ) -> None:
        """Write pushes in one piece; says True once no crash can lose them.

        False: they could not be written, and none of them is kept; nor is what was `answered`.
        """

    def end(self, endings: Sequence[Ending]) -> None:
        """Forget pushes and note how they ended, with the next group that is written.

        A crash before that makes a duplicate with the same id, never a loss.
        """

    def postpone(self, pushes: Sequence[QueuedPush]) -> None:
        """Note another time and one more attempt."""

    def load(self, after: str | None, most: int) -> list[QueuedPush]:
        """Return accepted pushes in the order of their ids, after one of them; used at start."""

    def fetch(self, ids: Sequence[str]) -> list[QueuedPush] | None:
        """Return those of some accepted pushes that have not ended, in any order.

        Long queues hold no content in memory: it is fetched when a push's turn has come.  None
        while the store cannot be read; it is asked again a second later.
        """

    def known(self, customer: str, pushes: Sequence[str]) -> dict[str, Ending | None]:
        """Return those of some pushes that are a customer's and not forgotten, by their ids.

        Each with how it has ended; None while it is waiting.
        """

    def bury(
        self, customer: str, app: str, token: str, reason: str, at: float, since: float
    ) -> None:
        """Note that a token was found dead, and put that into the customer's feedback.

        It may be dead `since` long before: that is for the customer, and no reason to forget it.
        """

    def buried(self, customer: str, app: str, token: str) -> float | None:
        """Return when a token was found dead, in Unix seconds; None for a living one."""

    def dead_since(self, customer: str, app: str, token: str) -> float | None:
        """Return since when it is dead, as far as its provider says; None for a living one."""

    def dig_up(self, customer: str, app: str, token: str) -> None:
        """Take a token back to the living: its device has registered again."""

    def feedback(self, customer: str, after: int, most: int) -> list[Feedback]:
        """Return dead tokens a customer has not seen yet."""

    def said(self, customer: str, key: str) -> tuple[bytes, bytes] | None:
        """Return digest of the request and answer of an Idempotency-Key of the last 24 hours."""

    def note(self, customer: str, key: str, digest: bytes, answer: bytes, at: float) -> None:
        """Remember what was answered to a request with an Idempotency-Key."""
