"""Orders of one turn are taken together, and each is answered as if it were alone."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from attrs import define

from procall_mobility.gateway.push.ports import Ending
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from tests.gateway.push.desks.push_desk_house import CHAT, ID, OTHER, THIRD, Desk, members, results
from tests.gateway.push.memory import MemoryStore


class Turn:
    """Of a reactor: what is to be done soon is done when it `ends`."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self._acts: list[Callable[[], None]] = []
        self.desk = Desk(soon=self._acts.append, store=store or MemoryStore())

    def posts(self, *chats: dict[str, Any], **headers: str) -> list[HttpAnswer]:
        body = json.dumps({"messages": chats}).encode()
        return self.desk.asked("POST", "/push/v1/messages", body, **headers)

    def ends(self) -> None:
        while self._acts:
            self._acts.pop(0)()
        self.desk.store.commit()
        while self._acts:
            self._acts.pop(0)()


def chat(name: str) -> dict[str, Any]:
    return {**CHAT, "id": name}


def test_orders_are_taken_when_the_turn_is_over() -> None:
    turn = Turn()
    answers = [turn.posts(chat(name)) for name in (ID, OTHER, THIRD)]
    assert answers == [[], [], []]
    assert len(turn.desk.store.groups) == 0
    turn.ends()
    assert [results(each[0]) for each in answers] == [[("queued", None)]] * 3
    assert turn.desk.sent() == [ID, OTHER, THIRD]


def test_an_order_that_is_none_spoils_no_other() -> None:
    turn = Turn()
    first = turn.posts(chat(ID))
    bad = turn.desk.asked("POST", "/push/v1/messages", b"[]")
    last = turn.posts(chat(OTHER))
    turn.ends()
    assert [each[0].status for each in (first, bad, last)] == [202, 400, 202]
    assert turn.desk.bugs == []


def test_a_push_that_comes_twice_in_a_turn_is_taken_once() -> None:
    """Whoever asks again at once, as the connection broke, is told to ask later."""
    turn = Turn()
    first, again = turn.posts(chat(ID)), turn.posts(chat(ID))
    turn.ends()
    assert (first[0].status, again[0].status) == (202, 503)
    assert results(again[0]) == [("rejected", "undecided")]
    assert turn.desk.sent() == [ID]


def test_a_key_that_comes_twice_in_a_turn_is_used_once() -> None:
    """The promise is there before anything else of that turn is looked at."""
    turn = Turn()
    nameless = {name: value for name, value in CHAT.items() if name != "id"}
    first, again = (turn.posts(nameless, idempotency_key="a") for _ in range(2))
    turn.ends()
    (name,) = turn.desk.sent()
    for answer in (first[0], again[0]):
        assert [each["id"] for each in members(answer)["results"]] == [name]


@define
class FaultyStore(MemoryStore):
    """Has a bug that shows once."""

    is_well: bool = False

    def known(self, customer: str, pushes: Sequence[str]) -> dict[str, Ending | None]:
        if not self.is_well:
            self.is_well = True
            raise ZeroDivisionError
        return super().known(customer, pushes)


def test_a_mistake_of_ours_costs_one_order() -> None:
    turn = Turn(FaultyStore())
    first, last = turn.posts(chat(ID)), turn.posts(chat(OTHER))
    turn.ends()
    assert [each[0].status for each in (first, last)] == [500, 202]
    assert members(first[0])["error"] == "internal"
    assert [type(each) for each in turn.desk.bugs] == [ZeroDivisionError]


def test_a_mistake_of_ours_in_reading_costs_one_order_too() -> None:
    turn = Turn()
    first, last = turn.posts(chat(ID)), turn.posts(chat(OTHER))
    orders, right = turn.desk.desk.orders, turn.desk.desk.orders.wall_clock

    def wrong_once() -> float:
        orders.wall_clock = right
        raise ZeroDivisionError

    orders.wall_clock = wrong_once
    turn.ends()
    assert [each[0].status for each in (first, last)] == [500, 202]
    assert [type(each) for each in turn.desk.bugs] == [ZeroDivisionError]


def test_a_store_that_cannot_be_read_is_no_mistake_of_ours() -> None:
    turn = Turn()
    turn.desk.store.unreadable = True
    first = turn.posts(chat(ID))
    turn.ends()
    assert first[0].status == 503
    assert turn.desk.bugs == []
