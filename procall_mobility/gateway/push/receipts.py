"""Tells whoever handed pushes in what became of them: accepted, refused, or how they ended."""

from collections.abc import Callable, Sequence
from typing import Final

from attrs import define

from procall_mobility.gateway.push.ports import State

QUEUED: Final = State.QUEUED
"""For what is said of each push: to find a member of an enumeration takes as long as a call."""


@define(kw_only=True)  # For each push that comes: not frozen, as notifications are not.
class Receipt:
    """About one push; nobody changes it."""

    id: str
    state: State
    reason: str | None = None
    is_accepted: bool = True
    """Whether we have taken it on; otherwise nothing is remembered of it."""
    retry_after: float | None = None
    """Seconds after which another attempt to hand it in may go better."""


def refusal(
    push: str, reason: str, *, state: State = State.REJECTED, retry_after: float | None = None
) -> Receipt:
    """Return the receipt of a push that is not taken on."""
    return Receipt(id=push, state=state, reason=reason, is_accepted=False, retry_after=retry_after)


Heard = Callable[[list[Receipt]], None]
"""Is told once of all pushes of a request, in their order."""


class Batch:
    """The pushes of one request."""

    __slots__ = ("heard", "ids", "is_patient", "receipts", "undecided", "unended")

    def __init__(self, ids: Sequence[str], heard: Heard, *, is_patient: bool) -> None:
        """Begin with nothing known; if patient, it is worth waiting for how the pushes end."""
        self.ids = ids
        self.heard = heard
        self.is_patient = is_patient
        self.receipts: list[Receipt | None] = [None] * len(ids)
        self.undecided = self.unended = len(ids)
        """How many are neither accepted nor refused, and how many have not ended."""


class Receipts:
    """All requests whose pushes are not decided on, or not ended while somebody waits."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[Batch, int]] = {}
        """Of those pushes that somebody waits for; nobody else changes it."""
        self._accepted: set[str] = set()

    def __len__(self) -> int:
        return len(self.places)

    def watch(self, batch: Batch, place: int) -> None:
        """Expect news of one push of a batch."""
        self.places[batch.ids[place]] = batch, place

    def refuse(self, batch: Batch, place: int, receipt: Receipt) -> None:
        """Note that a push was not even looked at further."""
        self._settle(batch, place, receipt, is_news=True)

    def accepted(self, push: str) -> None:
        """Note that a push is ours."""
        placed = self.places.get(push)
        if placed is not None and push not in self._accepted:
            self._accepted.add(push)
            batch = placed[0]
            batch.undecided -= 1
            if not batch.undecided:
                self._tell(batch)

    def ended(self, receipt: Receipt) -> None:
        """Note how a push has ended, or that it was not accepted after all."""
        placed = self.places.pop(receipt.id, None)
        if placed is not None:
            is_news = receipt.id not in self._accepted
            self._accepted.discard(receipt.id)
            self._settle(*placed, receipt, is_news=is_news)

    def hurry(self, batch: Batch) -> None:
        """Wait no longer for how the pushes of a batch end."""
        batch.is_patient = False
        self._tell(batch)

    def hurry_all(self) -> None:
        """Wait no longer for the end of any push."""
        for batch in dict.fromkeys(batch for batch, _ in self.places.values()):
            self.hurry(batch)

    def _settle(self, batch: Batch, place: int, receipt: Receipt, *, is_news: bool) -> None:
        batch.receipts[place] = receipt
        batch.undecided -= is_news
        batch.unended -= 1
        self._tell(batch)

    def _tell(self, batch: Batch) -> None:
        if batch.undecided or (batch.is_patient and batch.unended):
            return
        receipts = []
        for push, receipt in zip(batch.ids, batch.receipts, strict=True):
            if receipt is None:
                receipt = Receipt(id=push, state=QUEUED)
                self.places.pop(push, None)
                self._accepted.discard(push)
            receipts.append(receipt)
        batch.undecided = -1  # Never again.
        batch.heard(receipts)
