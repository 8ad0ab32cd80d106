"""A lane in which more tokens die than devices do."""

from procall_mobility.gateway.push.lane.outputs import (
    LaneOutput,
    PushEnded,
    TokenDied,
    Trouble,
    TroubleOver,
    TroubleRaised,
)
from procall_mobility.gateway.push.lane.suspicion import FEWEST
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.outcomes import Delivered, TokenDead
from tests.gateway.push.lane.play import Play, kinds


class TestSuspicion:
    def test_many_suspicious_dead_tokens_are_not_buried_and_somebody_is_told(self) -> None:
        """More than 1 % of a lane: rather the configuration than the devices."""
        play = Play()
        dead = TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)
        found: list[LaneOutput] = []
        for _ in range(FEWEST + 5):
            found += play.says(dead, play.sends())
        assert kinds(found[: FEWEST - 1]) == [TokenDied] * (FEWEST - 1)
        assert found[FEWEST - 1] == TroubleRaised(
            lane="apns", trouble=Trouble.SUSPICIOUS, reason="dead-tokens"
        )
        for each in found[FEWEST:]:
            assert isinstance(each, PushEnded)
            assert (each.state, each.reason) == (State.REJECTED, "DeviceTokenNotForTopic")

    def test_certain_ones_are_buried_all_the_same(self) -> None:
        play = Play()
        for _ in range(FEWEST):
            play.says(TokenDead(reason="x", is_suspicious=True), play.sends())
        assert kinds(play.says(TokenDead(reason="Unregistered"), play.sends())) == [TokenDied]

    def test_some_are_believed_only_once_a_token_has_lived(self) -> None:
        """push.md 3.5: Huawei says the same of all tokens where the application's id is wrong."""
        play = Play()
        dead = TokenDead(reason="80300007", is_suspicious=True, needs_living=True)
        (before,) = play.says(dead, play.sends())
        assert isinstance(before, PushEnded)
        assert (before.state, before.reason) == (State.REJECTED, "80300007")
        play.says(Delivered(), play.sends())
        assert kinds(play.says(dead, play.sends())) == [TokenDied]

    def test_a_few_among_many_are_believed(self) -> None:
        play = Play()
        dead = TokenDead(reason="x", is_suspicious=True)
        for number in range(6000):
            entered = play.sends()
            outcome = dead if number % 200 == 199 else Delivered()
            (output,) = play.says(outcome, entered)
            assert isinstance(output, TokenDied if outcome is dead else PushEnded)

    def test_it_is_over_when_somebody_has_looked_at_it(self) -> None:
        """`push retry`; if nothing was mended, it is raised again."""
        play = Play()
        dead = TokenDead(reason="x", is_suspicious=True)
        for _ in range(FEWEST):
            play.says(dead, play.sends())
        play.lane.probe(play.now)
        assert play.lane.take() == [TroubleOver(lane="apns", trouble=Trouble.SUSPICIOUS)]
        assert kinds(play.says(dead, play.sends())) == [TokenDied]
        found = [each for _ in range(FEWEST) for each in play.says(dead, play.sends())]
        assert kinds(found).count(TroubleRaised) == 1

    def test_it_is_over_when_they_have_become_few(self) -> None:
        play = Play()
        for _ in range(FEWEST):
            play.says(TokenDead(reason="x", is_suspicious=True), play.sends())
        found: list[LaneOutput] = []
        for _ in range(4100):
            found += play.says(Delivered(), play.sends())
        overs = [each for each in found if isinstance(each, TroubleOver)]
        assert overs == [TroubleOver(lane="apns", trouble=Trouble.SUSPICIOUS)]
