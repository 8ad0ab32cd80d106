"""The port `PushStore`: what the pipeline is tested with does what the durable queue does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve, frozen

from procall_mobility.gateway.push.ports import Answered, PushStore, State
from tests.gateway.push.fakes import UNIX, push
from tests.gateway.push.memory import MemoryStore
from tests.storage.push_stores import ONE, THREE, TWO, Queue, ended, ending, is_queued


@frozen
class Subject:
    """A store, and how what was told to it gets to the disk."""

    store: PushStore
    commit: Callable[[], None]


@pytest.fixture(params=["durable", "memory"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "memory":
        memory = MemoryStore()
        yield Subject(memory, memory.commit)
        return
    queue = Queue(tmp_path)
    yield Subject(queue.store, queue.settle)
    queue.store.close()


@pytest.fixture
def store(subject: Subject) -> PushStore:
    return subject.store


@pytest.fixture(params=[True, False], ids=["written", "told"])
def maybe_commit(request: pytest.FixtureRequest, subject: Subject) -> Callable[[], None]:
    """What was told is read again at once, written or not."""
    return subject.commit if request.param else lambda: None


def test_durable_is_said_in_order_and_never_at_once(subject: Subject) -> None:
    said: list[tuple[int, bool]] = []
    for number in (1, 2, 3):
        subject.store.add([push(number)], lambda kept, number=number: said.append((number, kept)))
    assert said == []
    subject.commit()
    assert said == [(1, True), (2, True), (3, True)]


def test_pushes_are_loaded_in_the_order_of_their_ids(
    store: PushStore, maybe_commit: Callable[[], None]
) -> None:
    store.add([push(3), push(1)], lambda _: None)
    store.add([push(2)], lambda _: None)
    maybe_commit()
    assert store.load(None, 2) == [push(1), push(2)]
    assert store.load(TWO, 2) == [push(3)]
    assert store.load(THREE, 2) == []


def test_what_has_ended_is_gone_and_how_is_known(
    store: PushStore, maybe_commit: Callable[[], None]
) -> None:
    store.add([push(1), push(2)], lambda _: None)
    maybe_commit()
    told = ending(ONE, State.REJECTED, "BadTopic")
    store.end([told])
    maybe_commit()
    assert store.load(None, 10) == store.fetch([ONE, TWO, THREE]) == [push(2)]
    assert not is_queued(store, "acme", ONE)
    assert is_queued(store, "acme", TWO)
    assert not is_queued(store, "other", TWO)
    assert ended(store, "acme", ONE) == told
    assert ended(store, "other", ONE) is None
    assert ended(store, "acme", TWO) is None


def test_many_are_asked_for_at_once(store: PushStore, maybe_commit: Callable[[], None]) -> None:
    """More than one statement takes, of which some have ended and some were never there."""
    pushes = [push(number) for number in range(1, 301)]
    ends = [ending(each.id) for each in pushes[:100]]
    store.add(pushes[:200], lambda _: None)
    store.end(ends)
    maybe_commit()
    wanted = {each.id: each for each in ends} | {each.id: None for each in pushes[100:200]}
    ids = [each.id for each in pushes]
    assert store.known("acme", ids) == wanted
    assert store.known("other", ids) == store.known("acme", []) == {}


def test_of_a_postponed_push_only_the_attempt_is_noted(
    store: PushStore, maybe_commit: Callable[[], None]
) -> None:
    store.add([push(1, content="sealed")], lambda _: None)
    maybe_commit()
    later = evolve(push(1, content="").postponed(UNIX + 5), sandbox=True)
    store.postpone([later])
    maybe_commit()
    wanted = evolve(push(1, content="sealed").postponed(UNIX + 5), sandbox=True)
    assert store.load(None, 10) == store.fetch([ONE]) == [wanted]


def test_postponing_what_has_ended_brings_nothing_back(
    store: PushStore, maybe_commit: Callable[[], None]
) -> None:
    store.add([push(1)], lambda _: None)
    store.end([ending(ONE)])
    maybe_commit()
    store.postpone([push(1).postponed(UNIX + 5)])
    maybe_commit()
    assert store.load(None, 10) == []


def test_a_dead_token_is_known_until_it_is_dug_up(
    store: PushStore, maybe_commit: Callable[[], None]
) -> None:
    store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
    store.bury("acme", "phone", "dead", "Unregistered", UNIX + 1, UNIX + 1)
    maybe_commit()
    assert store.buried("acme", "phone", "dead") == UNIX
    for others in (("acme", "phone", "x"), ("acme", "x", "dead"), ("x", "phone", "dead")):
        assert store.buried(*others) is None
    store.dig_up("acme", "phone", "dead")
    store.dig_up("acme", "phone", "living")
    maybe_commit()
    assert store.buried("acme", "phone", "dead") is None


def test_feedback_is_the_customers_and_after_what_it_has_seen(subject: Subject) -> None:
    for token in ("a", "b", "a"):
        subject.store.bury("acme", "phone", token, "Unregistered", UNIX, UNIX)
    subject.store.bury("other", "phone", "c", "Unregistered", UNIX, UNIX)
    subject.commit()
    found = subject.store.feedback("acme", 0, 10)
    assert [each.token for each in found] == ["a", "b"]
    assert subject.store.feedback("acme", 0, 1) == found[:1]
    assert subject.store.feedback("acme", found[0].number, 10) == found[1:]


def test_answers_are_said_again(store: PushStore, maybe_commit: Callable[[], None]) -> None:
    with_pushes = Answered(customer="acme", key="one", digest=b"d", answer=b"queued", at=UNIX)
    store.add([push(1)], lambda _: None, with_pushes)
    store.note("acme", "two", b"e", b"sent", UNIX)
    maybe_commit()
    assert store.said("acme", "one") == (b"d", b"queued")
    assert store.said("acme", "two") == (b"e", b"sent")
    assert store.said("other", "two") is None
    store.note("acme", "one", b"d", b"sent", UNIX)
    maybe_commit()
    assert store.said("acme", "one") == (b"d", b"sent")
