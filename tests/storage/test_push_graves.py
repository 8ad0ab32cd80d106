"""Dead tokens: known ever after, told to their customers once, and forgotten when they live."""

from attrs import evolve

from procall_mobility.storage.push_bounds import DAY, Bounds
from tests.gateway.push.fakes import UNIX
from tests.storage.push_stores import Queue


def told_dead(queue: Queue, after: int = 0, customer: str = "acme") -> list[tuple[str, str]]:
    return [(each.token, each.reason) for each in queue.store.feedback(customer, after, 100)]


def test_a_dead_token_is_known_at_once_and_ever_after(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
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
        queue.store.bury("acme", "phone", token, f"why {token}", UNIX + number, UNIX + number)
    queue.store.bury("other", "phone", "d", "why d", UNIX, UNIX)
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


def test_one_that_is_dead_for_long_is_told_as_long_as_others(queue: Queue) -> None:
    """What its provider says is for the customer, who knows when its device has registered."""
    since = UNIX - 400 * 86_400
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, since)
    queue.store.bury("acme", "phone", "another", "Unregistered", UNIX, UNIX)
    queue.settle()
    queue.store.bury("acme", "phone", "a third", "Unregistered", UNIX, UNIX)
    assert queue.store.dead_since("acme", "phone", "dead") == since
    queue.settle()
    assert queue.store.dead_since("acme", "phone", "dead") == since
    assert queue.store.dead_since("acme", "phone", "living") is None
    assert queue.store.buried("acme", "phone", "dead") == UNIX
    assert [each.at for each in queue.store.feedback("acme", 0, 10)] == [since, UNIX, UNIX]


def test_growing_feedback_is_told_of_when_it_can_be_read(queue: Queue) -> None:
    """Whoever is told of it looks at once; what lives again is no feedback."""
    grew: list[tuple[str, int]] = []
    queue.store.feedback_grew = lambda customer: grew.append((customer, len(told_dead(queue))))
    queue.store.bury("acme", "phone", "a", "why a", UNIX, UNIX)
    queue.store.bury("acme", "phone", "b", "why b", UNIX, UNIX)
    assert grew == []
    queue.settle()
    assert grew == [("acme", 2)]
    queue.store.dig_up("acme", "phone", "a")
    queue.settle()
    assert len(grew) == 1


def test_a_token_dies_once(queue: Queue) -> None:
    """Ten pushes to it may be under way when the first comes back."""
    for at in (UNIX, UNIX + 1):
        queue.store.bury("acme", "phone", "dead", "Unregistered", at, at)
    queue.settle()
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX + 2, UNIX + 2)
    queue.settle()
    assert queue.store.buried("acme", "phone", "dead") == UNIX
    assert told_dead(queue) == [("dead", "Unregistered")]


def test_a_token_that_lives_again_is_not_told_to_be_dead(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
    queue.settle()
    last = queue.store.feedback("acme", 0, 10)[-1].number
    queue.store.dig_up("acme", "phone", "dead")
    for _ in range(2):
        assert queue.store.buried("acme", "phone", "dead") is None
        queue.settle()
    assert told_dead(queue) == []
    queue.store.bury("acme", "phone", "dead", "again", UNIX + 5, UNIX + 5)
    queue.settle()
    assert told_dead(queue, last) == [("dead", "again")]


def test_a_token_can_die_be_dug_up_and_die_within_a_group(queue: Queue) -> None:
    store = queue.store
    store.bury("acme", "phone", "dead", "first", UNIX, UNIX)
    store.dig_up("acme", "phone", "dead")
    assert store.buried("acme", "phone", "dead") is None
    store.bury("acme", "phone", "dead", "second", UNIX + 1, UNIX + 1)
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
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
    queue.settle()
    (first,) = queue.store.feedback("acme", 0, 10)
    queue.store.dig_up("acme", "phone", "dead")
    queue.settle()
    again = queue.again()
    again.store.bury("acme", "phone", "another", "Unregistered", UNIX, UNIX)
    again.settle()
    (second,) = again.store.feedback("acme", 0, 10)
    assert second.number > first.number
    again.store.close()


def test_dead_tokens_are_told_and_known_for_their_time(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
    queue.settle()
    queue.unix += 31 * DAY
    assert told_dead(queue) == []
    assert queue.store.buried("acme", "phone", "dead") == UNIX
    queue.unix += 60 * DAY
    assert queue.store.buried("acme", "phone", "dead") is None


def test_a_customer_that_never_asks_is_told_of_so_many(queue: Queue) -> None:
    queue.store.close()
    bounded = evolve(queue, bounds=Bounds(feedback_of_a_customer=3))
    bounded.store.bury("other", "phone", "other", "Unregistered", UNIX, UNIX)
    for number in range(10):
        bounded.store.bury("acme", "phone", f"{number}", "Unregistered", UNIX, UNIX)
        bounded.settle()
    assert [token for token, _ in told_dead(bounded)] == ["7", "8", "9"]
    assert len(told_dead(bounded, customer="other")) == 1
    bounded.store.close()


def test_a_tokens_half_characters_and_a_reasons_come_back(queue: Queue) -> None:
    queue.store.bury("acme", "phone", "to\ud800ken", "be\ud800cause", UNIX, UNIX)
    queue.settle()
    assert told_dead(queue) == [("to\ud800ken", "be\\ud800cause")]
