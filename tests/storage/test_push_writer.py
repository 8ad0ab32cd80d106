"""Writing groups: all in one transaction, and what becomes of it when something is wrong."""

import os
import resource
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.gateway.push.ports import Answered, QueuedPush, State
from procall_mobility.storage.push_bounds import DAY, UNIT, Bound, Bounds
from procall_mobility.storage.push_file import PushFile, open_file
from procall_mobility.storage.push_groups import Addition, Burial, Group
from procall_mobility.storage.push_seal import Seal
from procall_mobility.storage.push_writer import PushWriter, Written, writable
from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import ending

SMALL = 400 * 1024
"""Octets: some hundred pushes fill it."""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[PushFile]:
    opened = open_file(
        tmp_path / "push.sqlite", tmp_path / "push.key", os.urandom, makes_key=True, octets=SMALL
    )
    yield opened
    opened.close()


@pytest.fixture
def writer(file: PushFile) -> PushWriter:
    return PushWriter(file.writer, Seal(file.key, os.urandom), Bounds(), lambda: UNIX)


def group(*additions: Sequence[QueuedPush], ended: Sequence[str] = ()) -> Group:
    made = Group()
    for pushes in additions:
        made.add(Addition(pushes, lambda _: None, {}))
    made.endings.update((each, ending(each)) for each in ended)
    return made


def said(text: bytes) -> Answered:
    return Answered(customer="acme", key="key", digest=b"d", answer=text, at=UNIX)


def ids(file: PushFile, table: str = "queue") -> set[str]:
    return {name for (name,) in file.reader.execute(f"SELECT id FROM {table}")}


def big(number: int) -> QueuedPush:
    return push(number, content="x" * 3000)


def fill(writer: PushWriter) -> list[QueuedPush]:
    """Add pushes until there is no room for one more."""
    kept = []
    for number in range(1, 1000):
        written = writer.write(group([big(number)]))
        if written.additions == [False]:
            assert written.problem is not None
            assert "full" in written.problem
            return kept
        kept.append(big(number))
    raise AssertionError("it never gets full")


def test_a_group_is_one_transaction(writer: PushWriter, file: PushFile) -> None:
    seen: list[str] = []
    writer.write(group([push(1)]))
    file.writer.set_trace_callback(seen.append)
    assert writer.write(group([push(2), push(3)], [push(4)], ended=[push(1).id])) == Written(
        [True, True], notes=True
    )
    assert [each for each in seen if each.startswith(("BEGIN", "COMMIT"))] == [
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]
    assert ids(file) == {push(2).id, push(3).id, push(4).id}
    assert ids(file, "endings") == {push(1).id}


def test_a_push_that_has_ended_is_not_written_any_more(writer: PushWriter, file: PushFile) -> None:
    """A call goes out while its row waits for the disk."""
    writer.write(group([push(1), push(2)], ended=[push(1).id]))
    assert ids(file) == {push(2).id}
    assert ids(file, "endings") == {push(1).id}


def test_a_push_can_be_postponed_in_the_group_that_adds_it(
    writer: PushWriter, file: PushFile
) -> None:
    made = group([push(1)])
    made.postponed[push(1).id] = evolve(push(1).postponed(UNIX + 60), sandbox=True)
    writer.write(made)
    found = file.reader.execute("SELECT not_before, attempts, sandbox FROM queue").fetchall()
    assert found == [(UNIX + 60, 1, 1)]


def test_an_id_that_is_taken_refuses_its_own_addition_only(
    writer: PushWriter, file: PushFile
) -> None:
    writer.write(group([push(1), push(9)]))
    written = writer.write(group([push(2)], [push(3), push(1)], [push(4)], ended=[push(9).id]))
    assert written.additions == [True, False, True]
    assert written.notes
    assert written.problem is not None
    assert "UNIQUE" in written.problem
    assert ids(file) == {push(1).id, push(2).id, push(4).id}
    assert ids(file, "endings") == {push(9).id}


@pytest.mark.parametrize("wrong", [push(2, customer="\ud800"), evolve(push(2), attempts=2**70)])
def test_what_cannot_be_written_refuses_its_own_addition_only(
    writer: PushWriter, file: PushFile, wrong: QueuedPush
) -> None:
    """Whatever a customer manages to say is nobody else's trouble."""
    made = group([push(1)], [wrong], [push(3)])
    made.postponed[push(1).id] = push(1).postponed(UNIX + 60)
    assert writer.write(made).additions == [True, False, True]
    assert ids(file) == {push(1).id, push(3).id}
    assert file.reader.execute("SELECT max(attempts) FROM queue").fetchone() == (1,)


def test_a_note_that_cannot_be_written_holds_up_nothing(
    writer: PushWriter, file: PushFile
) -> None:
    made = group([push(1)])
    made.endings["\ud800"] = ending("\ud800")
    assert writer.write(made) == Written([True], notes=True, problem=writer.write(made).problem)
    assert ids(file) == {push(1).id}


def test_a_full_file_refuses_pushes_and_keeps_what_it_has(
    writer: PushWriter, file: PushFile
) -> None:
    kept = fill(writer)
    assert len(kept) > 20
    written = writer.write(group([big(2001)], [big(2002)]))
    assert written.additions == [False, False]
    assert ids(file) == {each.id for each in kept}


def test_a_full_file_takes_endings_and_with_them_pushes_again(
    writer: PushWriter, file: PushFile
) -> None:
    """Ends come first: they make the room they take themselves, and that for other pushes."""
    kept = fill(writer)
    gone, left = kept[:20], kept[20:]
    written = writer.write(group([big(2001)], ended=[each.id for each in gone]))
    assert written == Written([True], notes=True)
    assert ids(file) == {each.id for each in left} | {big(2001).id}
    assert ids(file, "endings") == {each.id for each in gone}


def test_notes_are_kept_where_pushes_have_no_room(writer: PushWriter, file: PushFile) -> None:
    kept = fill(writer)
    much = [big(number) for number in range(2000, 2100)]
    written = writer.write(group(much, ended=[kept[0].id]))
    assert written.additions == [False]
    assert written.notes
    assert ids(file, "endings") == {kept[0].id}
    assert ids(file) == {each.id for each in kept[1:]}


def test_what_somebody_else_holds_is_worth_another_try(writer: PushWriter, file: PushFile) -> None:
    writer.write(group([push(1)]))
    file.writer.execute("PRAGMA busy_timeout = 1")
    holder = sqlite3.connect(file.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    made = group([push(2)], ended=[push(1).id])
    written = writer.write(made)
    assert (written.additions, written.notes) == ([False], False)
    assert "locked" in (written.problem or "")
    holder.execute("ROLLBACK")
    holder.close()
    assert writer.write(made) == Written([True], notes=True)
    assert ids(file) == {push(2).id}


def test_notes_that_fail_while_each_is_tried_are_worth_another_try(
    writer: PushWriter, file: PushFile
) -> None:
    """The disk fails just when the one with a taken id is looked for."""
    writer.write(group([push(1)]))

    begun: list[str] = []

    def fail_afterwards(statement: str) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)
            if len(begun) == 2:
                file.writer.execute("PRAGMA query_only = ON")

    file.writer.set_trace_callback(fail_afterwards)
    written = writer.write(group([push(1)], ended=[push(9).id]))
    assert (written.additions, written.notes) == ([False], False)


def test_a_token_buried_twice_has_one_tombstone(writer: PushWriter, file: PushFile) -> None:
    for reason in ("gone", "gone again"):
        made = Group()
        made.burials[b"hash"] = Burial(
            customer="acme", app="phone", token="token", reason=reason, at=UNIX, since=UNIX
        )
        assert writer.write(made).problem is None
    assert file.reader.execute("SELECT count(*) FROM tombstones").fetchone() == (1,)
    assert file.reader.execute("SELECT reason FROM feedback").fetchall() == [("gone again",)]


def test_an_answer_goes_with_its_pushes_or_not_at_all(writer: PushWriter, file: PushFile) -> None:
    """Or a sender that repeats its request would be told of pushes that are none."""
    answered = said(b"a")
    writer.write(group([push(1)]))
    made = group([push(2)])
    made.add(Addition([push(1)], lambda _: None, {b"refused": answered}))
    made.add(Addition([push(3)], lambda _: None, {b"kept": answered}))
    assert writer.write(made).additions == [True, False, True]
    assert file.reader.execute("SELECT key FROM answers").fetchall() == [(b"kept",)]


def test_answers_take_no_more_room_than_they_may(file: PushFile) -> None:
    """However many orders with a key, and however long the answers."""
    bounds = Bounds(answers=Bound(100, DAY))
    writer = PushWriter(file.writer, Seal(file.key, os.urandom), bounds, lambda: UNIX)
    made = group()
    for number in range(90):
        made.answers[b"%d" % number] = said(b"short")
    writer.write(made)
    longer = group()
    longer.answers[b"long"] = said(b"a" * 59 * UNIT)
    assert writer.write(longer).problem is None
    kept = [key for (key,) in file.reader.execute("SELECT key FROM answers ORDER BY number")]
    assert kept == [*(b"%d" % number for number in range(50, 90)), b"long"]


def test_a_reason_with_half_a_character_is_written_as_it_can_be() -> None:
    """Providers' answers are JSON, which lets lone surrogates through."""
    assert writable("bad \ud800 token") == "bad \\ud800 token"
    assert writable("Größe") == "Größe"
    assert writable(None) is None


def test_a_push_is_ended_once_with_its_last_state(writer: PushWriter, file: PushFile) -> None:
    writer.write(group(ended=[push(1).id]))
    made = Group()
    made.endings[push(1).id] = ending(push(1).id, State.REJECTED, "BadTopic")
    writer.write(made)
    rows = file.reader.execute("SELECT state, reason FROM endings").fetchall()
    assert rows == [("rejected", "BadTopic")]


@contextmanager
def file_size_limit(octets: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as if the disk was full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_refuses_pushes_until_it_is_not(tmp_path: Path) -> None:
    """The log does not grow any more: what is in it goes to its place, and so makes room."""
    path, key = tmp_path / "push.sqlite", tmp_path / "push.key"
    file = open_file(path, key, os.urandom, makes_key=True, octets=2**30)
    writer = PushWriter(file.writer, Seal(file.key, os.urandom), Bounds(), lambda: UNIX)
    kept: set[str] = set()
    refused = 0
    logs = []
    with file_size_limit(256 * 1024):
        for number in range(1, 300):
            ended = [big(number - 2).id] if number % 2 else []
            (is_kept,) = writer.write(group([big(number)], ended=ended)).additions
            kept |= {big(number).id} if is_kept else set()
            if not is_kept:
                refused += 1
                logs.append(path.with_name("push.sqlite-wal").stat().st_size)
    assert refused > 50
    assert min(logs) < 64 * 1024
    assert len(kept) > 50
    written = writer.write(group([big(1000)]))
    assert written.additions == [True]
    assert big(1000).id in ids(file)
    assert ids(file) <= kept | {big(1000).id}
    assert (kept - ids(file)) <= ids(file, "endings")
    assert file.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
