"""Ids that come again are found, and of those that do not the file is not asked."""

from collections.abc import Sequence

import pytest
from attrs import define, field
from twisted.internet.task import Clock

from procall_mobility.gateway.push.ports import State
from procall_mobility.storage.errors import PushesNotReadable
from procall_mobility.storage.push_names import AGAIN, PAGE, PAUSE, Names
from tests.gateway.push.fakes import push
from tests.storage.push_stores import ONE, THREE, TWO, Queue, ended, is_queued

BEFORE = [f"before-{number:05}" for number in range(PAGE + 10)]


@define
class Shelf:
    """What is in a file, in place of `PushRecords`: two tables, and who asks for them."""

    tables: dict[str, list[str]] = field(factory=lambda: {"queue": [], "endings": []})
    unwritten: list[str] = field(factory=list)
    is_broken: bool = False
    asked: int = 0
    clock: Clock = field(factory=Clock)

    def names(self, table: str, after: str, most: int) -> list[str]:
        self.asked += 1
        if self.is_broken:
            raise PushesNotReadable("broken")
        return [each for each in sorted(self.tables[table]) if each > after][:most]

    def opens(self, most: int = 1_000_000) -> Names:
        return Names(self, self.clock, lambda: self.unwritten, most)


def absent(names: Names, count: int = 100) -> int:
    """How many names that are nowhere are said not to be there."""
    return sum(not names.among([f"nowhere-{number}"]) for number in range(count))


@pytest.mark.parametrize("table", ["queue", "endings"])
def test_what_is_in_the_file_may_be_known_and_hardly_anything_else(table: str) -> None:
    shelf = Shelf()
    shelf.tables[table] = BEFORE
    names = shelf.opens()
    assert all(names.among([each]) for each in BEFORE)
    assert absent(names) == 0
    shelf.clock.advance(PAUSE)
    assert all(names.among([each]) for each in BEFORE)
    assert absent(names) > 90
    assert shelf.clock.getDelayedCalls() == []


def test_what_is_told_while_the_file_is_read_may_be_known() -> None:
    """It may be written where was read already."""
    shelf = Shelf()
    shelf.tables["endings"] = BEFORE
    shelf.unwritten = ["told-before"]
    names = shelf.opens()
    names.add(["told-meanwhile"])
    shelf.clock.advance(PAUSE)
    names.add(["told-after"])
    assert all(names.among([f"told-{when}"]) for when in ("before", "meanwhile", "after"))
    assert absent(names) > 90


def test_as_long_as_the_file_cannot_be_read_any_push_may_be_known() -> None:
    shelf = Shelf(is_broken=True)
    shelf.tables["queue"] = BEFORE[:1]
    names = shelf.opens()
    shelf.clock.advance(AGAIN)
    assert absent(names) == 0
    shelf.is_broken = False
    shelf.clock.advance(AGAIN)
    assert names.among(BEFORE[:1]) == BEFORE[:1]
    assert absent(names) > 90


def test_names_are_gathered_anew_when_there_were_many() -> None:
    """What was forgotten makes room; what is there may be known at every moment."""
    shelf = Shelf()
    names = shelf.opens(most=10 + 2 * len(BEFORE))
    names.add(BEFORE)
    shelf.tables["endings"] = BEFORE[10:]
    names.add([f"new-{number:05}" for number in range(len(BEFORE))])
    shelf.tables["queue"] = [f"new-{number:05}" for number in range(len(BEFORE))]
    asked = shelf.asked
    names.add(["many"] * 11)
    assert shelf.asked == asked
    shelf.tables["queue"].append("many")
    names.add(["last"])
    assert shelf.asked == asked + 1
    while True:
        assert all(names.among([each]) for each in (*BEFORE[10:], *shelf.tables["queue"], "last"))
        if not shelf.clock.getDelayedCalls():
            break
        names.add(["meanwhile"])
        shelf.clock.advance(PAUSE)
    assert all(names.among([each]) for each in (*BEFORE[10:], *shelf.tables["queue"], "meanwhile"))
    assert len(names.among(BEFORE[:10])) < 5


def test_names_are_not_gathered_again_and_again_where_there_are_too_many() -> None:
    """A queue of millions is trouble enough: reading it finds the same, and forgets nothing."""
    shelf = Shelf()
    shelf.tables["queue"] = BEFORE
    names = shelf.opens(most=100)
    shelf.clock.advance(PAUSE)
    asked = shelf.asked
    names.add([f"new-{number:05}" for number in range(len(BEFORE))])
    names.add(["another"])
    assert shelf.asked == asked
    names.add(["and one more"])
    assert shelf.asked > asked


def test_nothing_is_read_after_the_end() -> None:
    shelf = Shelf()
    shelf.tables["queue"] = BEFORE
    shelf.opens().close()
    shelf.opens().close()
    assert shelf.clock.getDelayedCalls() == []


# In the store ----------------------------------------------------------------------------


@pytest.fixture
def asked(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """What the file is asked for."""
    calls: list[Sequence[str]] = []
    real = queue.store._records.known

    def known(customer: str, pushes: Sequence[str], since: float) -> object:
        calls.append(tuple(pushes))
        return real(customer, pushes, since)

    monkeypatch.setattr(queue.store._records, "known", known)
    return calls


def test_of_new_pushes_the_file_is_not_asked(queue: Queue, asked: list[Sequence[str]]) -> None:
    queue.add(push(1))
    assert queue.store.known("acme", [TWO, THREE]) == {}
    assert asked == []
    assert set(queue.store.known("acme", [ONE, TWO])) == {ONE}
    assert asked == [(ONE,)]


def test_what_came_before_is_known_written_or_not_and_after_a_start(queue: Queue) -> None:
    """The answer to it was lost: it is not to ring twice."""
    queue.store.add([push(1), push(2)], lambda _: None)
    assert is_queued(queue.store, "acme", ONE)
    queue.settle()
    queue.end(TWO)
    again = queue.again()
    assert is_queued(again.store, "acme", ONE)
    found = ended(again.store, "acme", TWO)
    assert found is not None
    assert found.state is State.SENT
    assert again.store.known("acme", [THREE]) == {}
    again.store.close()
