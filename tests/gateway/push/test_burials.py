"""Tokens that a provider calls dead: buried, told to their customer, and believed in reason."""

from procall_mobility.gateway.push.lane.outputs import Trouble, TroubleRaised
from procall_mobility.gateway.push.lane.suspicion import FEWEST
from procall_mobility.gateway.push.ports import State
from procall_mobility.protocols.push.outcomes import TokenDead
from tests.gateway.push.fakes import UNIX, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.receipts_told import refused


class TestDeadTokens:
    def test_a_dead_token_is_buried_and_told(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered", since=UNIX - 60))
        (dead,) = house.store.feedback("acme", 0, 10)
        assert (dead.token, dead.reason, dead.at) == ("t", "Unregistered", UNIX - 60)
        assert house.ended() == {push(1).id: State.TOKEN_GONE}

    def test_a_provider_from_the_future_is_not_believed_about_time(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered", since=UNIX + 1e9))
        assert house.store.feedback("acme", 0, 10)[0].at == UNIX

    def test_a_token_dead_for_long_is_buried_from_when_that_was_found_out(self) -> None:
        """Apple may know for months: its next push is not to be sent in vain again."""
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered", since=UNIX - 100 * 86_400))
        house.now += 80_000.0
        assert house.accepts(push(2, token="t", unix=house.unix())) == [
            refused(2, "token-dead", state=State.TOKEN_GONE)
        ]

    def test_a_push_to_a_buried_token_is_answered_without_a_request(self) -> None:
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered"))
        assert house.accepts(push(2, token="t")) == [
            refused(2, "token-dead", state=State.TOKEN_GONE)
        ]
        assert house.taken() == []

    def test_what_waits_for_a_dead_token_ends_with_it(self) -> None:
        """No provider likes to be asked a hundred times, after a week of a suspended lane."""
        house = PushHouse().opens(1)
        house.accepts(push(1, token="t"))
        house.accepts(push(2, token="u"), *(push(each, token="t") for each in (3, 4, 5)))
        house.says(TokenDead(reason="Unregistered"))
        assert house.ended() == {push(each).id: State.TOKEN_GONE for each in (1, 3, 4, 5)}
        assert house.ids() == [push(2).id]
        assert house.pipeline.open == 1
        assert len(house.store.feedback("acme", 0, 10)) == 1

    def test_after_a_day_its_provider_is_asked_once_more(self) -> None:
        """So that no mistake, ours or the provider's, lasts for ever."""
        house = PushHouse().opens()
        house.accepts(push(1, token="t"))
        house.says(TokenDead(reason="Unregistered"))
        house.now += 86_401.0
        house.accepts(push(2, token="t", unix=house.unix()))
        house.delivers()
        assert house.ended()[push(2).id] is State.SENT
        assert house.store.buried("acme", "phone", "t") is None

    def test_suspiciously_many_are_not_buried(self) -> None:
        house = PushHouse().opens()
        dead = TokenDead(reason="DeviceTokenNotForTopic", is_suspicious=True)
        for number in range(FEWEST + 3):
            house.accepts(push(number))
            house.says(dead)
        assert len(house.store.feedback("acme", 0, 100)) == FEWEST - 1
        assert house.told(TroubleRaised) == [
            TroubleRaised(lane="apns", trouble=Trouble.SUSPICIOUS, reason="dead-tokens")
        ]
        assert list(house.ended().values()).count(State.REJECTED) == 4
