"""What is answered to `POST /turn/v1/credentials` (draft-uberti-behave-turn-rest section 2)."""

from typing import Any

import pytest

from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.reasons import Reason
from procall_mobility.gateway.turn_issuing import SHORTEST_TTL, IssuingRefused, TurnIssuing
from tests.gateway.relays import TTL, UNIX, Site

URLS = ("turn:turn.example.net:3478?transport=udp",)


def issuing(site: Site, ttl: int = 3600) -> TurnIssuing:
    return TurnIssuing(users=site.users, urls=URLS, ttl=ttl)


def acme(site: Site) -> Customer:
    customer = site.customers.find("acme")
    assert customer is not None
    return customer


def answered(site: Site | None = None, **asked: Any) -> dict[str, Any]:
    site = site or Site()
    return issuing(site).answer(acme(site), **asked)


def refused(site: Site, **asked: Any) -> Any:
    with pytest.raises(IssuingRefused) as caught:
        issuing(site).answer(acme(site), **asked)
    return caught.value


def test_the_answer_has_the_drafts_shape_and_lets_its_user_in() -> None:
    site = Site()
    answer = answered(site)
    assert list(answer) == ["username", "password", "ttl", "uris"]
    assert answer["username"] == f"{UNIX + 3600}:acme:link", "for whomever it is handed to"
    assert (answer["ttl"], answer["uris"]) == (3600, list(URLS))
    site.client(answer["username"], answer["password"]).allocates()


def test_a_user_can_be_named() -> None:
    site = Site()
    answer = answered(site, user="Jörg")
    assert answer["username"] == f"{UNIX + 3600}:acme:Jörg"
    site.client(answer["username"], answer["password"]).allocates()


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, 3600), (60, 60), ("61", 61), (TTL, TTL), (TTL + 1, TTL), ("999999999", TTL),
        (10**30, TTL),
    ],
)  # fmt: skip
def test_a_lifetime_is_granted_up_to_the_longest(asked: object, granted: int) -> None:
    answer = answered(ttl=asked)
    assert answer["ttl"] == granted
    assert answer["username"].startswith(f"{UNIX + granted}:")


@pytest.mark.parametrize(
    "ttl", [0, -5, SHORTEST_TTL - 1, 1.5, True, "", "1e3", "-60", "٦٠٠", "1" * 10, [600], {}]
)
def test_a_lifetime_that_is_none_is_a_bad_request(ttl: object) -> None:
    error = refused(Site(), ttl=ttl)
    assert (error.reason, error.status) == (Reason.BAD_REQUEST, 400)
    assert error.text == str(error) == "ttl: expected seconds, 60 or more"


@pytest.mark.parametrize("user", ["", "a:b", "a\nb", "x" * 129, 5, ["a"], "\ud800"])
def test_a_user_nobody_can_be_is_a_bad_request(user: object) -> None:
    error = refused(Site(), user=user)
    assert (error.reason, error.status) == (Reason.BAD_REQUEST, 400)
    assert error.text.startswith("username: ")


def test_a_customer_without_relay_gets_none() -> None:
    site = Site()
    site.switch(turn=False)
    error = refused(site)
    assert (error.reason, error.status) == (Reason.NO_RELAY, 403)


def test_without_a_secret_there_are_none() -> None:
    """The store could not make one."""
    site = Site()
    site.secrets.change("acme", secrets=())
    error = refused(site)
    assert (error.reason, error.status, error.text) == (
        Reason.NO_RELAY,
        403,
        "the customer has no secret",
    )
