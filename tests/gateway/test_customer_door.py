"""Programs of a customer show its UCSID and password over HTTP (RFC 7617)."""

import json

import pytest

from procall_mobility.gateway.customer_door import MOST_READ
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from tests.gateway.door_scene import RIGHT, Scene, basic
from tests.gateway.fakes import PASSWORD


def test_whoever_knows_the_password_is_let_in_as_the_customer() -> None:
    customer = Scene().shows(basic(*RIGHT))
    assert isinstance(customer, Customer)
    assert customer.ucsid == "acme"


@pytest.mark.parametrize(
    "shown",
    [basic("acme", "guessed"), basic("nobody", PASSWORD), basic("", ""), None, "", "Bearer abc"],
)
def test_whoever_does_not_is_refused_in_one_way(shown: str | None) -> None:
    """Strangers do not learn who is a customer."""
    scene = Scene()
    answer = scene.refuses(shown)
    assert answer.status == 401
    assert json.loads(answer.body)["error"] == Reason.WRONG_PASSWORD
    assert answer.header("www-authenticate") == 'Basic realm="customer", charset="UTF-8"'
    assert scene.site.access.said() == [f"request refused: {Reason.WRONG_PASSWORD}"]


def test_credentials_that_cannot_be_read_are_a_bad_request() -> None:
    assert Scene().refuses("Basic %%%").status == 400


def test_a_password_that_was_right_is_not_compared_again() -> None:
    """Comparing takes a twentieth of a second, and a server may have a thousand pushes in one."""
    scene = Scene()
    assert all(scene.lets_in(*RIGHT) for _ in range(5))
    assert scene.compared == 1


def test_another_password_is_compared_although_the_right_one_is_known() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    assert not scene.lets_in("acme", "guessed")
    assert not scene.lets_in("acme", "")
    assert scene.compared == 3


def test_what_was_right_before_a_change_is_compared_again() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    scene.door.forget("acme")
    scene.door.forget("nobody")
    assert scene.lets_in(*RIGHT)
    assert scene.compared == 2


def test_a_field_that_was_read_before_is_judged_as_if_it_were_new() -> None:
    """Known by sight is who somebody says he is, not that it is true."""
    scene = Scene()
    assert all(scene.lets_in(*RIGHT) for _ in range(3))
    scene.site.switch(enabled=False)
    assert scene.refuses(basic(*RIGHT)).status == 403
    scene.site.switch(enabled=True)
    assert scene.lets_in(*RIGHT)
    scene.site.customers.customers.clear()
    assert scene.refuses(basic(*RIGHT)).status == 401


def test_another_password_that_is_right_now_is_the_only_one() -> None:
    """A customer has one, whatever was let in with the one before."""
    scene = Scene()
    assert all(scene.lets_in(*RIGHT) for _ in range(3))
    scene.password = "another"
    scene.door.forget("acme")
    assert scene.refuses(basic(*RIGHT)).status == 401
    assert all(scene.lets_in("acme", "another") for _ in range(3))
    assert scene.refuses(basic(*RIGHT)).status == 401


def test_a_name_that_is_somebody_elses_now_lets_nobody_in_unproven() -> None:
    """An alias may go from one customer to another."""
    scene = Scene()
    customers = scene.site.customers.customers
    customers["acme.example"] = Customer(ucsid="acme", aliases=frozenset({"acme.example"}))
    del customers["acme"]
    assert all(scene.lets_in("acme.example", PASSWORD) for _ in range(3))
    assert scene.compared == 1
    customers["acme.example"] = Customer(ucsid="other", aliases=frozenset({"acme.example"}))
    scene.password = "of the other"
    assert not scene.lets_in("acme.example", PASSWORD)
    assert scene.lets_in("acme.example", "of the other")


def test_a_password_that_is_being_compared_while_it_changes_is_not_remembered() -> None:
    """It was right a moment ago; to know it for ever would let the old one in for ever."""
    scene = Scene()
    scene.changes_meanwhile = True
    assert all(scene.lets_in(*RIGHT) for _ in range(3))
    assert scene.compared == 3


def test_only_so_many_ways_to_say_a_password_are_known() -> None:
    """Case, blanks and padding: whoever knows one password can say it in any number of ways."""
    scene = Scene()
    for blanks in range(MOST_READ + 10):
        assert isinstance(scene.shows(basic(*RIGHT).replace(" ", " " * (blanks + 1))), Customer)
    assert len(scene.door._read) == MOST_READ
    assert scene.compared == 1


def test_a_busy_node_says_when_to_come_back_and_counts_no_guess() -> None:
    scene = Scene()
    scene.site.customers.busy = True
    for _ in range(5):
        answer = scene.refuses(basic(*RIGHT))
        assert (answer.status, answer.header("retry-after")) == (503, "5")
    scene.site.customers.busy = False
    assert scene.lets_in(*RIGHT)


def test_a_customer_that_is_off_is_told_so_if_it_knows_the_password() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    scene.site.switch(enabled=False)
    assert scene.refuses(basic(*RIGHT)).status == 403
    assert scene.site.access.entries[-1].customer == "acme"
    assert scene.refuses(basic("acme", "guessed")).status == 401


def test_neither_key_nor_passwords_are_shown() -> None:
    scene = Scene()
    scene.lets_in(*RIGHT)
    assert "key of" not in repr(scene.door)
    assert PASSWORD not in repr(scene.door)
