"""Answers to requests that may be made again (`Idempotency-Key`)."""

from pathlib import Path

from procall_mobility.gateway.push.ports import Answered
from procall_mobility.storage.push_bounds import DAY
from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import ONE, Queue


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
