"""Whoever hands pushes in is told once, of all of them, in their order."""

from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.receipts import Batch, Receipt, Receipts, refusal


class Desk:
    """Receipts, and what was heard."""

    def __init__(self, *, is_patient: bool, ids: tuple[str, ...] = ("a", "b")) -> None:
        self.heard: list[list[Receipt]] = []
        self.receipts = Receipts()
        self.batch = Batch(ids=ids, heard=self.heard.append, is_patient=is_patient)
        for place in range(len(ids)):
            self.receipts.watch(self.batch, place)


SENT = Receipt(id="a", state=State.SENT)
QUEUED = [Receipt(id=each, state=State.QUEUED) for each in "ab"]


def test_all_are_waited_for() -> None:
    desk = Desk(is_patient=False)
    desk.receipts.accepted("b")
    assert desk.heard == []
    desk.receipts.accepted("a")
    assert desk.heard == [QUEUED]
    assert len(desk.receipts) == 0


def test_an_end_is_as_good_as_acceptance() -> None:
    desk = Desk(is_patient=False)
    desk.receipts.ended(SENT)
    desk.receipts.accepted("b")
    assert desk.heard == [[SENT, QUEUED[1]]]


def test_nobody_is_told_twice() -> None:
    desk = Desk(is_patient=False)
    for _ in range(2):
        desk.receipts.accepted("a")
    assert desk.heard == [], "the same one twice is not both"
    desk.receipts.accepted("b")
    desk.receipts.accepted("b")
    desk.receipts.ended(SENT)
    desk.receipts.hurry(desk.batch)
    desk.receipts.hurry_all()
    assert desk.heard == [QUEUED]


def test_whoever_is_patient_hears_of_the_ends() -> None:
    desk = Desk(is_patient=True)
    desk.receipts.accepted("a")
    desk.receipts.accepted("b")
    desk.receipts.ended(SENT)
    assert desk.heard == []
    gone = Receipt(id="b", state=State.EXPIRED)
    desk.receipts.ended(gone)
    assert desk.heard == [[SENT, gone]]


def test_a_hurry_does_not_make_accepted_what_is_not() -> None:
    desk = Desk(is_patient=True)
    desk.receipts.accepted("a")
    desk.receipts.hurry_all()
    assert desk.heard == []
    assert "b" in desk.receipts.places
    desk.receipts.ended(refusal("b", "not-stored", retry_after=5.0))
    assert desk.heard == [[QUEUED[0], refusal("b", "not-stored", retry_after=5.0)]]
    assert len(desk.receipts) == 0
