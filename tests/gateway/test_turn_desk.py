"""`POST /turn/v1/credentials`: what a customer has to show, and what it gets."""

import base64
import json
from typing import Any

import pytest

from procall_mobility.gateway.back_off import BackOff, BackOffRules
from procall_mobility.gateway.customer_door import CustomerDoor
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_desk import PATH, TurnDesk
from procall_mobility.gateway.turn_issuing import TurnIssuing
from procall_mobility.protocols.ucclient.http_answer import HttpAnswer
from procall_mobility.protocols.ucclient.intentions import HttpRequest
from tests.gateway.fakes import CLIENT, PASSWORD
from tests.gateway.relays import TTL, UNIX, Site

URLS = ("turn:mobility.example.net:3478?transport=udp",)


class Desk:
    def __init__(self) -> None:
        self.site = Site()
        door = CustomerDoor(
            customers=self.site.customers,
            book=self.site.access,
            back_off=BackOff(BackOffRules(free=2, base=10.0)),
            key=b"key of this process",
            clock=lambda: self.site.play.now,
        )
        issuing = TurnIssuing(users=self.site.users, urls=URLS, ttl=600)
        self.desk = TurnDesk(door=door, issuing=issuing)

    def answers(
        self,
        body: object = None,
        *,
        method: str = "POST",
        authorization: str | None = None,
        query: tuple[tuple[str, str], ...] = (),
    ) -> HttpAnswer:
        shown = basic("acme", PASSWORD) if authorization is None else authorization
        octets = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        request = HttpRequest(
            method=method, path=PATH, query=query, headers=(("authorization", shown),),
            body=octets, client_address=CLIENT, secure=True, host="mobility.example.net",
        )  # fmt: skip
        assert self.desk.wants(PATH)
        assert not self.desk.wants(PATH + "/other")
        heard: list[HttpAnswer] = []
        self.desk.serve(request, heard.append)
        (answer,) = heard
        assert answer.header("content-length") == str(len(answer.body))
        assert answer.header("cache-control") == "no-store"
        return answer


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def members(answer: HttpAnswer) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(answer.body)
    return read


def test_a_customer_gets_credentials_that_open_a_relay() -> None:
    """draft-uberti-behave-turn-rest-00, section 2.2."""
    desk = Desk()
    answer = desk.answers()
    assert answer.status == 200
    told = members(answer)
    assert (told["ttl"], told["uris"]) == (600, list(URLS))
    assert told["username"] == f"{UNIX + 600}:acme:link"
    client = desk.site.client(told["username"], told["password"])
    client.allocates()


@pytest.mark.parametrize(
    "asked",
    [
        {"body": {"username": "carol", "ttl": 120}},
        {"query": (("username", "carol"), ("ttl", "120"))},
    ],
    ids=["body", "query"],
)
def test_user_and_lifetime_may_be_named(asked: dict[str, Any]) -> None:
    told = members(Desk().answers(**asked))
    assert told["username"] == f"{UNIX + 120}:acme:carol"


def test_a_lifetime_is_cut_to_what_there_may_be() -> None:
    assert members(Desk().answers({"ttl": 10 * TTL}))["ttl"] == TTL


@pytest.mark.parametrize(
    "shown",
    [basic("acme", "guessed"), basic("nobody", PASSWORD), "", "Bearer abc"],
    ids=["password", "customer", "nothing", "scheme"],
)
def test_whoever_does_not_know_the_password_is_refused_in_one_way(shown: str) -> None:
    desk = Desk()
    answer = desk.answers(authorization=shown)
    assert answer.status == 401
    assert members(answer)["error"] == Reason.WRONG_PASSWORD
    assert answer.header("www-authenticate") == 'Basic realm="customer", charset="UTF-8"'
    assert desk.site.access.said() == [f"request refused: {Reason.WRONG_PASSWORD}"]


def test_guessing_slows_down() -> None:
    desk = Desk()
    for guess in ("guessed", "guessed again", "and again"):
        assert desk.answers(authorization=basic("acme", guess)).status == 401
    answer = desk.answers()
    assert (answer.status, answer.header("retry-after")) == (429, "11")
    desk.site.later(10)
    assert desk.answers().status == 200


def test_the_right_password_is_forgiven_the_wrong_ones_before_it() -> None:
    desk = Desk()
    for _ in range(3):
        desk.answers(authorization=basic("acme", "guessed"))
        desk.answers()
    assert desk.answers().status == 200


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        ({"method": "GET"}, 405, "method"),
        ({"body": b"no JSON"}, 400, "bad-body"),
        ({"body": b"[" * 100_000}, 400, "bad-body"),
        ({"body": [1]}, 400, "bad-body"),
        ({"body": {"ttl": "soon"}}, 400, "bad-request"),
        ({"body": {"username": "a:b"}}, 400, "bad-request"),
        ({"authorization": "Basic %%%"}, 400, "bad-credentials"),
    ],
)
def test_what_is_wrong_with_a_request_is_told(
    asked: dict[str, Any], status: int, reason: str
) -> None:
    answer = Desk().answers(**asked)
    assert (answer.status, members(answer)["error"]) == (status, reason)
    assert answer.header("allow") == ("POST" if status == 405 else None)


def test_a_customer_without_relay_is_told_so() -> None:
    desk = Desk()
    desk.site.switch(turn=False)
    answer = desk.answers()
    assert (answer.status, members(answer)["error"]) == (403, Reason.NO_RELAY)
    assert desk.site.access.entries[-1].customer == "acme"
