"""The end is over when nothing is under way, or when its time is; and the log says what for."""

from attrs import define, field

from procall_mobility.gateway.drain import Drain, DrainRules, Over, Remains, Waits
from procall_mobility.gateway.reasons import Reason

CALL = Remains(relays=1)


@define
class Play:
    remains: Remains
    within: float = 20.0
    now: float = 100.0
    drain: Drain = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.drain = Drain(lambda: self.remains, self.within, self.now)

    def later(self, seconds: float) -> list[Waits | Over]:
        """Let time pass, ring whenever it wants to be woken, and return what it has said."""
        until, said = self.now + seconds, self.drain.take()
        while (at := self.drain.wake_at()) is not None and at <= until:
            assert at > self.now or at == until, "it sleeps between looks"
            self.now = at
            self.drain.wake(at)
            said += self.drain.take()
        self.now = until
        return said


def test_where_nothing_is_under_way_it_is_over_at_once() -> None:
    play = Play(Remains())
    assert play.drain.take() == [Over(remains=Remains(), seconds=0.0)]
    assert play.drain.is_over
    assert play.drain.wake_at() is None


def test_it_is_over_as_soon_as_nothing_is_under_way_any_more() -> None:
    play = Play(CALL)
    assert play.later(3.0) == [Waits(remains=CALL, seconds=20.0)]
    play.remains = Remains()
    (over,) = play.later(0.1)
    assert over == Over(remains=Remains(), seconds=over.seconds)
    assert 3.0 <= over.seconds <= 3.06


def test_when_time_is_up_it_is_over_and_says_what_is_cut() -> None:
    play = Play(CALL, within=5.0)
    play.later(4.9)
    assert not play.drain.is_over
    assert play.later(0.2) == [Over(remains=CALL, seconds=5.0)]


def test_it_says_what_it_waits_for_once_and_then_every_so_often() -> None:
    play = Play(CALL, within=14_400.0)
    said = play.later(200.0)
    assert [round(14_400 - each.seconds) for each in said] == [0, 10, 70, 130, 190]


def test_it_looks_often_at_first_and_seldom_then() -> None:
    """Four hours of a busy loop would be a waste; a second for nothing at every stop as well."""
    play = Play(CALL, within=1000.0)
    play.later(1.0)
    soon = play.drain.wake_at()
    assert soon is not None
    assert soon - play.now <= 0.05
    play.later(20.0)
    later = play.drain.wake_at()
    assert later is not None
    assert 0 < later - play.now <= 0.5


def test_it_can_be_cut_short() -> None:
    """A second SIGTERM."""
    play = Play(CALL)
    play.later(1.0)
    play.drain.cut(play.now)
    play.drain.cut(play.now)
    assert play.drain.take() == [Over(remains=CALL, seconds=1.0)]
    play.drain.wake(play.now + 1)
    assert play.drain.take() == []


def test_it_can_be_hurried() -> None:
    """SIGTERM after a hand-over: what may go on for hours has some seconds now."""
    play = Play(CALL, within=14_400.0)
    play.later(1.0)
    play.drain.hurry(5.0, play.now)
    assert play.drain.until == play.now + 5.0
    assert play.later(6.0)[-1] == Over(remains=CALL, seconds=6.0)
    play.drain.hurry(1.0, play.now)
    assert play.drain.is_over


def test_hurrying_gives_no_more_time() -> None:
    play = Play(CALL, within=3.0)
    play.drain.hurry(20.0, play.now)
    assert play.later(4.0)[-1] == Over(remains=CALL, seconds=3.0)


def test_being_woken_too_early_is_harmless() -> None:
    play = Play(CALL)
    play.drain.take()
    play.drain.wake(play.now + 0.001)
    assert play.drain.take() == []


def test_what_remains_is_said_in_words() -> None:
    assert str(Remains()) == "nothing"
    assert str(Remains(relays=2, links=1)) == "2 relays, 1 links"
    assert str(Remains(sessions=3, pushes=True)) == "3 sessions, pushes"


def test_everybody_is_moved_well_before_the_time_is_up() -> None:
    rules = DrainRules(spread=10.0, patience=20.0)
    short = rules.move(Reason.SHUTTING_DOWN, 8.0, lambda: 0.5)
    assert (short.patience, short.spread) == (4.0, 2.0)
    long = rules.move(Reason.MOVED, 3600.0, lambda: 0.5)
    assert (long.patience, long.spread, long.reason) == (20.0, 10.0, Reason.MOVED)
