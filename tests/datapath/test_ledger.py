"""Slots of the ledger are handed out once at a time, and rest in between."""

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.datapath.layout import ACCOUNT_WORDS
from procall_mobility.datapath.ledger import RESTS_FOR, Ledger
from tests.datapath.maps import words

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.floats(0, 0.7)),
        st.tuples(st.just("give back"), st.integers(0, 5)),
    ),
    max_size=60,
)


@given(STEPS)
def test_a_slot_has_one_owner_and_rests_before_the_next(steps: list[tuple[str, float]]) -> None:
    """Nobody waits longer than needed, either: with time enough a slot is always to be had."""
    ledger, now = Ledger(words(4 * ACCOUNT_WORDS)), 100.0
    held: list[int] = []
    given_back: dict[int, float] = {}
    for step, value in steps:
        if step == "take":
            now += value
            slot = ledger.take(now)
            if slot is None:
                resting = [each for each in given_back.values() if now - each < 2 * RESTS_FOR]
                assert len(held) + len(resting) == 4
                continue
            assert slot not in held and 0 <= slot < 4
            assert now - given_back.pop(slot, -1.0) >= RESTS_FOR
            held.append(slot)
        elif held:
            slot = held.pop(int(value) % len(held))
            ledger.give_back(slot)
            given_back[slot] = now
        assert len(ledger) == len(held)
