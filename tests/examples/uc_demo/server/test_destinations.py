"""Where the demo server dials."""

import pytest

from examples.uc_demo.server.destinations import (
    MOST_ADDRESSES,
    Destination,
    Route,
    Security,
    destination_of,
)

HOME = Destination("127.0.0.1", 7322, Security.PLAIN)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("enetctis://a.example:443", Destination("a.example", 443, Security.TLS)),
        ("enetcti://127.0.0.1:7322", Destination("127.0.0.1", 7322, Security.STARTTLS)),
        ("enetcti://[::1]:7322/", Destination("::1", 7322, Security.STARTTLS)),
    ],
)
def test_an_address_names_host_port_and_security(address: str, expected: Destination) -> None:
    """Wire 5.1."""
    assert destination_of(address, clear=Security.STARTTLS) == expected


@pytest.mark.parametrize(
    "address",
    ["", "https://a.example:443", "enetctis://a.example", "enetctis://a.example:0",
     "enetctis://a.example:65536", "enetctis://user@a.example:1", "enetctis://a b:1"],
)  # fmt: skip
def test_what_is_no_address_leads_nowhere(address: str) -> None:
    assert destination_of(address, clear=Security.PLAIN) is None


def test_without_a_redirect_it_always_goes_home() -> None:
    route = Route(HOME)
    assert [route.next(), route.next()] == [HOME, HOME]


def test_redirected_addresses_are_tried_in_turn_and_then_home_again() -> None:
    """A redirect to a node that is gone must not strand the server."""
    route = Route(HOME)
    route.redirected(["enetctis://one.example:443", "nonsense", "enetcti://two.example:7322"])
    assert [route.next(), route.next(), route.next()] == [
        Destination("one.example", 443, Security.TLS),
        Destination("two.example", 7322, Security.PLAIN),
        HOME,
    ]


def test_a_redirect_leads_on_a_short_walk_only() -> None:
    route = Route(HOME)
    route.redirected(["enetctis://a.example:443"] * 1000)
    steps = [route.next() for _ in range(MOST_ADDRESSES + 1)]
    assert steps[-1] == HOME
