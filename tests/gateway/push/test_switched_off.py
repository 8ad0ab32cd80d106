"""A customer that is switched off: nothing of its goes out, and nothing is lost."""

import pytest

from procall_mobility.gateway.push.lane.outputs import CloseLane, OpenLane, TroubleRaised
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.protocols.push.outcomes import WrongEnvironment
from tests.gateway.push.fakes import Apps, call, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.places import Places

LONG = 86_400.0
WRONG = WrongEnvironment(reason="BadDeviceToken")


def switch(home: PushHouse, customer: str, *, is_on: bool) -> None:
    (home.apps.off.discard if is_on else home.apps.off.add)(customer)
    home.pipeline.routes_changed(home.now)
    home.run()


def to(customer: str, number: int, **members: object) -> QueuedPush:
    return push(number, customer=customer, ttl=LONG, **members)  # type: ignore[arg-type]


def test_what_waits_of_a_customer_that_is_switched_off_stays_and_goes_on_when_it_is_on() -> None:
    home = PushHouse()
    home.accepts(*(to("acme", number) for number in range(5)))
    switch(home, "acme", is_on=False)
    home.opens(100)
    assert home.ids() == []
    home.later(3600.0)
    assert home.ids() == []
    assert home.pipeline.open == 5
    switch(home, "acme", is_on=True)
    assert home.ids() == [push(number).id for number in range(5)]


def test_nobody_else_notices() -> None:
    home = PushHouse()
    for number in range(300):
        home.accepts(to("acme", number), to("bell", 1000 + number))
    switch(home, "acme", is_on=False)
    home.opens(50)
    sent = []
    while flying := home.taken():
        sent += [each.push for each in flying]
        home.delivers(*flying)
        home.later(0.01)
    assert len(sent) == 300
    assert {each.customer for each in sent} == {"bell"}


def test_calls_do_not_go_out_either_and_expire_when_they_would_have() -> None:
    home = PushHouse()
    home.accepts(call(1))
    switch(home, "acme", is_on=False)
    home.opens(100)
    home.accepts(to("bell", 2))
    assert home.ids() == [push(2).id]
    home.later(31.0)
    assert home.ended()[push(1).id] is State.EXPIRED


def test_a_push_that_comes_while_its_customer_is_being_switched_off_waits_too() -> None:
    home = PushHouse()
    switch(home, "acme", is_on=False)
    home.opens(100)
    (receipt,) = home.accepts(to("acme", 1))
    assert receipt.is_accepted
    assert home.ids() == []
    switch(home, "acme", is_on=True)
    assert home.ids() == [push(1).id]


def test_what_is_in_flight_ends_and_is_not_tried_again() -> None:
    home = PushHouse()
    home.accepts(to("acme", 1), to("acme", 2))
    first, second = home.opens(100).taken()
    switch(home, "acme", is_on=False)
    home.delivers(first)
    home.says_nothing(second)
    home.later(60.0)
    assert home.ids() == []
    assert home.ended() == {push(1).id: State.SENT}
    switch(home, "acme", is_on=True)
    assert home.ids() == [push(2).id]


def test_the_other_environment_is_not_tried_meanwhile_and_not_thought_to_have_been() -> None:
    """Where it waits is no environment: a good token would be taken for dead."""
    home = PushHouse(apps=Apps(others={"phone": "sandbox"}))
    home.accepts(to("acme", 1))
    home.opens(100, "apns", "sandbox")
    (sent,) = home.taken()
    switch(home, "acme", is_on=False)
    home.says(WRONG, sent)
    home.later(60.0)
    assert (home.ids(), home.ended()) == ([], {})
    switch(home, "acme", is_on=True)
    (again,) = home.taken()
    assert (again.lane, again.push.sandbox) == ("apns", None)
    home.says(WRONG, again)
    (moved,) = home.taken()
    assert (moved.lane, moved.push.sandbox) == ("sandbox", True)


def test_a_restart_changes_nothing() -> None:
    home = PushHouse()
    home.accepts(to("acme", 1), to("bell", 2))
    home.apps.off.add("acme")
    home.restarts()
    home.opens(100)
    assert home.ids() == [push(2).id]
    home.restarts()
    switch(home, "acme", is_on=True)
    home.opens(100)
    assert push(1).id in home.ids()


def test_what_was_left_of_a_customer_that_is_no_more_is_given_up() -> None:
    home = PushHouse()
    home.accepts(to("acme", 1), to("bell", 2))
    home.apps.gone.add("acme")
    home.restarts()
    home.opens(100)
    assert home.ids() == [push(2).id]
    assert home.ended() == {push(1).id: State.REJECTED}


def test_newer_pushes_replace_older_ones_that_wait_so() -> None:
    home = PushHouse()
    home.opens(0)
    home.accepts(to("acme", 1, token="t", collapse="chat"))
    switch(home, "acme", is_on=False)
    home.opens(100)
    home.accepts(to("acme", 2, token="t", collapse="chat"))
    switch(home, "acme", is_on=True)
    assert home.ids() == [push(2).id]
    assert home.ended() == {push(1).id: State.REPLACED}


def test_it_is_no_trouble_and_opens_no_connection() -> None:
    """The operator did it: nobody needs to be told that these pushes do not go out."""
    home = PushHouse(apps=Places())
    home.accepts(to("acme", 1), to("acme", 2, app="web", token="a"))
    switch(home, "acme", is_on=False)
    home.opens(100, "apns", "web@a")
    home.later(3600.0)
    assert home.told(TroubleRaised) == []
    assert {each.lane for each in home.told(OpenLane)} == {"apns", "web@a"}
    switch(home, "acme", is_on=True)
    assert [each.lane for each in home.told(CloseLane)] == ["web@a"], "it had no pushes"
    assert home.lane().waiting == home.lane().in_flight - 1 == 0


def test_a_lane_where_such_pushes_waited_is_forgotten_when_there_are_none() -> None:
    home = PushHouse()
    home.accepts(push(1, ttl=100.0))
    switch(home, "acme", is_on=False)
    home.opens(100)
    assert "off:acme" in home.pipeline.lanes
    home.later(101.0)
    assert list(home.pipeline.lanes) == ["apns"]


@pytest.mark.parametrize("count", [1, 1000])
def test_switching_off_and_on_quickly_loses_and_doubles_nothing(count: int) -> None:
    home = PushHouse()
    home.accepts(*(to("acme", number) for number in range(count)))
    switch(home, "acme", is_on=False)
    home.opens(1000)
    for is_on in (True, False, True, False, True):
        switch(home, "acme", is_on=is_on)
    sent = []
    while flying := home.taken():
        sent += [each.push.id for each in flying]
        home.delivers(*flying)
        home.later(0.01)
    assert sorted(sent) == [push(number).id for number in range(count)]
    assert home.pipeline.open == 0
