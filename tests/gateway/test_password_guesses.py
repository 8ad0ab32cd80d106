"""Guessing is slowed down, and nobody is kept out by what others try from the same address."""

import pytest

from procall_mobility.gateway import password_guesses
from procall_mobility.gateway.customers import Customer
from procall_mobility.gateway.password_guesses import GUESSES, TRUSTED_FOR
from tests.gateway.door_scene import RIGHT, Scene, basic
from tests.gateway.fakes import CLIENT, PASSWORD

ELSEWHERE = "198.51.100.77"


def guess(scene: Scene, count: int, user: str = "acme", client: str = CLIENT) -> list[int]:
    """Try so many passwords that were not tried before; return what is answered."""
    statuses = []
    for _ in range(count):
        scene.number += 1
        answer = scene.shows(basic(user, f"guess {scene.number}"), client)
        assert not isinstance(answer, Customer)
        statuses.append(answer.status)
    return statuses


def test_whoever_guesses_from_anywhere_has_to_wait_ever_longer() -> None:
    scene = Scene()
    assert guess(scene, 5) == [401, 401, 401, 429, 429]
    answer = scene.refuses(basic(*RIGHT))
    assert (answer.status, answer.header("retry-after")) == (429, "11")
    scene.site.later(10)
    assert guess(scene, 2) == [401, 429]
    scene.site.later(10)
    assert not scene.lets_in(*RIGHT), "twenty seconds now"
    scene.site.later(10)
    assert scene.lets_in(*RIGHT)


def test_a_script_with_an_old_password_keeps_no_right_one_out() -> None:
    """It shows the same one again and again: only itself has to wait."""
    scene = Scene()
    statuses = [scene.refuses(basic("acme", "last year's")).status for _ in range(10)]
    assert statuses == [401] * 3 + [429] * 7
    assert scene.lets_in(*RIGHT), "although nobody was let in from there before"
    assert scene.refuses(basic("acme", "last year's")).status == 429


def test_what_was_right_lately_is_not_held_up_by_what_others_try() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    assert guess(scene, 5, user="other")[-1] == 429
    assert guess(scene, 5)[-1] == 429
    for _ in range(100):
        assert scene.lets_in(*RIGHT)
        guess(scene, 10, user="other")
    assert scene.compared == 4


def test_nor_is_it_when_it_is_said_in_another_way() -> None:
    """A program beside the server, with the same password and its own library."""
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    guess(scene, 5, user="other")
    assert isinstance(scene.shows(basic(*RIGHT).replace(" ", "   ")), Customer)


def test_from_an_address_where_it_was_never_right_it_has_to_wait() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    guess(scene, 5, client=ELSEWHERE)
    assert not scene.lets_in(*RIGHT, client=ELSEWHERE)
    assert scene.lets_in(*RIGHT)


def test_a_day_later_an_address_is_like_any_other() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    scene.elapsed += TRUSTED_FOR
    guess(scene, 5)
    assert not scene.lets_in(*RIGHT)


def test_whoever_is_let_in_again_and_again_is_known_for_longer() -> None:
    scene = Scene()
    for _ in range(3):
        assert scene.lets_in(*RIGHT)
        scene.elapsed += TRUSTED_FOR - 1
    guess(scene, 5)
    assert scene.lets_in(*RIGHT)


def test_being_let_in_is_no_way_to_guess_quickly() -> None:
    """What is remembered of the right password must not be guessed at as fast as we answer."""
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    statuses = guess(scene, 3 + int(GUESSES) + 1)
    assert statuses == [401] * 3 + [429] * (int(GUESSES) + 1)
    assert not scene.lets_in(*RIGHT), "a guesser at this very customer, from its own address"
    scene.site.later(60)
    assert scene.lets_in(*RIGHT)


@pytest.mark.parametrize("minutes", [60])
def test_a_guesser_beside_the_customer_has_one_guess_a_minute(minutes: int) -> None:
    """Whatever is tried while nothing is looked at is answered alike, be it right or wrong."""
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    guess(scene, 100)
    looked_at = 0
    for _ in range(minutes):
        scene.elapsed += 1
        if not scene.lets_in(*RIGHT):
            scene.elapsed += 59
        looked_at += scene.lets_in(*RIGHT)
        guess(scene, 10)
    assert looked_at <= minutes


def test_another_customer_at_the_same_address_is_not_kept_out_by_a_guesser() -> None:
    scene = Scene()
    scene.site.customers.customers["other"] = Customer(ucsid="other")
    assert scene.lets_in(*RIGHT)
    assert scene.lets_in("other", PASSWORD)
    guess(scene, 100)
    assert scene.lets_in("other", PASSWORD)


def test_a_password_that_was_changed_is_shown_without_waiting_as_well() -> None:
    """Nor is the old one right any more, wherever it was."""
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    guess(scene, 5, user="other")
    scene.password = "another"
    scene.door.forget("acme")
    assert scene.refuses(basic(*RIGHT)).status == 401
    assert scene.refuses(basic(*RIGHT)).status == 429
    assert scene.lets_in("acme", "another")


def test_a_change_is_no_way_to_guess_quickly() -> None:
    scene = Scene()
    assert scene.lets_in(*RIGHT)
    guess(scene, 5)
    before = scene.compared
    scene.door.forget("acme")
    guess(scene, 100)
    assert scene.compared - before <= GUESSES
    assert not scene.lets_in(*RIGHT)


def test_only_so_many_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guesses, "MOST_TRUSTED", 2)
    scene = Scene()
    for number in range(3):
        assert scene.lets_in(*RIGHT, client=f"198.51.100.{number}")
    for number in range(3):
        guess(scene, 5, user="other", client=f"198.51.100.{number}")
    let_in = [scene.lets_in(*RIGHT, client=f"198.51.100.{number}") for number in range(3)]
    assert let_in == [False, True, True]
