"""Lines of pushes in the access book: one at the end of each, and few of refusals."""

import pytest
from attrs import define, field

from procall_mobility.gateway.access import AccessEntry, Event
from procall_mobility.gateway.push.book import REFUSAL_BURST, PushBook, Which, silent_book
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.waiting import Waiting, waiting
from procall_mobility.protocols.push.notification import Urgency
from tests.gateway.push.fakes import UNIX, call, push


@define
class Pages:
    """The port `AccessBook`."""

    entries: list[AccessEntry] = field(factory=list)
    now: float = 0.0

    def write(self, entry: AccessEntry) -> None:
        self.entries.append(entry)

    def book(self, which: Which) -> PushBook:
        return PushBook(book=self, which=which, clock=lambda: self.now)


def queued(urgency: Urgency = Urgency.CALL) -> Waiting:
    made = call(1) if urgency is Urgency.CALL else push(1, urgency)
    found = waiting(made, 1, 10.0, UNIX)
    found.lane = "apns:TEAM.KEY"
    return found


def test_a_line_tells_what_became_of_which_push_after_how_long() -> None:
    pages = Pages(now=10.038)
    pages.book(Which.CALLS).ended(queued(), State.SENT, None)
    (entry,) = pages.entries
    assert (entry.event, entry.customer, entry.urgency) == (Event.PUSH_SENT, "acme", "call")
    assert (entry.lane, entry.push) == ("apns:TEAM.KEY", call(1).id)
    assert entry.device is not None
    assert entry.device.digest == queued().device
    assert "token-1" not in repr(entry)
    assert entry.duration == pytest.approx(0.038)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.REJECTED, Event.PUSH_REJECTED),
        (State.EXPIRED, Event.PUSH_EXPIRED),
        (State.REPLACED, Event.PUSH_REPLACED),
        (State.TOKEN_GONE, Event.PUSH_TOKEN_GONE),
    ],
)
def test_every_end_has_a_word_and_its_reason(state: State, event: Event) -> None:
    pages = Pages()
    pages.book(Which.ALL).ended(queued(), state, "why")
    assert [(each.event, each.why) for each in pages.entries] == [(event, "why")]


@pytest.mark.parametrize(
    ("which", "written"),
    [(Which.ALL, list(Urgency)), (Which.CALLS, [Urgency.CALL]), (Which.NONE, [])],
)
def test_the_operator_chooses_of_which_there_are_lines(
    which: Which, written: list[Urgency]
) -> None:
    pages = Pages()
    for urgency in Urgency:
        pages.book(which).ended(queued(urgency), State.SENT, None)
    assert [each.urgency for each in pages.entries] == [each.name.lower() for each in written]


def test_refusals_are_written_once_in_a_while_for_each_customer_and_reason() -> None:
    pages = Pages()
    book = pages.book(Which.CALLS)
    for _ in range(1000):
        book.not_accepted("acme", "too-fast")
    assert len(pages.entries) == REFUSAL_BURST
    assert pages.entries[0] == AccessEntry(
        event=Event.PUSH_NOT_ACCEPTED, customer="acme", why="too-fast"
    )
    book.not_accepted("globex", "too-fast")
    book.not_accepted("acme", "too-large")
    assert len(pages.entries) == REFUSAL_BURST + 2
    pages.now = 10.0
    book.not_accepted("acme", "too-fast")
    book.not_accepted("acme", "too-fast")
    assert len(pages.entries) == REFUSAL_BURST + 3


def test_nothing_is_written_where_nobody_wants_it() -> None:
    pages = Pages()
    pages.book(Which.NONE).not_accepted("acme", "too-fast")
    silent = silent_book()
    silent.ended(queued(), State.SENT, None)
    silent.book.write(AccessEntry(event=Event.PUSH_SENT))
    assert silent.clock() == 0.0
    assert pages.entries == []


def test_which_pushes_have_lines_may_change_at_any_time() -> None:
    pages = Pages()
    book = pages.book(Which.NONE)
    book.ended(queued(Urgency.ALERT), State.SENT, None)
    book.change(Which.ALL)
    book.ended(queued(Urgency.ALERT), State.SENT, None)
    book.change(Which.CALLS)
    book.ended(queued(Urgency.ALERT), State.SENT, None)
    assert len(pages.entries) == 1
