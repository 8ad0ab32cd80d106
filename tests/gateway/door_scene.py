"""The door of customers' programs, and somebody in front of it."""

import base64
from typing import Any

from attrs import define, field

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.customers import Customer
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
    elapsed: float = 0.0
    """Seconds that have passed beside those of the site."""
    number: int = 0
    """Of guesses made."""
    changes_meanwhile: bool = False
    """Whether a customer changes while passwords are being compared."""

    def __attrs_post_init__(self) -> None:
        self.door = CustomerDoor(
            customers=self,
            book=self.site.access,
            back_off=BackOff(BackOffRules(free=2, base=10.0)),
            key=b"key of this process",
            clock=lambda: self.site.play.now + self.elapsed,
        )

    def find(self, key: str) -> Customer | None:
        return self.site.customers.find(key)

    def check_password(self, ucsid: str, password: str, answer: Any) -> None:
        self.compared += 1
        if self.changes_meanwhile:
            self.door.forget("acme")
        shown = PASSWORD if password == self.password else "wrong"
        self.site.customers.check_password(ucsid, shown, answer)

    def shows(self, authorization: str | None, client: str = CLIENT) -> Customer | HttpAnswer:
        headers = () if authorization is None else (("authorization", authorization),)
        request = HttpRequest(
            method="GET", path="/", query=(), headers=headers, body=b"",
            client_address=client, secure=True, host="mobility.example.net",
        )  # fmt: skip
        heard: list[Customer | HttpAnswer] = []
        self.door.open(request, heard.append, heard.append)
        (answer,) = heard
        return answer

    def lets_in(self, user: str, password: str, client: str = CLIENT) -> bool:
        return isinstance(self.shows(basic(user, password), client), Customer)

    def refuses(self, authorization: str | None) -> HttpAnswer:
        answer = self.shows(authorization)
        assert isinstance(answer, HttpAnswer)
        return answer


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
