"""Passwords of users are guessed from many places; offices have many users and old phones."""

from collections.abc import Callable

import pytest

from procall_mobility.gateway import guesses
from procall_mobility.gateway.back_off import BackOffRules
from procall_mobility.gateway.guesses import KNOWN_FOR, Guesser, Guesses, is_guess
from procall_mobility.gateway.rules import GatewayRules
from procall_mobility.protocols.ucclient.outcomes import Refused

OFFICE, HOME = "203.0.113.57", "198.51.100.1"


def strangers() -> Callable[[], str]:
    """Ever new addresses."""
    number = iter(range(1, 65_000))

    def another() -> str:
        high, low = divmod(next(number), 250)
        return f"192.0.{high}.{low + 1}"

    return another


def guesser(address: str, user: str = "alice") -> Guesser:
    return Guesser(address, "acme", user)


def test_a_subscriber_of_ipv6_is_not_a_new_guesser_with_every_address() -> None:
    book = Guesses(GatewayRules())
    for number in range(6):
        book.failed(guesser(f"2001:db8:1:2::{number}", f"user{number}"), 0.0)
    assert book.wait(guesser("2001:db8:1:2::ffff", "carol"), 0.0) == 1.0
    assert book.wait(guesser("2001:db8:1:3::1", "carol"), 0.0) == 0.0


def test_one_password_on_all_users_from_ever_new_addresses_is_slowed_down() -> None:
    """Neither a user nor an address has failed more than once."""
    book, another = Guesses(GatewayRules()), strangers()
    for number in range(51):
        assert book.wait(guesser(another(), f"user{number}"), 0.0) == 0.0
        book.failed(guesser(another(), f"user{number}"), 0.0)
    assert book.wait(guesser(another(), "carol"), 0.0) == 1.0
    for number in range(100):
        book.failed(guesser(another(), f"other{number}"), 0.0)
    assert book.wait(guesser(another(), "carol"), 0.0) == 10.0
    assert book.wait(Guesser(another(), "umbrella", "carol"), 0.0) == 0.0


def test_an_attack_costs_the_users_of_the_company_nothing() -> None:
    book, another = Guesses(GatewayRules()), strangers()
    book.succeeded(guesser(OFFICE), 0.0)
    for number in range(500):
        book.failed(guesser(another(), f"user{number}"), 1.0)
    assert book.wait(guesser(OFFICE, "bob"), 1.0) == 0.0
    assert book.wait(guesser(another(), "bob"), 1.0) > 0.0


def test_an_old_phone_does_not_keep_its_office_out() -> None:
    """It shows the old password every five seconds, all night long."""
    book = Guesses(GatewayRules())
    book.succeeded(guesser(OFFICE, "bob"), 0.0)
    for now in range(0, 3600, 5):
        if not book.wait(guesser(OFFICE, "alice"), float(now)):
            book.failed(guesser(OFFICE, "alice"), float(now))
    assert book.wait(guesser(OFFICE, "alice"), 3600.0) > 0.0
    assert book.wait(guesser(OFFICE, "bob"), 3600.0) <= 10.0


def test_an_office_is_no_place_for_guessing_either() -> None:
    book = Guesses(GatewayRules())
    book.succeeded(guesser(OFFICE, "mallory"), 0.0)
    for number in range(51):
        book.failed(guesser(OFFICE, f"user{number}"), 1.0)
    assert book.wait(guesser(OFFICE, "carol"), 1.0) == 1.0


def test_somebody_who_knows_a_password_is_known_for_a_day_and_at_that_customer() -> None:
    rules = GatewayRules(client_back_off=BackOffRules(free=0))
    book = Guesses(rules)
    book.succeeded(guesser(HOME), 0.0)
    book.failed(guesser(HOME, "bob"), 1.0)
    assert book.wait(guesser(HOME, "carol"), 1.0) == 0.0
    book.failed(Guesser(HOME, "umbrella", "bob"), 1.0)
    assert book.wait(Guesser(HOME, "umbrella", "carol"), 1.0) == 1.0
    book.failed(guesser(HOME, "bob"), KNOWN_FOR + 1.0)
    assert book.wait(guesser(HOME, "carol"), KNOWN_FOR + 1.0) > 0.0


def test_only_so_many_addresses_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "MOST_KNOWN", 1)
    book = Guesses(GatewayRules(client_back_off=BackOffRules(free=0)))
    for address in (OFFICE, HOME):
        book.succeeded(guesser(address), 0.0)
        book.failed(guesser(address, "bob"), 0.0)
    book.failed(guesser(OFFICE, "bob"), 0.0)
    assert book.wait(guesser(OFFICE, "carol"), 0.0) > 0.0
    assert book.wait(guesser(HOME, "carol"), 0.0) == 0.0


@pytest.mark.parametrize(
    ("reason", "detail", "guess"),
    [
        ("logon-refused", 101, True),
        ("logon-refused", "101", True),
        ("logon-refused", None, True),
        ("logon-refused", 103, False),
        ("logon-refused", 110, False),
        ("server-misbehaved", 101, False),
    ],
)
def test_what_has_nothing_to_do_with_the_password_is_no_guess(
    reason: str, detail: object, guess: bool
) -> None:
    """Wire 2.7: a phone without the right to log in asks again and again."""
    error = {} if detail is None else {"iErrorDetail": detail}
    assert is_guess(Refused(401, error, (), reason)) is guess
