"""Pushes as rows: all of them comes back, and nothing that was changed."""

import math
import os
import struct
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.gateway.push.ports import QueuedPush
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.storage.push_keys import PushKey
from procall_mobility.storage.push_rows import COLUMNS, push_of, row_of
from procall_mobility.storage.push_seal import Seal, Unreadable
from tests.gateway.push.fakes import push

SEAL = Seal(PushKey(Path("push.key"), bytes(range(32))), os.urandom)

names = st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text)
anything = st.text(st.characters(), max_size=40)
times = st.floats(0, 4e9)

notifications = st.builds(
    Notification,
    id=st.uuids(version=4).map(str),
    kind=anything,
    token=anything,
    is_voip=st.booleans(),
    urgency=st.sampled_from(Urgency),
    expires=times,
    collapse=st.none() | anything,
    content=st.dictionaries(anything, anything, max_size=5),
)
queued = st.builds(
    QueuedPush,
    customer=names,
    app=names,
    notification=notifications,
    accepted=times,
    not_before=times,
    attempts=st.integers(0, 1000),
    sandbox=st.none() | st.booleans(),
)

SEALED = COLUMNS.index("sealed")
CHANGING = {"not_before", "attempts", "sandbox", "token", "collapse"}
"""What changes while a push waits, and hashes, which only look-ups use."""


@given(queued)
def test_a_row_holds_all_of_a_push(given_push: QueuedPush) -> None:
    row = row_of(given_push, SEAL)
    found = push_of(row, SEAL)
    assert found == given_push
    assert list(found.notification.content) == list(given_push.notification.content)


@given(queued, st.data())
def test_any_bit_of_the_seal_that_was_changed_is_noticed(
    given_push: QueuedPush, data: st.DataObject
) -> None:
    row = row_of(given_push, SEAL)
    sealed = bytearray(row[SEALED])
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        push_of((*row[:SEALED], bytes(sealed)), SEAL)


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - CHANGING))
@pytest.mark.parametrize(
    "value", [None, 0, 2, 7, -1, 1e300, "", "x", "\udc80", b"x", math.nan], ids=repr
)
def test_what_never_changes_is_sealed_with_it(column: str, value: object) -> None:
    """Nobody can give a token to another application, or let a push live for ever."""
    row = list(row_of(push(), SEAL))
    row[COLUMNS.index(column)] = value
    with pytest.raises(Unreadable):
        push_of(tuple(row), SEAL)


@pytest.mark.parametrize("column", ["not_before", "attempts"])
def test_a_column_of_the_wrong_type_is_damage(column: str) -> None:
    """SQLite judges types when it writes, not when it reads."""
    row = list(row_of(push(), SEAL))
    for value in (None, "x", b"x"):
        row[COLUMNS.index(column)] = value
        with pytest.raises(Unreadable, match="a column is damaged"):
            push_of(tuple(row), SEAL)


def test_pushes_to_one_device_have_one_hash_of_the_token() -> None:
    token = COLUMNS.index("token")
    rows = [row_of(each, SEAL) for each in (push(1, token="a"), push(2, token="a"))]
    assert rows[0][token] == rows[1][token]
    others = [
        push(3, token="b"),
        push(4, token="a", app="other"),
        push(5, token="a", customer="c"),
    ]
    assert len({row_of(each, SEAL)[token] for each in others} | {rows[0][token]}) == 4


def test_a_collapse_key_is_the_devices() -> None:
    collapse = COLUMNS.index("collapse")
    first = row_of(push(1, token="a", collapse="k"), SEAL)[collapse]
    assert row_of(push(2, token="a", collapse="k"), SEAL)[collapse] == first
    assert row_of(push(3, token="b", collapse="k"), SEAL)[collapse] != first
    assert row_of(push(4, token="a", collapse="l"), SEAL)[collapse] != first
    assert row_of(push(5, token="a"), SEAL)[collapse] is None


def test_no_collapse_key_is_not_an_empty_one() -> None:
    for collapse in (None, ""):
        found = push_of(row_of(push(collapse=collapse), SEAL), SEAL)
        assert found.notification.collapse == collapse


def test_nothing_of_the_device_stands_beside_the_seal() -> None:
    clear = push(token="the-token", collapse="the-key", content="the-content")
    shown = repr(row_of(clear, SEAL))
    for secret in ("the-token", "the-key", "the-content", "chat"):
        assert secret not in shown


def test_what_cannot_be_said_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError):
        row_of(push(customer="\ud800"), SEAL)
    with pytest.raises(struct.error):
        row_of(evolve(push(), accepted="now"), SEAL)
