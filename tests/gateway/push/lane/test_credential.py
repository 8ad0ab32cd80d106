"""A lane whose provider finds our token stale."""

from procall_mobility.gateway.push.lane.outputs import (
    RefreshCredential,
    SendPush,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.protocols.push.outcomes import CredentialStale, Delivered
from tests.gateway.push.lane.play import Play, kinds


class TestCredential:
    def test_a_stale_token_is_refreshed_once_and_the_push_goes_again(self) -> None:
        play = Play()
        entered, other = play.sends(), play.sends()
        outputs = play.says(CredentialStale(reason="ExpiredProviderToken"), entered)
        assert outputs == [RefreshCredential(lane="apns", reason="ExpiredProviderToken")]
        assert play.says(CredentialStale(reason="ExpiredProviderToken"), other) == []
        play.waits()
        assert play.sent() == [], "nothing goes out with a token that is stale"
        play.lane.credential_renewed(0.0)
        sent = play.sent()
        assert [each.push.id for each in sent][:2] == [entered.id, other.id]
        assert {each.push.attempts for each in sent} == {0}

    def test_an_answer_to_what_was_sent_with_the_old_token_renews_nothing(self) -> None:
        play = Play()
        entered, slow = play.sends(), play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        assert kinds(play.says(CredentialStale(reason="x"), slow)) == [SendPush]

    def test_a_fresh_token_that_is_no_better_suspends_the_lane(self) -> None:
        """A wrong clock: no provider is to be asked for tokens in a circle."""
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        (raised,) = play.says(CredentialStale(reason="x"), entered)
        assert raised == TroubleRaised(lane="apns", trouble=Trouble.SUSPENDED, reason="x")

    def test_a_token_that_was_good_may_become_stale_again(self) -> None:
        play = Play()
        for _ in range(3):
            entered = play.sends()
            assert kinds(play.says(CredentialStale(reason="x"), entered)) == [RefreshCredential]
            play.lane.credential_renewed(play.now)
            play.sent()
            play.says(Delivered(), entered)

    def test_a_success_of_an_old_token_says_nothing_of_the_fresh_one(self) -> None:
        play = Play()
        entered, slow = play.sends(), play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        play.says(Delivered(), slow)
        assert kinds(play.says(CredentialStale(reason="x"), entered)) == [TroubleRaised]

    def test_no_fresh_token_suspends_the_lane(self) -> None:
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_failed("token-service-down", 0.0)
        (raised,) = play.lane.take()
        assert raised == TroubleRaised(
            lane="apns", trouble=Trouble.SUSPENDED, reason="token-service-down"
        )
        assert kinds(play.later(181.0)) == [SendPush], "the probe shows when it is over"

    def test_a_token_that_never_comes_suspends_the_lane(self) -> None:
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        assert play.later(29.0) == []
        (raised,) = play.later(2.0)
        assert raised == TroubleRaised(
            lane="apns", trouble=Trouble.SUSPENDED, reason="no-fresh-token"
        )

    def test_a_probe_that_finds_it_stale_may_ask_again(self) -> None:
        """It heals by itself when the token service was what was broken."""
        play = Play()
        entered = play.sends()
        play.says(CredentialStale(reason="x"), entered)
        play.lane.credential_renewed(0.0)
        play.sent()
        play.says(CredentialStale(reason="x"), entered)
        play.later(181.0)
        assert kinds(play.says(CredentialStale(reason="x"), entered)) == [RefreshCredential]
        play.lane.credential_renewed(play.now)
        assert len(play.sent()) == 1
        assert TroubleOver(lane="apns", trouble=Trouble.SUSPENDED) in play.says(
            Delivered(), entered
        )
