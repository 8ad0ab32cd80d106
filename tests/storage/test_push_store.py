"""The durable queue as the pipeline sees it: what was told is read, now and after a crash."""

import itertools
import shutil
from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.gateway.push.ports import NotReadable, PushStore
from procall_mobility.storage.errors import StoreError
from tests.gateway.push.fakes import UNIX, call, push
from tests.storage.push_stores import ONE, THREE, TWO, Queue, ended, ending, is_queued


def test_it_is_the_port(queue: Queue) -> None:
    store: PushStore = queue.store
    assert store.load(None, 10) == []


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


def test_what_is_told_is_kept_though_nothing_can_be_read(queue: Queue) -> None:
    """A push must end, whose provider says that its token is dead; and a device may come back."""
    queue.store.bury("acme", "phone", "back", "Unregistered", UNIX, UNIX)
    queue.store.bury("acme", "phone", "gone", "Unregistered", UNIX, UNIX)
    queue.settle()
    queue.store._records.close()
    with pytest.raises(NotReadable):
        queue.store.buried("acme", "phone", "gone")
    queue.store.bury("acme", "phone", "gone", "Unregistered", UNIX + 1, UNIX + 1)
    queue.store.dig_up("acme", "phone", "back")
    queue.settle()
    again = queue.again()
    assert again.store.buried("acme", "phone", "gone") == UNIX + 1
    assert again.store.buried("acme", "phone", "back") is None
    again.store.close()
    with pytest.raises(StoreError, match=r"push\.sqlite: the pushes cannot be read"):
        list(queue.store._records.graves())


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
