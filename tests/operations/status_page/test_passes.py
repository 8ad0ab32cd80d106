"""Passes: who gets one, how long it is good, and how many there are."""

from pathlib import Path

import pytest

from procall_mobility.operations.bearer import Bearer
from procall_mobility.operations.status_page.passes import LASTS, MOST, SIZE, UNUSED, Passes

TOKEN = "a-token-of-our-own-0815"


class House:
    """Passes, a clock, and dice that never fall the same way twice."""

    def __init__(self, file: Path) -> None:
        file.write_text(TOKEN)
        self.now = 1000.0
        self.thrown = 0
        bearer = Bearer(file, makes=False)
        self.passes = Passes(bearer=bearer, dice=self.dice, now=lambda: self.now)

    def dice(self, size: int) -> bytes:
        self.thrown += 1
        return self.thrown.to_bytes(size, "big")

    def makes(self, shown: str = TOKEN) -> str | None:
        return self.passes.make(f"Bearer {shown}".encode())

    def admits(self, shown: str | None) -> bool:
        return self.passes.admits(f"Bearer {shown}".encode())


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "token")


def test_the_token_opens_by_itself_and_makes_passes(house: House) -> None:
    assert house.admits(TOKEN)
    made = house.makes()
    assert made is not None and len(made) == 2 * SIZE
    assert house.admits(made)


@pytest.mark.parametrize("shown", ["", "wrong-wrong-wrong-0", TOKEN[:-1], "00" * SIZE])
def test_nothing_else_does(house: House, shown: str) -> None:
    house.makes()
    assert house.makes(shown) is None
    assert not house.admits(shown)
    assert not house.passes.admits(None)


def test_a_pass_makes_no_other_pass(house: House) -> None:
    """Else whoever had one once would have one for ever."""
    assert house.makes(house.makes()) is None


def test_a_pass_that_is_shown_lasts_a_day_of_work(house: House) -> None:
    made = house.makes()
    while house.now < 1000.0 + LASTS - UNUSED / 2:
        house.now += UNUSED / 2
        assert house.admits(made)
    house.now = 1000.0 + LASTS
    assert not house.admits(made)


def test_a_pass_nobody_shows_ends_sooner(house: House) -> None:
    made = house.makes()
    house.now += UNUSED - 1
    assert house.admits(made)
    house.now += UNUSED
    assert not house.admits(made)


def test_there_is_a_bounded_number_and_the_idlest_goes(house: House) -> None:
    made = [house.makes() for _ in range(MOST)]
    house.now += 1
    for each in (*made[:3], *made[4:]):
        assert house.admits(each)
    house.makes()
    assert [each for each in made if not house.admits(each)] == [made[3]]


def test_whoever_signs_out_is_out_and_nobody_else(house: House) -> None:
    mine, yours = house.makes(), house.makes()
    house.passes.end(f"Bearer {mine}".encode())
    house.passes.end(None)
    assert not house.admits(mine)
    assert house.admits(yours)


def test_another_token_ends_all_passes(house: House) -> None:
    made = house.makes()
    house.passes.end_all()
    assert not house.admits(made)


def test_no_pass_is_in_what_might_be_logged(house: House) -> None:
    made = house.makes()
    assert made is not None and made not in repr(house.passes)
