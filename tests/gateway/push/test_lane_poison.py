"""A push for which the credential is refused, while others go through with it.

Such as one to a token of a kind that the project has no right to: FCM's THIRD_PARTY_AUTH_ERROR.
It would suspend its lane as long as it lives, for a week.
"""

from procall_mobility.gateway.push.lane.outputs import SendPush
from procall_mobility.gateway.push.lane.retries import MOST_ALONE
from procall_mobility.gateway.push.ports import State
from procall_mobility.gateway.push.waiting import Waiting
from procall_mobility.protocols.push.outcomes import Delivered, LaneRefused
from tests.gateway.push.lane.play import Play, ended

REFUSED = LaneRefused(reason="THIRD_PARTY_AUTH_ERROR")


def probe_of(play: Play) -> str:
    (probe,) = play.later(181.0)
    assert isinstance(probe, SendPush)
    return probe.push.id


def another_goes_through(play: Play, poison: Waiting) -> None:
    other = play.waits()
    assert probe_of(play) == poison.id
    play.says(REFUSED, poison)
    assert probe_of(play) == other.id, "the next probe is another push"
    play.says(Delivered(), other)


def test_it_ends_when_others_have_shown_that_it_is_the_push() -> None:
    play = Play()
    poison = play.sends()
    play.says(REFUSED, poison)
    for _ in range(MOST_ALONE):
        another_goes_through(play, poison)
        outputs = play.says(REFUSED, poison)
    assert outputs == [ended(poison, State.REJECTED, REFUSED.reason)]
    assert play.lane.health.troubles == {}


def test_what_was_sent_before_the_refusal_proves_nothing() -> None:
    """Answers of before come late: the credential may have been revoked in between."""
    play = Play()
    slow = [play.sends() for _ in range(MOST_ALONE + 1)]
    poison = play.sends()
    for each in slow:
        play.says(REFUSED, poison)
        play.says(Delivered(), each)
        assert probe_of(play) == poison.id
    assert play.lane.in_flight == 1, "it is still kept, and tried"


def test_a_refusal_of_all_loses_nothing_however_often_it_comes() -> None:
    play = Play()
    pushes = [play.sends() for _ in range(5)]
    play.says(REFUSED, *pushes)
    for _ in range(2 * len(pushes)):
        probed = probe_of(play)
        play.says(REFUSED, *(each for each in pushes if each.id == probed))
    assert play.lane.waiting == len(pushes)
