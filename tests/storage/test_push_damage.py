"""Rows that were damaged are reported and passed over; no other row is lost, and none removed."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.logger import globalLogPublisher

from procall_mobility.storage.push_rows import COLUMNS
from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import Queue, is_queued

IDS = [push(number).id for number in range(1, 6)]

each_time = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def log() -> Iterator[list[dict]]:
    events: list[dict] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


@pytest.fixture
def damaged(queue: Queue) -> Queue:
    """A queue of five, to be damaged."""
    queue.add(*[push(number, content=f"content {number}") for number in range(1, 6)])
    return queue


def change(queue: Queue, statement: str, *values: object) -> None:
    connection = sqlite3.connect(queue.path, isolation_level=None)
    connection.execute(statement, values)
    connection.close()


@each_time
@given(st.data())
def test_any_bit_of_a_row_costs_that_row_alone(damaged: Queue, data: st.DataObject) -> None:
    connection = sqlite3.connect(damaged.path, isolation_level=None)
    victim = data.draw(st.sampled_from(IDS))
    (whole,) = connection.execute("SELECT sealed FROM queue WHERE id = ?", (victim,)).fetchone()
    flipped = bytearray(whole)
    bit = data.draw(st.integers(0, len(flipped) * 8 - 1))
    flipped[bit // 8] ^= 1 << bit % 8
    connection.execute("UPDATE queue SET sealed = ? WHERE id = ?", (bytes(flipped), victim))
    events: list[dict] = []
    globalLogPublisher.addObserver(events.append)
    try:
        loaded = damaged.store.load(None, 10)
        fetched = damaged.store.fetch(IDS)
    finally:
        globalLogPublisher.removeObserver(events.append)
        connection.execute("UPDATE queue SET sealed = ? WHERE id = ?", (whole, victim))
        connection.close()
    assert [each.id for each in loaded] == [each for each in IDS if each != victim]
    assert fetched is not None
    assert {each.id for each in fetched} == {each.id for each in loaded}
    told = [(each["log_format"], each["count"], each["first"]) for each in events]
    assert told == [("pushes unreadable", 1, victim)] * 2
    assert damaged.loaded() == IDS


def test_a_damaged_name_costs_its_row_alone(damaged: Queue, log: list[dict]) -> None:
    """What is no UTF-8 any more must not keep the page from being read."""
    for column in ("customer", "app"):
        change(
            damaged,
            f"UPDATE queue SET {column} = CAST(x'ff' || {column} AS TEXT) WHERE id = ?",
            IDS[1 if column == "app" else 3],
        )
    assert damaged.loaded() == [IDS[0], IDS[2], IDS[4]]
    assert [each["count"] for each in log] == [2]


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - {"token", "collapse", "sandbox", "id"}))
def test_a_column_that_has_become_something_else_costs_its_row_alone(
    damaged: Queue, column: str
) -> None:
    """SQLite judges types when it writes, not when it reads what the disk has made of them."""
    connection = sqlite3.connect(damaged.path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')')")
    connection.execute("PRAGMA writable_schema = RESET")
    connection.execute(f"UPDATE queue SET {column} = x'00ff' WHERE id = ?", (IDS[2],))
    connection.close()
    again = damaged.again()
    assert again.loaded() == [each for each in IDS if each != IDS[2]]
    again.store.close()


def test_pages_of_damaged_rows_hide_none_behind_them(damaged: Queue, log: list[dict]) -> None:
    change(damaged, "UPDATE queue SET sealed = x'00' WHERE id <= ?", IDS[3])
    assert [each.id for each in damaged.store.load(None, 1)] == [IDS[4]]
    assert [each.id for each in damaged.store.load(None, 2)] == [IDS[4]]


def test_damaged_rows_are_kept(damaged: Queue) -> None:
    change(damaged, "UPDATE queue SET sealed = x'00' WHERE id <= ?", IDS[3])
    again = damaged.again()
    assert again.loaded() == IDS[4:]
    assert is_queued(again.store, "acme", IDS[0])
    again.store.close()


def test_a_damaged_answer_is_none(queue: Queue, log: list[dict]) -> None:
    queue.store.note("acme", "key", b"digest", b"answer", UNIX)
    queue.settle()
    change(queue, "UPDATE answers SET sealed = x'01'")
    assert queue.store.said("acme", "key") is None
    assert [each["log_format"] for each in log] == ["answer unreadable"]


def test_a_damaged_dead_token_hides_no_other(queue: Queue, log: list[dict]) -> None:
    for token in ("a", "b", "c"):
        queue.store.bury("acme", "phone", token, "Unregistered", UNIX, UNIX)
    queue.settle()
    change(queue, "UPDATE feedback SET sealed = x'01' WHERE number = 2")
    assert [each.token for each in queue.store.feedback("acme", 0, 10)] == ["a", "c"]
    assert [each["log_format"] for each in log] == ["dead token unreadable"]


def test_a_report_names_the_row_and_nothing_of_the_device(damaged: Queue, log: list[dict]) -> None:
    change(damaged, "UPDATE queue SET sealed = zeroblob(200) WHERE id = ?", IDS[0])
    damaged.loaded()
    (event,) = log
    assert event["first"] == IDS[0]
    assert "token" not in repr(event)
    assert "content" not in repr(event)
