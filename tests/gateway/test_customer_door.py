"""Programs of a customer show its UCSID and password over HTTP (RFC 7617)."""

import base64
import json
from typing import Any

import pytest
from attrs import define, field

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import MOST_READ, CustomerDoor
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT, PASSWORD
from tests.gateway.relays import Site

RIGHT = ("acme", PASSWORD)


@define
class Scene:
    site: Site = field(factory=Site)
    door: CustomerDoor = field(init=False)
    compared: int = 0
    password: str = field(default=PASSWORD, repr=False)
    """What is right now."""
    changes_meanwhile: bool = False
    """Whether a customer changes while passwords are being compared."""

    def __attrs_post_init__(self) -> None:
        self.door = CustomerDoor(
            customers=self,
            book=self.site.access,
            back_off=BackOff(BackOffRules(free=2, base=10.0)),
            key=b"key of this process",
            clock=lambda: self.site.play.now,
        )

    def find(self, key: str) -> Customer | None:
        return self.site.customers.find(key)

    def check_password(self, ucsid: str, password: str, answer: Any) -> None:
        self.compared += 1
        if self.changes_meanwhile:
            self.door.forget("acme")
        shown = PASSWORD if password == self.password else "wrong"
        self.site.customers.check_password(ucsid, shown, answer)

    def shows(self, authorization: str | None) -> Customer | HttpAnswer:
        headers = () if authorization is None else (("authorization", authorization),)
        request = HttpRequest(
            method="GET", path="/", query=(), headers=headers, body=b"",
            client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        heard: list[Customer | HttpAnswer] = []
        self.door.open(request, heard.append, heard.append)
        (answer,) = heard
        return answer

    def lets_in(self, user: str, password: str) -> bool:
        return isinstance(self.shows(basic(user, password)), Customer)

    def refuses(self, authorization: str | None) -> HttpAnswer:
        answer = self.shows(authorization)
        assert isinstance(answer, HttpAnswer)
        return answer


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


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


def test_guessing_slows_down_also_where_the_password_is_known() -> None:
    """Else what is remembered could be guessed at as fast as we answer."""
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    for _ in range(3):
        assert scene.refuses(basic("acme", "guessed")).status == 401
    answer = scene.refuses(basic(*RIGHT))
    assert (answer.status, answer.header("retry-after")) == (429, "11")
    scene.site.later(10)
    assert scene.lets_in(*RIGHT)


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
