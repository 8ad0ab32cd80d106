"""Tokens of the other environment: found there, and remembered (push.md 3.1)."""

import pytest

from procall_mobility.gateway.push import environments
from procall_mobility.gateway.push.lane.suspicion import FEWEST
from procall_mobility.gateway.push.ports import QueuedPush, State
from procall_mobility.protocols.push.outcomes import Refused, WrongEnvironment
from tests.gateway.push.fakes import Apps, push
from tests.gateway.push.house import PushHouse


class TestEnvironments:
    """push.md 3.1: try once in the other environment, and remember it for the token."""

    WRONG = WrongEnvironment(reason="BadDeviceToken")

    def house(self) -> PushHouse:
        apps = Apps(lanes={"phone": "apns"}, others={"phone": "sandbox"})
        return PushHouse(apps=apps).opens(10, "apns", "sandbox")

    def test_a_push_is_tried_in_the_other_environment(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG, connection=4)
        (sent,) = house.taken()
        assert (sent.lane, sent.push.sandbox, sent.has_moved) == ("sandbox", True, True)
        assert (sent.avoid, sent.push.attempts) == (None, 0)
        assert house.store.disk.queued[push(1).id].sandbox is True
        house.delivers(sent)
        assert house.ended() == {push(1).id: State.SENT}
        assert (house.lane().counts.moved, house.lane("sandbox").counts.sent) == (1, 1)
        assert house.pipeline._quotas._queued == {}

    def test_and_where_it_was_found_the_next_goes_at_once(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.delivers()
        house.accepts(push(2, token="t"), push(3, token="u"))
        assert {(each.lane, each.push.id) for each in house.taken()} == {
            ("sandbox", push(2).id),
            ("apns", push(3).id),
        }

    def test_a_device_that_moves_back_is_found_again(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.delivers()
        house.accepts(push(2, token="t"))
        house.says(self.WRONG)
        (sent,) = house.taken()
        assert (sent.lane, sent.push.sandbox) == ("apns", False)
        house.delivers(sent)
        house.accepts(push(3, token="t"))
        assert house.taken()[0].lane == "apns"

    def test_a_refusal_there_tells_nothing_of_where_a_token_belongs(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.says(Refused(reason="PayloadEmpty"))
        assert house.ended() == {push(1).id: State.REJECTED}
        house.taken()
        house.accepts(push(2, token="t"))
        assert [each.lane for each in house.taken()] == ["apns"]

    def test_a_token_that_is_wrong_in_both_is_dead(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.says(self.WRONG)
        assert house.ended() == {push(1).id: State.TOKEN_GONE}
        assert house.taken() == []

    @pytest.mark.parametrize("others", [{}, {"phone": "apns"}])
    def test_where_there_is_no_other_the_token_is_dead(self, others: dict[str, str]) -> None:
        house = PushHouse(apps=Apps(others=others)).opens()
        house.accepts(push(1))
        house.says(self.WRONG)
        assert house.ended() == {push(1).id: State.TOKEN_GONE}

    def test_tokens_of_an_application_in_development_are_tried_in_production(self) -> None:
        """Whatever environment comes first, the other one is the other."""

        class Development(Apps):
            def lane(self, push: QueuedPush) -> str | None:
                return "apns" if push.sandbox is False else "sandbox"

        apps = Development(others={"phone": "sandbox"})
        house = PushHouse(apps=apps).opens(10, "apns", "sandbox")
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        assert [(each.lane, each.push.sandbox) for each in house.sent] == [("apns", False)]
        house.delivers()
        house.accepts(push(2, token="t"))
        assert house.taken()[0].lane == "apns"

    def test_many_of_these_are_suspicious(self) -> None:
        """An application in the wrong environment must not lose all of its devices."""
        house = PushHouse().opens()
        for number in range(FEWEST + 5):
            house.accepts(push(number))
            house.says(self.WRONG)
        assert len(house.store.feedback("acme", 0, 100)) == FEWEST - 1

    def test_an_environment_that_is_no_more_is_not_gone_to(self) -> None:
        house = self.house()
        house.accepts(push(1, token="t"))
        house.says(self.WRONG)
        house.delivers()
        house.apps.others = {}
        house.accepts(push(2, token="t"))
        assert house.taken()[0].lane == "apns"

    def test_the_first_is_forgotten_when_there_are_too_many(self, monkeypatch) -> None:
        monkeypatch.setattr(environments, "MOST_DEVICES", 2)
        house = self.house()
        for number in range(3):
            house.accepts(push(number, token=f"t{number}"))
            house.says(self.WRONG)
            house.delivers()
        house.accepts(push(10, token="t0"), push(11, token="t1"))
        assert {each.lane for each in house.taken()} == {"apns", "sandbox"}
        assert len(house.pipeline._entrance.environments) == 2
