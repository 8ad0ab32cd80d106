"""Documents made in turns: made once for all who ask, told to all, and failing for all."""

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Cooperator

from procall_mobility.operations.status_page.making import Making, Piece


class Turns:
    """Gives turns when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.made = 0
        self.later: Deferred[bytes] = Deferred()
        self.waiting: list[Any] = []
        self.cooperator = Cooperator(lambda: lambda: True, scheduler=self._schedule)
        self.making = Making(
            pieces=self.pieces, cooperator=self.cooperator, now=lambda: self.now, keeps=1.0
        )

    def pieces(self) -> Iterator[Piece]:
        self.made += 1
        yield b"one "
        yield None
        yield self.later
        yield b" three"

    def turn(self, times: int = 20) -> None:
        for _ in range(times):
            waiting, self.waiting = self.waiting, []
            for each in waiting:
                each()

    def _schedule(self, more: Any) -> "Turns":
        self.waiting.append(more)
        return self

    def cancel(self) -> None:
        """Nothing is cancelled here."""


def test_pieces_come_in_order_though_one_comes_later() -> None:
    turns, told = Turns(), []
    turns.making.ask().addCallback(told.append)
    turns.turn()
    assert told == []
    turns.later.callback(b"two")
    turns.turn()
    assert told == [b"one two three"]


def test_it_is_made_once_for_all_who_ask_and_for_those_who_come_shortly_after() -> None:
    turns, told = Turns(), []
    turns.later.callback(b"two")
    for _ in range(3):
        turns.making.ask().addCallback(told.append)
    turns.turn()
    turns.now = 0.9
    turns.making.ask().addCallback(told.append)
    assert told == [b"one two three"] * 4
    assert turns.made == 1
    turns.now, turns.later = 1.0, Deferred()
    turns.making.ask()
    turns.turn()
    assert turns.made == 2


def test_what_fails_fails_for_all_and_is_tried_again() -> None:
    turns, failed = Turns(), []
    for _ in range(2):
        turns.making.ask().addErrback(lambda failure: failed.append(failure.type))
    turns.later.errback(ValueError())
    turns.turn()
    assert failed == [ValueError, ValueError]
    turns.later = Deferred()
    turns.later.callback(b"two")
    told: list[bytes] = []
    turns.making.ask().addCallback(told.append)
    turns.turn()
    assert told == [b"one two three"]


@pytest.mark.parametrize("asked", [1, 2])
def test_somebody_waits_no_longer_than_a_turn_for_a_piece(asked: int) -> None:
    """Each piece is a turn of its own: others come between."""
    turns = Turns()
    for _ in range(asked):
        turns.making.ask()
    assert turns.made == 0
    turns.turn(1)
    assert turns.made == 1
    assert turns.waiting
