"""A customer's server has pushes sent over the link it holds, without another credential."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from attrs import define, field

from procall_mobility.gateway.links import Link
from procall_mobility.gateway.own_calls import Declined, OwnCalls, Tell, members, text_of
from procall_mobility.gateway.push.desks.feedback_feed import FEEDBACK, FeedbackFeed
from procall_mobility.gateway.push.desks.orders import OrderRefused, PushOrders, Result
from procall_mobility.gateway.push.pipeline import LONGEST_WAIT
from procall_mobility.protocols.push.messages import LONGEST_WORD
from procall_mobility.protocols.rose.messages import JsonValue

MESSAGES: Final = "mobilityPushMessages"
BECAME: Final = "mobilityPushBecame"
CHECK: Final = "mobilityPushCheck"
ANSWERED: Final = "mobilityPushAnswered"

MOST_OPEN: Final = 64
"""Orders of one customer that are not answered: 64,000 pushes, more than the queue has room for
before they are written."""

LONGEST_ID: Final = 36

CallAnswered = Callable[[str, str, float], None]
"""Takes customer and push: the call it rang for was answered."""


@define(eq=False, kw_only=True)
class PushLinkDesk:
    """Performs operations of servers."""

    orders: PushOrders
    feed: FeedbackFeed
    answered: CallAnswered
    largest: int
    """Octets of an order."""
    _open: defaultdict[str, set[object]] = field(factory=lambda: defaultdict(set), init=False)
    """Marks of orders by customer, of which there is a bounded number."""

    def offers(self, own: OwnCalls) -> None:
        """Have servers find the operations."""
        own.for_servers |= {
            MESSAGES: self._take,
            BECAME: self._became,
            CHECK: self._check,
            FEEDBACK: self.feed.asked,
            ANSWERED: self._call_answered,
        }

    def _take(self, link: Link, argument: JsonValue, tell: Tell, now: float) -> None:
        """Take an order: the body of the same request by HTTP, and its two headers as members."""
        ucsid, body = link.customer.ucsid, argument.text.encode()
        if len(body) > self.largest:
            raise Declined(413, "too-large", f"an order has at most {self.largest} octets")
        told = members(argument)
        key, wait = told.get("key"), told.get("wait", 0)
        if key is not None and not isinstance(key, str):
            raise Declined(400, "bad-key", "`key` is no text")
        # A boolean is a number to Python, and none to anybody else.
        if not isinstance(wait, int | float) or isinstance(wait, bool) or not wait >= 0:
            raise Declined(400, "bad-body", "`wait` is no number of seconds")
        wait = float(min(wait, LONGEST_WAIT))  # A whole number may be too large for a float.
        unanswered, mark = self._open[ucsid], object()
        if len(unanswered) >= MOST_OPEN:
            raise Declined(429, "too-many-orders", f"{MOST_OPEN} orders are not answered yet")

        def answer(results: list[Result], accepts: bool) -> None:
            unanswered.discard(mark)
            tell({"results": results})

        unanswered.add(mark)
        try:
            self.orders.take(link.customer, body, answer, now, key=key, wait=wait)
        except OrderRefused as error:
            unanswered.discard(mark)
            raise Declined(error.status, error.reason, error.text) from None
        except Exception:
            unanswered.discard(mark)  # Such as a file that cannot be read: it may be well again.
            raise

    def _became(self, link: Link, argument: JsonValue, tell: Tell, now: float) -> None:
        found = self.orders.became(link.customer, text_of(members(argument), "id", LONGEST_ID))
        if found is None:
            raise Declined(404, "unknown-push", "no push of this id is known any more")
        tell(found)

    def _check(self, link: Link, argument: JsonValue, tell: Tell, now: float) -> None:
        """Tell whether pushes go through, for a server that is asked so (Wire 7.2, 2573)."""
        channel = text_of(members(argument), "channel", LONGEST_WORD)
        tell(self.orders.check(link.customer, channel))

    def _call_answered(self, link: Link, argument: JsonValue, tell: Tell, now: float) -> None:
        push = text_of(members(argument), "id", LONGEST_ID)
        self.answered(link.customer.ucsid, push.lower(), now)
        tell({})
