"""push.md 3.1: more than 1 % of a lane is rather our configuration than the devices."""

from procall_mobility.gateway.push.lane.suspicion import FEWEST, MEMORY, Suspicion


def test_a_few_among_many_raise_nothing_however_long_it_goes_on() -> None:
    suspicion = Suspicion()
    for number in range(10 * MEMORY):
        assert not suspicion.note(suspicious=number % 200 == 199)
    assert not suspicion.is_raised


def test_many_do_even_after_years_of_peace() -> None:
    suspicion = Suspicion()
    for _ in range(10 * MEMORY):
        suspicion.note(suspicious=False)
    changes = [suspicion.note(suspicious=True) for _ in range(MEMORY // 50)]
    assert changes.count(True) == 1
    assert suspicion.is_raised


def test_very_few_say_nothing() -> None:
    suspicion = Suspicion()
    assert not any(suspicion.note(suspicious=True) for _ in range(FEWEST - 1))
    assert suspicion.note(suspicious=True)


def test_it_does_not_flicker() -> None:
    suspicion = Suspicion()
    changes = [suspicion.note(suspicious=number % 100 == 0) for number in range(MEMORY)]
    assert changes.count(True) == 1
