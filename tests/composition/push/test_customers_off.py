"""The running gateway follows what the operator does with customers: off, on, and gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from procall_mobility.gateway.push.ports import State
from procall_mobility.storage.customers import CustomerStore
from tests.composition.push.house import IOS, TOKEN, House
from tests.gateway.push.credentials import P8
from tests.gateway.push.fakes import UNIX, push

OFF = "switched-off:acme"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A gateway with one customer and one application."""
    customers = CustomerStore(tmp_path / "customers.sqlite", bytes, lambda: UNIX)
    customers.add("acme", password="a password of theirs")
    made = House(tmp_path, customers)
    made.registered.add(evolve(IOS, credential=made.file("key.p8", P8)))
    yield made
    customers.close()


def follow(house: House) -> None:
    """Take over what the store says has changed, as the daemon does every two seconds."""
    for change in house.customers.changes():
        house.gateway.customer_changed(change.ucsid)


def switch(house: House, *, enabled: bool) -> None:
    house.customers.enable("acme", enabled=enabled)
    follow(house)


def test_what_waits_of_a_customer_goes_out_only_while_it_is_switched_on(house: House) -> None:
    house.gateway.start()
    house.takes(1, "phone")
    switch(house, enabled=False)
    house.lines[0].opens()
    assert house.became(1) is State.QUEUED
    assert not house.lines[0].asked
    assert house.gateway.runner.pipeline.lanes[OFF].waiting == 1
    switch(house, enabled=True)
    house.lines[0].answers(200)
    assert house.became(1) is State.SENT
    assert OFF not in house.gateway.runner.pipeline.lanes


def test_a_start_finds_the_customer_switched_off(house: House) -> None:
    house.store.add([evolve(push(1, token=TOKEN), app="phone")], lambda _: None)
    house.store.commit()
    house.customers.enable("acme", enabled=False)
    house.gateway.start()
    house.lines[0].opens()
    assert not house.lines[0].asked
    assert house.became(1) is State.QUEUED
    switch(house, enabled=True)
    house.lines[0].answers(200)
    assert house.became(1) is State.SENT


def test_what_waits_of_a_customer_that_was_removed_is_given_up(house: House) -> None:
    """Were it kept, it might go out in the name of another one that gets the same UCSID."""
    house.gateway.start()
    house.takes(1, "phone")
    switch(house, enabled=False)
    house.customers.remove("acme")
    follow(house)
    house.lines[0].opens()
    assert not house.lines[0].asked
    assert house.became(1) is State.REJECTED
    house.customers.add("acme", password="another one's")
    follow(house)
    house.takes(2, "phone")
    house.lines[0].answers(200)
    assert house.became(2) is State.SENT


def test_nor_does_it_go_out_when_the_customer_was_removed_before_the_start(house: House) -> None:
    """Nor in the name of another one whose alias it has become."""
    for number, customer in ((1, "gone"), (2, "taken"), (3, "acme")):
        queued = evolve(push(number, token=TOKEN, customer=customer), app="phone")
        house.store.add([queued], lambda _: None)
    house.store.commit()
    house.customers.change_aliases("acme", add=("taken",))
    house.gateway.start()
    house.lines[0].opens()
    sent = [dict(request.headers)["apns-id"] for request, _ in house.lines[0].asked]
    assert sent == [push(3).id]
    assert {each.id: each.state for each in house.store.ended} == {
        push(1).id: State.REJECTED,
        push(2).id: State.REJECTED,
    }


def test_other_changes_of_a_customer_do_nothing_to_its_pushes(house: House) -> None:
    house.gateway.start()
    house.takes(1, "phone")
    house.customers.change_aliases("acme", add=("acme.example",))
    follow(house)
    house.lines[0].opens()
    house.lines[0].answers(200)
    assert house.became(1) is State.SENT
