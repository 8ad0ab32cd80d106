"""Tells customers' servers over their links which tokens are dead, as soon as that is known.

A server subscribes by asking for its feedback.  What comes later it is called with, one page at a
time, and its result says that it has it: what it did not say that of is told again, after a while
or to its next link.
"""

from typing import Any, Final

from attrs import define, field

from procall_mobility.gateway.alarms import Alarm, Alarms
from procall_mobility.gateway.links import Link
from procall_mobility.gateway.own_calls import Declined, Tell, members
from procall_mobility.gateway.push.ports import Feedback, NotReadable, PushStore
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.server_calls import Answer, ServerCalls
from procall_mobility.protocols.rose.messages import JsonValue, Reject, Result

FEEDBACK: Final = "mobilityPushFeedback"
TOKENS_GONE: Final = "mobilityPushTokensGone"

MOST_AT_ONCE: Final = 100
MOST_OCTETS: Final = 100_000
"""Of tokens in one page, which has one at least: far below what any link may carry."""

HIGHEST: Final = 10**15
"""No number of feedback ever comes near."""

AGAIN: Final = 5.0
AGAIN_AT_MOST: Final = 300.0
"""Seconds until a server that did not take a page is told again; they double."""


@define(eq=False)
class _Reader:
    """A server that wants to be told."""

    link: Link
    last: int
    """The number of the last token it has."""
    is_busy: bool = False
    """Whether it is being told, or left alone for a while."""
    wait: float = AGAIN
    again: Alarm = field(factory=Alarm)


class FeedbackFeed:
    """The subscriptions of all links."""

    def __init__(self, store: PushStore, calls: ServerCalls, alarms: Alarms) -> None:
        self._store = store
        self._calls = calls
        self._alarms = alarms
        self._readers: dict[Link, _Reader] = {}
        self._taken: dict[str, int] = {}
        """By customer, of which there is a bounded number: the last token it has taken."""

    def asked(self, link: Link, argument: JsonValue, tell: Tell, now: float) -> None:
        """Tell what is new after what a server has seen, and go on telling from there.

        Raises:
            Declined: the number is none.
        """
        ucsid = link.customer.ucsid
        after = members(argument).get("after", self._taken.get(ucsid, 0))
        if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < HIGHEST:
            raise Declined(400, "bad-body", "`after` is not the number of the last one seen")
        page = self._page(ucsid, after)
        tell(said(page, after))
        self.left(link)
        reader = self._readers[link] = _Reader(link, page[-1].number if page else after)
        self._taken[ucsid] = after
        if page:
            self._look(reader, now)

    def news(self, ucsid: str, now: float) -> None:
        """Tell a customer's servers what is new."""
        for reader in list(self._readers.values()):
            if reader.link.customer.ucsid == ucsid:
                self._look(reader, now)

    def left(self, link: Link) -> None:
        """Forget a link that is no more."""
        reader = self._readers.pop(link, None)
        if reader is not None:
            reader.again.cancel()

    # Inside -------------------------------------------------------------------------------

    def _look(self, reader: _Reader, now: float) -> None:
        if reader.is_busy:
            return
        self._leave_alone(reader, now)
        try:
            page = self._page(reader.link.customer.ucsid, reader.last)
        except NotReadable:
            return  # After that while it is tried again.
        reader.again.cancel()
        reader.wait = max(AGAIN, reader.wait / 2)
        reader.is_busy = bool(page)
        if not page:
            return
        last = page[-1].number

        def answered(answer: Answer, later: float) -> None:
            if isinstance(answer, Reject):
                self.left(reader.link)  # It asked, and does not know what it is told.
            elif isinstance(answer, Result):
                self._acknowledged(reader, last, later)
            else:
                self._leave_alone(reader, later)

        def failed(reason: Reason, later: float) -> None:
            self._leave_alone(reader, later)

        told = JsonValue.of(said(page, reader.last))
        self._calls.make(reader.link, TOKENS_GONE, told, None, answered, failed, now)

    def _acknowledged(self, reader: _Reader, last: int, now: float) -> None:
        if self._readers.get(reader.link) is not reader:
            return
        reader.last = self._taken[reader.link.customer.ucsid] = last
        reader.is_busy = False
        reader.wait = AGAIN
        self._look(reader, now)

    def _leave_alone(self, reader: _Reader, now: float) -> None:
        """Tell it again after a while; a link that is lost is not there any more by then."""
        if self._readers.get(reader.link) is not reader:
            return
        reader.again = self._alarms.set(
            now + reader.wait, lambda later: self._retry(reader, later)
        )
        reader.wait = min(2 * reader.wait, AGAIN_AT_MOST)

    def _retry(self, reader: _Reader, now: float) -> None:
        reader.is_busy = False
        self._look(reader, now)

    def _page(self, ucsid: str, after: int) -> list[Feedback]:
        page: list[Feedback] = []
        octets = 0
        for dead in self._store.feedback(ucsid, after, MOST_AT_ONCE):
            octets += len(dead.token)
            if page and octets > MOST_OCTETS:
                break
            page.append(dead)
        return page


def said(page: list[Feedback], after: int) -> dict[str, Any]:
    """Return what a customer's server is told of dead tokens after the last one it has seen."""
    listed = [
        {
            "number": dead.number,
            "channel": dead.app,
            "token": dead.token,
            "reason": dead.reason,
            "at": round(dead.at),
        }
        for dead in page
    ]
    return {"feedback": listed, "last": page[-1].number if page else after}
