"""The rounds of the bench of isolation begin alike, so that what differs is the trouble alone."""

from attrs import define, field

from bench.push_isolation import WARM_UP, measured


@define
class World:
    """A gateway whose calls take a millisecond; longer in trouble, and until all is over."""

    slower: float = 2.0
    """Milliseconds in trouble."""
    is_on: bool = False
    has_backlog: bool = False
    is_cold: bool = True
    said: list[str] = field(factory=list)

    def play(self, seconds: float) -> list[float]:
        is_warm_up = seconds == WARM_UP
        self.said.append("warm up" if is_warm_up else f"{'trouble' if self.is_on else 'well'}")
        took = self.slower if self.is_on else 1.0
        if self.has_backlog or self.is_cold:
            took = 100.0
        self.has_backlog = self.is_on
        self.is_cold = False
        return [took] * 100

    def trouble(self, is_on: bool) -> None:
        self.is_on = is_on

    def settle(self) -> None:
        assert not self.is_on, "nobody would wait for ever"
        self.said.append("settle")
        self.has_backlog = False


def test_what_is_left_of_a_trouble_is_in_no_round_without_one() -> None:
    """Nor is a cold start: both sides are measured warm."""
    world = World()
    middle, high = measured(
        play=world.play, trouble=world.trouble, settle=world.settle, rounds=4, seconds=10.0
    )
    assert middle.ours == high.ours == [2.0] * 4
    assert middle.theirs == high.theirs == [1.0] * 4
    assert not world.is_on


def test_both_kinds_of_rounds_go_first_by_turns() -> None:
    world = World()
    measured(play=world.play, trouble=world.trouble, settle=world.settle, rounds=3, seconds=10.0)
    rounds = [each for each in world.said if each in ("trouble", "well")]
    assert rounds == ["well", "trouble", "trouble", "well", "well", "trouble"]
    assert world.said.count("settle") == world.said.count("warm up") == 6
