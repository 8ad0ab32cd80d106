"""Takes pushes of servers that show no credential, and says of each device what became of it.

A push has the same id however often it is handed in, and is sent once.  A dead token is told as
such only while its tombstone stands: what looks dead for a mistake in our configuration, or has
been registered again since, is not.
"""

import enum
from collections.abc import Callable, Sequence
from typing import Final

from attrs import define, field, frozen

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import (
    READ_AGAIN,
    NotReadable,
    PushStore,
    QueuedPush,
    State,
)
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.push.notification import Notification
from procall_mobility.protocols.push.unsayable import Unsayable

AHEAD: Final = 86_400.0
"""Seconds by which the clock of a server may be ahead; times later than that mean nothing."""


class Fate(enum.Enum):
    """What a server is to be told of a device."""

    TAKEN = "taken"
    """The push is ours, or was."""
    DEAD = "dead"
    """The device or application is gone."""
    REFUSED = "refused"


@frozen(kw_only=True)
class Errand:
    """A push for one device."""

    customer: str
    app: PushApp
    forms: Sequence[Notification]
    """The fullest first: the first that can be said is taken."""
    registered: float | None = None
    """Unix seconds of when the device has told its server the token."""

    @property
    def id(self) -> str:
        """The push's id."""
        return self.forms[0].id

    @property
    def token(self) -> str:
        """The device's token."""
        return self.forms[0].token


@frozen(kw_only=True)
class Verdict:
    """What became of an errand."""

    fate: Fate
    reason: str | None = None
    retry_after: float | None = None


TAKEN: Final = Verdict(fate=Fate.TAKEN)
DEAD: Final = Verdict(fate=Fate.DEAD)
UNREADABLE: Final = Verdict(
    fate=Fate.REFUSED, reason=Reason.NOT_READABLE.value, retry_after=READ_AGAIN
)
Heard = Callable[[list[Verdict]], None]


@define(eq=False, kw_only=True)
class PushErrands:
    """Runs errands: those of one request together, each once."""

    pipeline: PushPipeline
    store: PushStore
    wall_clock: Callable[[], float] = field(repr=False)

    def run(self, errands: Sequence[Errand], heard: Heard, now: float, *, wait: float) -> None:
        """Take errands; `heard` is told once, in their order.

        It is told as soon as all are durable or refused, or up to `wait` seconds later, when it is
        known what their providers say.
        """
        verdicts: dict[str, Verdict] = {}
        fresh: dict[str, tuple[Errand, QueuedPush]] = {}
        try:
            for errand in errands:
                known = self.pipeline.became(errand.customer, errand.id)
                judged = self._judge(errand) if known is None else self._verdict(errand, known)
                if isinstance(judged, QueuedPush):
                    self._dig_up(errand)
                    fresh[errand.id] = errand, judged
                else:
                    verdicts[errand.id] = judged
        except NotReadable:
            heard([UNREADABLE] * len(errands))
            return

        def told(receipts: Sequence[Receipt]) -> None:
            for (errand, _), receipt in zip(fresh.values(), receipts, strict=True):
                verdicts[errand.id] = self._verdict(errand, receipt)
            heard([verdicts[errand.id] for errand in errands])

        self.pipeline.accept([push for _, push in fresh.values()], told, now, wait=wait)

    def _judge(self, errand: Errand) -> QueuedPush | Verdict:
        """Return the push in the fullest form its provider takes."""
        unix, reason = self.wall_clock(), None
        for form in errand.forms:
            try:
                errand.app.first.check(form)
            except Unsayable as error:
                reason = error.reason
                continue
            return QueuedPush(
                customer=errand.customer,
                app=errand.app.name,
                notification=form,
                accepted=unix,
                not_before=unix,
            )
        return Verdict(fate=Fate.REFUSED, reason=reason)

    def _verdict(self, errand: Errand, receipt: Receipt) -> Verdict:
        if receipt.state is State.TOKEN_GONE:
            return self._gone(errand)
        if receipt.is_accepted:
            return TAKEN
        return Verdict(fate=Fate.REFUSED, reason=receipt.reason, retry_after=receipt.retry_after)

    def _gone(self, errand: Errand) -> Verdict:
        """Tell whether a token is dead to its server: it died after it was registered."""
        try:
            self._dig_up(errand)
            since = self.store.dead_since(errand.customer, errand.app.name, errand.token)
        except NotReadable:
            return TAKEN  # It was ours, or goes to nobody: the next push to it will tell.
        return TAKEN if since is None else DEAD

    def _dig_up(self, errand: Errand) -> None:
        """Take a token for alive that was registered after it had died."""
        at = errand.registered
        if at is None or at > self.wall_clock() + AHEAD:
            return
        since = self.store.dead_since(errand.customer, errand.app.name, errand.token)
        if since is not None and since < at:
            self.store.dig_up(errand.customer, errand.app.name, errand.token)
