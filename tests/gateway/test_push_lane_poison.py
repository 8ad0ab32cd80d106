"""A push for which the credential is refused, while others go through with it.

Such as one to a token of a kind that the project has no right to: FCM's THIRD_PARTY_AUTH_ERROR.
"""

from procall_mobility.gateway.push_health import MOST_REFUSALS
from procall_mobility.gateway.push_outputs import SendPush, Trouble, TroubleRaised
from procall_mobility.gateway.push_ports import State
from procall_mobility.gateway.push_retries import DOUBTED_FOR, MOST_ALONE
from procall_mobility.protocols.push.outcomes import Delivered, LaneRefused
from tests.gateway.push_lane_play import Play, ended, kinds

REFUSED = LaneRefused(reason="THIRD_PARTY_AUTH_ERROR")


def proven() -> Play:
    """A lane whose credential was good a moment ago."""
    play = Play()
    play.says(Delivered(), play.sends())
    play.now += 1.0
    return play


def test_one_push_suspends_no_lane_while_others_go_through() -> None:
    play = proven()
    poison = play.sends()
    assert play.says(REFUSED, poison) == []
    for _ in range(MOST_ALONE):
        play.now += 0.5
        assert play.says(Delivered(), play.sends()) != []
        play.later(600.0)
        outputs = play.says(REFUSED, poison)
    assert outputs == [ended(poison, State.REJECTED, REFUSED.reason)]
    assert play.lane.health.troubles == {}


def test_a_doubtful_push_waits_a_moment_so_that_others_show() -> None:
    play = proven()
    poison = play.sends()
    play.says(REFUSED, poison)
    assert play.later(DOUBTED_FOR - 0.1) == []
    assert kinds(play.later(0.2)) == [SendPush]


def test_refusals_in_a_row_are_believed_and_lose_nothing() -> None:
    """The credential was revoked in the midst of things."""
    play = proven()
    pushes = [play.sends() for _ in range(MOST_REFUSALS + 2)]
    assert play.says(REFUSED, *pushes) == [
        TroubleRaised(lane="apns", trouble=Trouble.SUSPENDED, reason=REFUSED.reason)
    ]
    assert play.lane.waiting == len(pushes)


def test_what_was_sent_before_the_refusal_proves_nothing() -> None:
    """Answers of before come late: the credential may have been revoked in between."""
    play = proven()
    slow = [play.sends() for _ in range(MOST_ALONE + 1)]
    poison = play.sends()
    for each in slow:
        play.says(REFUSED, poison)
        play.says(Delivered(), each)
        play.later(60.0)
    assert play.lane.in_flight == 1, "it is still kept, and tried"


def test_the_next_probe_of_a_suspended_lane_is_another_push() -> None:
    """It would be suspended as long as the one lives, for a week."""
    play = Play()
    poison = play.sends()
    play.says(REFUSED, poison)
    other = play.waits()
    (probe,) = play.later(181.0)
    assert isinstance(probe, SendPush) and probe.push.id == poison.id
    play.says(REFUSED, poison)
    (probe,) = play.later(181.0)
    assert isinstance(probe, SendPush) and probe.push.id == other.id


def test_a_credential_that_was_exchanged_has_to_prove_itself() -> None:
    play = proven()
    play.lane.credential_renewed(play.now)
    first = play.sends()
    assert kinds(play.says(REFUSED, first)) == [TroubleRaised]


def test_a_late_refusal_of_before_a_suspension_is_no_news() -> None:
    play = Play()
    first, late = play.sends(), play.sends()
    play.says(REFUSED, first)
    play.later(181.0)
    play.says(Delivered(), first)
    assert kinds(play.says(REFUSED, late)) == [SendPush]
    assert play.lane.health.troubles == {}
