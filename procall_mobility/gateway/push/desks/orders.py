"""Takes what customers' servers post to have pushes sent, and says what became of each."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import define, field

from procall_mobility.gateway.customers import Customer, normalized
from procall_mobility.gateway.push.applications.apps import PushApps
from procall_mobility.gateway.push.pipeline import PushPipeline
from procall_mobility.gateway.push.ports import Answered, PushStore, QueuedPush, State
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.protocols.errors import PeerError
from procall_mobility.protocols.push import messages
from procall_mobility.protocols.push.messages import Message, Misunderstood
from procall_mobility.protocols.push.unsayable import TooLarge, Unsayable

LONGEST_KEY: Final = 255
"""Characters of an Idempotency-Key."""

Result = dict[str, Any]
Answer = Callable[[list[Result], bool], None]
"""Takes the results, and whether any of the messages was accepted, now or before."""


class OrderRefused(PeerError):
    """A request of which nothing is taken; `status` is what HTTP calls that."""

    def __init__(self, status: int, reason: str, text: str) -> None:
        """Say why."""
        super().__init__(reason, text)
        self.status = status


@define(eq=False, kw_only=True)
class PushOrders:
    """Reads orders, asks the providers' rules about each message, and hands the good ones on."""

    apps: PushApps
    pipeline: PushPipeline
    store: PushStore
    wall_clock: Callable[[], float]
    new_id: Callable[[], str] = field(repr=False)
    """Returns a UUID nobody has; later ones are greater."""

    def take(
        self,
        customer: Customer,
        body: bytes,
        answer: Answer,
        now: float,
        *,
        key: str | None = None,
        wait: float = 0.0,
    ) -> None:
        """Take an order; `answer` is told of every message, in order, once.

        Args:
            customer: whose it is.
            body: as it was posted.
            answer: gets one result for each message, as JSON can say it.
            now: the time.
            key: an Idempotency-Key; a second order with the same one is answered like the first.
            wait: seconds to wait for how the pushes end.

        Raises:
            OrderRefused: nothing of it is taken.
        """
        if key is None:
            self.hand_on(customer, self.read(customer, body), answer, now, wait=wait)
            return
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if (given := self._answered(customer, key, digest)) is not None:
            answer(*given)
            return
        order = self.read(customer, body)
        self.hand_on(customer, order, answer, now, wait=wait, promised_by=(key, digest))

    def read(self, customer: Customer, body: bytes) -> messages.Order:
        """Read what was posted: the first half of taking an order.

        Raises:
            OrderRefused: it is none.
        """
        try:
            order = messages.read(body, self.wall_clock(), self.new_id)
        except PeerError as error:
            raise OrderRefused(400, error.reason, error.text) from None
        if order.ucsid is not None and not _is(customer, order.ucsid):
            text = "the body names another customer than the credentials do"
            raise OrderRefused(403, "other-customer", text)
        return order

    def hand_on(
        self,
        customer: Customer,
        order: messages.Order,
        answer: Answer,
        now: float,
        *,
        wait: float = 0.0,
        promised_by: tuple[str, bytes] | None = None,
    ) -> None:
        """Judge what was read, and have the good ones accepted: the second half.

        `promised_by` is an Idempotency-Key and the digest of what it was used for.
        """
        unix = self.wall_clock()
        results: list[Result] = []
        pushes: list[QueuedPush] = []
        places: list[int] = []
        # Messages that were posted before, as the answer was lost.
        known = self.pipeline.known(customer.ucsid, order.ids)
        for place, item in enumerate(order.items):
            before = known.get(item.notification.id) if isinstance(item, Message) else None
            judged = self._judge(customer, item, unix) if before is None else said(before)
            if isinstance(judged, QueuedPush):
                pushes.append(judged)
                places.append(place)
                results.append({})
            else:
                results.append(judged)
                if before is None:
                    self.pipeline.book.not_accepted(customer.ucsid, judged["reason"])
        was_accepted = any(each.is_accepted for each in known.values()) if known else False

        def heard(receipts: Sequence[Receipt]) -> None:
            accepts = was_accepted
            for place, receipt in zip(places, receipts, strict=True):
                results[place] = said(receipt)
                accepts = accepts or receipt.is_accepted
            answer(results, accepts)

        answered = None
        if promised_by is not None:
            hoped = iter(pushes)
            promised = [
                each or {"id": next(hoped).id, "status": State.QUEUED.value} for each in results
            ]
            answered = Answered(
                customer=customer.ucsid,
                key=promised_by[0],
                digest=promised_by[1],
                answer=json.dumps(promised).encode(),
                at=unix,
            )
        self.pipeline.accept(pushes, heard, now, wait=wait, answered=answered)

    def became(self, customer: Customer, push: str) -> Result | None:
        """Return what has become of a push; None of one that is not known, or not theirs."""
        receipt = self.pipeline.became(customer.ucsid, push.lower())
        return None if receipt is None or not receipt.is_accepted else said(receipt)

    def check(self, customer: Customer, channel: str) -> dict[str, Any]:
        """Tell whether pushes to a channel's application go through now, or why not."""
        app = self.apps.find(customer.ucsid, channel)
        if app is None:
            return {"ok": False, "error": self.apps.why_not(customer.ucsid, channel).text}
        # Of lanes on demand each is for tokens of its own: what is wrong with them is told there.
        standing = [way.standing for way in app.branches.values()]
        lanes = [self.pipeline.lanes.get(each.lane) for each in standing if each is not None]
        troubles = [why for lane in lanes if lane for why in lane.health.troubles.values()]
        return {"ok": False, "error": troubles[0]} if troubles else {"ok": True}

    def _answered(
        self, customer: Customer, key: str, digest: bytes
    ) -> tuple[list[Result], bool] | None:
        if not 0 < len(key) <= LONGEST_KEY:
            text = f"an Idempotency-Key has 1 to {LONGEST_KEY} characters"
            raise OrderRefused(400, "bad-key", text)
        found = self.store.said(customer.ucsid, key)
        if found is None:
            return None
        if found[0] != digest:
            text = "this Idempotency-Key was used for another request"
            raise OrderRefused(422, "key-in-use", text)
        results: list[Result] = json.loads(found[1])
        # It was promised when it was written down; since then it may have ended.
        promised = [each for each in results if each["status"] == State.QUEUED]
        known = self.pipeline.known(customer.ucsid, [each["id"] for each in promised])
        for result in promised:
            latest = known.get(result["id"])
            gone = {"status": State.REJECTED.value, "reason": "not-accepted"}
            result |= gone if latest is None else said(latest)
        accepts = [receipt.is_accepted for receipt in known.values()]
        return results, any(accepts) or not accepts

    def _judge(
        self, customer: Customer, item: Message | Misunderstood, unix: float
    ) -> QueuedPush | Result:
        if isinstance(item, Misunderstood):
            return _rejected(item.id, item.reason, item.text, item.limit)
        told = item.notification
        app = self.apps.find(customer.ucsid, item.channel)
        if app is None:
            why = self.apps.why_not(customer.ucsid, item.channel)
            return _rejected(told.id, why.value, why.text)
        try:
            app.first.check(told)
        except TooLarge as error:
            return _rejected(told.id, error.reason, str(error), error.limit)
        except Unsayable as error:
            return _rejected(told.id, error.reason, str(error))
        return QueuedPush(
            customer=customer.ucsid,
            app=app.name,
            notification=told,
            accepted=unix,
            not_before=unix,
        )


def said(receipt: Receipt) -> Result:
    """Return a receipt as JSON can say it."""
    result: Result = {"id": receipt.id, "status": receipt.state._value_}
    if receipt.reason is not None:
        result["reason"] = receipt.reason
    if receipt.retry_after is not None:
        result["retry_after"] = receipt.retry_after
    return result


def _rejected(push: str | None, reason: str, text: str, limit: int | None = None) -> Result:
    result = {"id": push, "status": State.REJECTED.value, "reason": reason, "text": text}
    return result if limit is None else {**result, "limit": limit}


def _is(customer: Customer, name: str) -> bool:
    name = normalized(name)
    return name == customer.ucsid or name in customer.aliases
