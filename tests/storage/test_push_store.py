"""The durable queue as the pipeline sees it: what was told is read, now and after a crash."""

import itertools
import shutil
import sqlite3
from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.gateway.push_ports import Answered, PushStore, State
from procall_mobility.storage.errors import StoreError
from procall_mobility.storage.push_bounds import DAY, Bound, Bounds
from tests.gateway.push_fakes import UNIX, call, push
from tests.storage.push_stores import Queue, ended, ending, is_queued

ONE, TWO, THREE = (push(number).id for number in (1, 2, 3))


def test_it_is_the_port(queue: Queue) -> None:
    store: PushStore = queue.store
    assert store.load(None, 10) == []


# The queue ---------------------------------------------------------------------------------


def test_accepted_pushes_are_there_after_a_crash(queue: Queue, tmp_path: Path) -> None:
    """Push 4.1: nothing is closed, the files are as they are."""
    pushes = [push(1), call(2, sandbox=False, attempts=3), push(3, collapse="chat-1")]
    assert queue.add(*pushes)
    crashed = queue.crashed(tmp_path / "crashed")
    assert crashed.store.load(None, 10) == pushes
    crashed.store.close()


def test_a_power_cut_takes_nothing_that_was_said_to_be_durable(
    queue: Queue, tmp_path: Path
) -> None:
    """Push 4.1: of what is written later any part may be on the disk; a group is there or not."""
    queue.add(push(1), push(2))
    durable = log_of(queue.folder).stat().st_size
    many = [push(number) for number in range(3, 30)]
    queue.add(*many)
    queue.end(ONE)
    whole = log_of(queue.folder).stat().st_size
    added = [ONE, TWO, *(each.id for each in many)]
    seen = []
    for part in range(41):
        torn = tmp_path / f"{part}"
        torn.mkdir()
        shutil.copy(queue.path, torn)
        shutil.copy(queue.key, torn)
        log = log_of(queue.folder).read_bytes()
        cut = durable + (whole - durable) * part // 40
        log_of(torn).write_bytes(log[:cut] + b"\xa5" * 5000)
        found = evolve(queue, folder=torn)
        seen.append(found.loaded())
        found.store.close()
    assert [each for each, _ in itertools.groupby(seen)] == [[ONE, TWO], added, added[1:]]


def log_of(folder: Path) -> Path:
    return folder / "push.sqlite-wal"


def test_pushes_are_loaded_page_by_page_in_the_order_of_their_ids(queue: Queue) -> None:
    for number in (5, 1, 4, 2, 3):
        queue.add(push(number))
    first = queue.store.load(None, 2)
    second = queue.store.load(first[-1].id, 2)
    third = queue.store.load(second[-1].id, 2)
    assert [*first, *second, *third] == [push(number) for number in range(1, 6)]
    assert queue.store.load(third[-1].id, 2) == []


def test_what_is_not_written_yet_is_loaded_and_fetched_as_well(queue: Queue) -> None:
    queue.add(push(1), push(3))
    queue.store.add([push(2), push(4)], lambda _: None)
    queue.store.postpone([push(3).postponed(UNIX + 5), push(4).postponed(UNIX + 6)])
    found = queue.store.load(None, 10)
    assert [each.not_before - UNIX for each in found] == [0, 0, 5, 6]
    assert queue.store.load(TWO, 1) == found[2:3]
    fetched = queue.store.fetch([each.id for each in found])
    assert fetched is not None
    assert sorted(fetched, key=lambda each: each.id) == found


def test_what_has_ended_is_neither_loaded_nor_fetched_written_or_not(queue: Queue) -> None:
    queue.add(*[push(number) for number in range(1, 6)])
    queue.end(ONE)
    queue.store.end([ending(TWO), ending(THREE)])
    assert queue.store.load(None, 2) == [push(4), push(5)]
    assert queue.store.fetch([ONE, TWO, THREE, push(4).id, "nonsense"]) == [push(4)]


def test_a_group_that_is_written_but_not_said_to_be_is_loaded_once(queue: Queue) -> None:
    queue.store.add([push(1)], lambda _: None)
    queue.clock.advance(1)
    ((write, done),) = queue.disk.waiting
    result = write()
    assert queue.loaded() == [ONE]
    queue.disk.waiting.clear()
    done(result)
    assert queue.loaded() == [ONE]


def test_another_attempt_is_noted_whatever_content_comes_with_it(queue: Queue) -> None:
    """Long queues hold no content in memory."""
    queue.add(push(1, content="sealed"))
    hollow = evolve(push(1, content="").postponed(UNIX + 60), sandbox=True)
    queue.store.postpone([hollow])
    wanted = evolve(push(1, content="sealed").postponed(UNIX + 60), sandbox=True)
    assert queue.store.load(None, 1) == [wanted]
    queue.settle()
    assert queue.store.load(None, 1) == queue.store.fetch([ONE]) == [wanted]


def test_an_id_is_queued_once(queue: Queue) -> None:
    assert queue.add(push(1))
    assert not queue.add(push(2), push(1, content="another"))
    assert queue.store.load(None, 10) == [push(1)]
    assert not is_queued(queue.store, "acme", TWO)


def test_whether_a_push_waits_is_its_customers_to_know(queue: Queue) -> None:
    store = queue.store
    store.add([push(1)], lambda _: None)
    for _ in range(2):
        assert is_queued(store, "acme", ONE)
        assert not is_queued(store, "other", ONE)
        assert not is_queued(store, "acme", TWO)
        queue.settle()
    store.end([ending(ONE)])
    assert not is_queued(store, "acme", ONE)
    queue.settle()
    assert not is_queued(store, "acme", ONE)


def test_a_store_that_cannot_be_read_says_so(queue: Queue) -> None:
    queue.add(push(1))
    queue.store._records.close()
    assert queue.store.fetch([ONE]) is None
    with pytest.raises(StoreError, match=r"push\.sqlite: the pushes cannot be read"):
        queue.store.load(None, 1)
    with pytest.raises(StoreError, match=r"push\.sqlite: the pushes cannot be read"):
        ended(queue.store, "acme", ONE)
    with pytest.raises(StoreError, match=r"push\.sqlite: the pushes cannot be read"):
        list(queue.store._records.graves())


# Endings -----------------------------------------------------------------------------------


def test_how_a_push_ended_is_its_customers_to_know(queue: Queue) -> None:
    queue.add(push(1))
    told = ending(ONE, State.REJECTED, "BadTopic")
    queue.store.end([told])
    for _ in range(2):
        assert ended(queue.store, "acme", ONE) == told
        assert ended(queue.store, "other", ONE) is None
        assert ended(queue.store, "acme", TWO) is None
        queue.settle()


@pytest.mark.parametrize("state", [each for each in State if each is not State.QUEUED])
def test_every_ending_is_read_as_it_was_told(queue: Queue, state: State) -> None:
    queue.end(ONE, state=state)
    assert ended(queue.again().store, "acme", ONE) == ending(ONE, state)


def test_endings_are_known_for_a_day(queue: Queue) -> None:
    queue.end(ONE)
    queue.unix += DAY
    assert ended(queue.store, "acme", ONE) is not None
    queue.unix += 1
    assert ended(queue.store, "acme", ONE) is None
    queue.end(TWO, THREE)
    assert rows(queue, "endings") == 2


def test_only_so_many_endings_are_kept(queue: Queue) -> None:
    queue.store.close()
    bounded = evolve(queue, bounds=Bounds(endings=Bound(10, DAY)))
    for number in range(30):
        bounded.end(push(number).id)
    assert rows(bounded, "endings") == 10
    assert ended(bounded.store, "acme", push(29).id) is not None
    assert ended(bounded.store, "acme", push(1).id) is None
    bounded.store.close()


@pytest.mark.parametrize("name", ["", "x" * 100_000, "\ud800", "\0", "'; DROP TABLE queue; --"])
def test_anything_may_be_asked_for(queue: Queue, name: str) -> None:
    """Ids and keys come from the address and headers of a request."""
    queue.add(push(1))
    store = queue.store
    assert ended(store, "acme", name) is None
    assert not is_queued(store, "acme", name)
    assert store.said("acme", name) is None
    assert store.said(name, "key") is None
    assert store.buried("acme", "phone", name) is None
    assert store.feedback(name, 0, 10) == []
    assert queue.loaded() == [ONE]


# Dead tokens -------------------------------------------------------------------------------


def told_dead(queue: Queue, after: int = 0, customer: str = "acme") -> list[tuple[str, str]]:
    return [(each.token, each.reason) for each in queue.store.feedback(customer, after, 100)]


def test_a_dead_token_is_known_at_once_and_ever_after(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX)
    for _ in range(2):
        assert queue.store.buried("acme", "phone", "dead") == UNIX
        assert queue.store.buried("acme", "phone", "living") is None
        assert queue.store.buried("acme", "tablet", "dead") is None
        assert queue.store.buried("other", "phone", "dead") is None
        queue.settle()
    again = queue.again()
    assert again.store.buried("acme", "phone", "dead") == UNIX
    again.store.close()


def test_a_dead_token_is_told_to_its_customer_by_growing_numbers(queue: Queue) -> None:
    for number, token in enumerate(("a", "b", "c")):
        queue.store.bury("acme", "phone", token, f"why {token}", UNIX + number)
    queue.store.bury("other", "phone", "d", "why d", UNIX)
    queue.settle()
    found = queue.store.feedback("acme", 0, 2)
    assert [(each.app, each.token, each.reason, each.at) for each in found] == [
        ("phone", "a", "why a", UNIX),
        ("phone", "b", "why b", UNIX + 1),
    ]
    assert found[0].number < found[1].number
    assert told_dead(queue, found[1].number) == [("c", "why c")]
    assert told_dead(queue, customer="other") == [("d", "why d")]
    everybody = queue.store.feedback_of_all(None, found[0].number, 10)
    assert [(customer, dead.token) for customer, dead in everybody] == [
        ("acme", "b"), ("acme", "c"), ("other", "d"),
    ]  # fmt: skip


def test_growing_feedback_is_told_of_when_it_can_be_read(queue: Queue) -> None:
    """Whoever is told of it looks at once; what lives again is no feedback."""
    grew: list[tuple[str, int]] = []
    queue.store.feedback_grew = lambda customer: grew.append((customer, len(told_dead(queue))))
    queue.store.bury("acme", "phone", "a", "why a", UNIX)
    queue.store.bury("acme", "phone", "b", "why b", UNIX)
    assert grew == []
    queue.settle()
    assert grew == [("acme", 2)]
    queue.store.dig_up("acme", "phone", "a")
    queue.settle()
    assert len(grew) == 1


def test_a_token_dies_once(queue: Queue) -> None:
    """Ten pushes to it may be under way when the first comes back."""
    for at in (UNIX, UNIX + 1):
        queue.store.bury("acme", "phone", "dead", "Unregistered", at)
    queue.settle()
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX + 2)
    queue.settle()
    assert queue.store.buried("acme", "phone", "dead") == UNIX
    assert told_dead(queue) == [("dead", "Unregistered")]


def test_a_token_that_lives_again_is_not_told_to_be_dead(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX)
    queue.settle()
    last = queue.store.feedback("acme", 0, 10)[-1].number
    queue.store.dig_up("acme", "phone", "dead")
    for _ in range(2):
        assert queue.store.buried("acme", "phone", "dead") is None
        queue.settle()
    assert told_dead(queue) == []
    queue.store.bury("acme", "phone", "dead", "again", UNIX + 5)
    queue.settle()
    assert told_dead(queue, last) == [("dead", "again")]


def test_a_token_can_die_be_dug_up_and_die_within_a_group(queue: Queue) -> None:
    store = queue.store
    store.bury("acme", "phone", "dead", "first", UNIX)
    store.dig_up("acme", "phone", "dead")
    assert store.buried("acme", "phone", "dead") is None
    store.bury("acme", "phone", "dead", "second", UNIX + 1)
    assert store.buried("acme", "phone", "dead") == UNIX + 1
    queue.settle()
    assert told_dead(queue) == [("dead", "second")]


def test_digging_up_the_living_writes_nothing(queue: Queue) -> None:
    """Every registration does it."""
    queue.store.dig_up("acme", "phone", "living")
    queue.settle()
    assert queue.disk.groups == 0


def test_numbers_grow_even_when_all_was_forgotten(queue: Queue) -> None:
    """Who asks for what is after the last number it has seen must not miss any."""
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX)
    queue.settle()
    (first,) = queue.store.feedback("acme", 0, 10)
    queue.store.dig_up("acme", "phone", "dead")
    queue.settle()
    again = queue.again()
    again.store.bury("acme", "phone", "another", "Unregistered", UNIX)
    again.settle()
    (second,) = again.store.feedback("acme", 0, 10)
    assert second.number > first.number
    again.store.close()


def test_dead_tokens_are_told_and_known_for_their_time(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX)
    queue.settle()
    queue.unix += 31 * DAY
    assert told_dead(queue) == []
    assert queue.store.buried("acme", "phone", "dead") == UNIX
    queue.unix += 60 * DAY
    assert queue.store.buried("acme", "phone", "dead") is None


def test_a_customer_that_never_asks_is_told_of_so_many(queue: Queue) -> None:
    queue.store.close()
    bounded = evolve(queue, bounds=Bounds(feedback_of_a_customer=3))
    bounded.store.bury("other", "phone", "other", "Unregistered", UNIX)
    for number in range(10):
        bounded.store.bury("acme", "phone", f"{number}", "Unregistered", UNIX)
        bounded.settle()
    assert [token for token, _ in told_dead(bounded)] == ["7", "8", "9"]
    assert len(told_dead(bounded, customer="other")) == 1
    bounded.store.close()


def test_a_tokens_half_characters_and_a_reasons_come_back(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "to\ud800ken", "be\ud800cause", UNIX)
    queue.settle()
    assert told_dead(queue) == [("to\ud800ken", "be\\ud800cause")]


# Idempotency-Key ---------------------------------------------------------------------------


def test_an_answer_is_said_again_for_a_day(queue: Queue) -> None:
    queue.store.note("acme", "key", b"digest", b"answer", UNIX)
    for _ in range(2):
        assert queue.store.said("acme", "key") == (b"digest", b"answer")
        assert queue.store.said("other", "key") is None
        assert queue.store.said("acme", "another") is None
        queue.settle()
    queue.unix += DAY
    assert queue.store.said("acme", "key") == (b"digest", b"answer")
    queue.unix += 1
    assert queue.store.said("acme", "key") is None


def test_a_later_answer_takes_the_place_of_an_earlier_one(queue: Queue) -> None:
    queue.store.note("acme", "key", b"digest", b"first", UNIX)
    queue.settle()
    queue.store.note("acme", "key", b"digest", b"second", UNIX)
    for _ in range(2):
        assert queue.store.said("acme", "key") == (b"digest", b"second")
        queue.settle()


def answered(answer: bytes = b"answer") -> Answered:
    return Answered(customer="acme", key="key", digest=b"digest", answer=answer, at=UNIX)


def test_an_answer_comes_with_its_pushes(queue: Queue, tmp_path: Path) -> None:
    queue.store.add([push(1)], lambda _: None, answered())
    assert queue.store.said("acme", "key") == (b"digest", b"answer")
    queue.settle()
    crashed = queue.crashed(tmp_path / "crashed")
    assert crashed.loaded() == [ONE]
    assert crashed.store.said("acme", "key") == (b"digest", b"answer")
    crashed.store.close()


def test_an_answer_goes_with_its_pushes(queue: Queue) -> None:
    queue.add(push(1))
    said: list[bool] = []
    queue.store.add([push(1)], said.append, answered())
    queue.settle()
    assert said == [False]
    assert queue.store.said("acme", "key") is None


def test_an_answer_may_be_corrected_before_it_is_written(queue: Queue) -> None:
    """A request that waits for the provider knows more two seconds later."""
    queue.store.add([push(1)], lambda _: None, answered(b"queued"))
    queue.store.note("acme", "key", b"digest", b"sent", UNIX)
    for _ in range(2):
        assert queue.store.said("acme", "key") == (b"digest", b"sent")
        queue.settle()


def rows(queue: Queue, table: str) -> int:
    connection = sqlite3.connect(queue.path)
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return count
