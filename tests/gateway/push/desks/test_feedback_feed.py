"""Feedback over the link: pushed to servers that have asked once, and never lost."""

from typing import Any

import pytest
from attrs import define, field

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.own_calls import Declined
from procall_mobility.gateway.push.desks.feedback_feed import (
    AGAIN,
    AGAIN_AT_MOST,
    MOST_AT_ONCE,
    MOST_OCTETS,
    FeedbackFeed,
)
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.rose.messages import (
    Invoke,
    JsonValue,
    Problem,
    ProblemKind,
    Reject,
)
from tests.gateway.fakes import FakeLinkWire, House
from tests.gateway.push.fakes import UNIX
from tests.gateway.push.memory import MemoryStore

GONE = "mobilityPushTokensGone"


@define(eq=False)
class Office:
    """A house whose servers want to be told."""

    home: House = field(factory=lambda: House(Customer(ucsid="acme"), Customer(ucsid="other")))
    store: MemoryStore = field(factory=MemoryStore)
    feed: FeedbackFeed = field(init=False)
    said: list[dict[str, Any]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        gateway = self.home.gateway
        self.feed = FeedbackFeed(self.store, gateway.calls, gateway.alarms)
        gateway.links.left = self.feed.left
        self.home.own.for_servers["mobilityPushFeedback"] = self.feed.asked

    def buries(self, *tokens: str, customer: str = "acme") -> None:
        for token in tokens:
            self.store.bury(customer, "phone", token, "Unregistered", UNIX, UNIX)
            self.store.commit()
            self.feed.news(customer, self.home.now)

    def asks(self, wire: FakeLinkWire, **members: Any) -> dict[str, Any]:
        invoke = Invoke(7, 0, "mobilityPushFeedback", JsonValue.of(members))
        self.home.gateway.link_invoked(wire, invoke, self.home.now)
        answer: dict[str, Any] = wire.answers.pop().result.value()  # type: ignore[union-attr]
        return answer


def told(wire: FakeLinkWire) -> list[str]:
    """The tokens a server is being told."""
    return [each["token"] for each in argument(wire)["feedback"]]


def argument(wire: FakeLinkWire) -> dict[str, Any]:
    value: dict[str, Any] = wire.asked(GONE).argument.value()  # type: ignore[union-attr]
    return value


def test_a_server_that_never_asked_is_never_called() -> None:
    """One that does not know us must not be disturbed."""
    office = Office()
    wire = office.home.registers()
    office.buries("a")
    assert wire.calls == []


def test_a_server_that_asked_is_told_as_soon_as_it_is_known() -> None:
    office = Office()
    wire = office.home.registers()
    assert office.asks(wire) == {"feedback": [], "last": 0}
    office.buries("a")
    assert argument(wire) == {
        "feedback": [
            {"number": 1, "channel": "phone", "token": "a", "reason": "Unregistered", "at": UNIX}
        ],
        "last": 1,
    }


def test_one_page_is_told_at_a_time_and_the_next_when_it_was_taken() -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a", "b", "c")
    assert told(wire) == ["a"]
    wire.answers_with(office.home.now, {})
    assert told(wire) == ["b", "c"]
    wire.answers_with(office.home.now, {})
    assert wire.calls == []


def test_what_there_is_more_than_an_answer_holds_follows_by_itself() -> None:
    office = Office()
    office.buries(*(f"t{number}" for number in range(MOST_AT_ONCE + 1)))
    wire = office.home.registers()
    answer = office.asks(wire)
    assert (len(answer["feedback"]), answer["last"]) == (MOST_AT_ONCE, MOST_AT_ONCE)
    assert told(wire) == [f"t{MOST_AT_ONCE}"]


def test_a_page_fits_into_a_message_of_any_link() -> None:
    office = Office()
    office.buries("x" * (MOST_OCTETS + 1), "y" * (MOST_OCTETS - 1), "z")
    wire = office.home.registers()
    sizes = [len(each["token"]) for each in office.asks(wire)["feedback"]]
    assert sizes == [MOST_OCTETS + 1], "one at least"
    assert [len(each) for each in told(wire)] == [MOST_OCTETS - 1, 1]


@pytest.mark.parametrize("answers", ["error", "silence"])
def test_what_was_not_taken_is_told_again_later_and_later(answers: str) -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a")
    wait = AGAIN
    for _ in range(9):
        if answers == "error":
            wire.errs_with(office.home.now, {})
        else:
            wire.calls.pop()
            office.home.later(20.0)
        office.buries("b")
        assert wire.calls == [], "left alone"
        office.home.later(wait)
        assert told(wire) == ["a", "b"]
        wait = min(2 * wait, AGAIN_AT_MOST)


def test_a_server_that_takes_it_again_is_not_made_to_wait_any_more() -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a")
    for _ in range(4):
        wire.errs_with(office.home.now, {})
        office.home.later(AGAIN_AT_MOST)
    wire.answers_with(office.home.now, {})
    office.buries("b")
    wire.errs_with(office.home.now, {})
    office.home.later(AGAIN)
    assert told(wire) == ["b"]


def test_a_server_that_does_not_know_what_it_is_told_is_told_no_more() -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a")
    wire.rejects(office.home.now, Reject(1, Problem(ProblemKind.INVOKE, 1)))
    office.home.later(1000.0)
    office.buries("b")
    assert wire.calls == []


def test_what_was_not_acknowledged_is_told_over_the_next_link() -> None:
    """Nothing is lost, also where the server does not remember how far it was."""
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a")
    wire.answers_with(office.home.now, {})
    office.buries("b")
    office.home.gateway.link_lost(wire, Reason.PEER_CLOSED, office.home.now)
    again = office.home.registers()
    assert [each["token"] for each in office.asks(again)["feedback"]] == ["b"]
    office.buries("c")
    assert told(again) == ["c"]
    office.home.later(1000.0)
    assert wire.calls, "of the lost one nothing more is heard"


def test_an_answer_to_a_question_is_no_acknowledgement() -> None:
    """It may be lost with the link; whoever asks says by `after` what it has."""
    office = Office()
    office.buries("a", "b")
    wire = office.home.registers()
    assert len(office.asks(wire)["feedback"]) == 2
    office.home.gateway.link_lost(wire, Reason.PEER_CLOSED, office.home.now)
    assert len(office.asks(office.home.registers())["feedback"]) == 2


def test_a_server_may_say_what_it_has() -> None:
    office = Office()
    office.buries("a", "b")
    wire = office.home.registers()
    assert [each["token"] for each in office.asks(wire, after=1)["feedback"]] == ["b"]
    assert office.asks(wire, after=2) == {"feedback": [], "last": 2}


def test_asking_again_begins_anew() -> None:
    """What was being told belongs to the old question: its answer moves nothing."""
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a")
    old = wire.calls.pop()
    assert [each["token"] for each in office.asks(wire, after=0)["feedback"]] == ["a"]
    office.buries("b")
    assert told(wire) == ["b"]
    wire.calls.append(old)
    wire.answers_with(office.home.now, {})
    wire.calls.append(old)
    assert told(wire) == ["a"], "the call of before"
    wire.calls.pop()
    wire.errs_with(office.home.now, {})
    office.home.later(AGAIN)
    assert told(wire) == ["b"]


def test_a_failure_of_an_old_question_is_not_minded() -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.buries("a")
    office.asks(wire, after=1)
    wire.errs_with(office.home.now, {})
    office.home.later(1000.0)
    assert wire.calls == []


def test_customers_hear_of_their_own_tokens_only() -> None:
    office = Office()
    mine = office.home.registers()
    other = office.home.registers(ucsid="other", system_id="S2")
    office.asks(mine)
    office.asks(other)
    office.buries("theirs", customer="other")
    assert mine.calls == []
    assert told(other) == ["theirs"]


def test_a_store_that_cannot_be_read_just_now_is_read_later() -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.store.unreadable = True
    office.buries("a")
    office.store.unreadable = False
    assert wire.calls == []
    office.home.later(AGAIN)
    assert told(wire) == ["a"]


@pytest.mark.parametrize("after", [-1, 1.5, "1", True, None, 10**15])
def test_the_last_one_seen_is_a_number(after: Any) -> None:
    office = Office()
    wire = office.home.registers()
    link = office.home.gateway.links.of("acme")[0]
    with pytest.raises(Declined, match="`after`"):
        office.feed.asked(link, JsonValue.of({"after": after}), wire.told.append, 0.0)  # type: ignore[arg-type]


def test_nothing_is_kept_of_a_link_that_is_no_more() -> None:
    office = Office()
    wire = office.home.registers()
    office.asks(wire)
    office.home.gateway.link_lost(wire, Reason.PEER_CLOSED, office.home.now)
    assert office.feed._readers == {}
