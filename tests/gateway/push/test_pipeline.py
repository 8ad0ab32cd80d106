"""The pipeline: accepted means kept, and whoever hands pushes in learns what became of them."""

import pytest

from procall_mobility.gateway.push.ports import Answered, State
from procall_mobility.gateway.push.quota import PushShare
from procall_mobility.gateway.push.receipts import Receipt
from procall_mobility.protocols.push.outcomes import Delivered, Later, Refused, TokenDead
from tests.gateway.push.fakes import UNIX, call, push
from tests.gateway.push.house import PushHouse
from tests.gateway.push.receipts_told import queued, refused


class TestAccepting:
    def test_a_push_is_acknowledged_and_sent_when_it_is_durable(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(push(1), push(2))
        assert (receipts, house.taken()) == ([], [])
        house.store.commit()
        assert receipts == [queued(1), queued(2)]
        assert house.ids() == [push(1).id, push(2).id]

    def test_a_call_is_sent_while_it_is_written(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(call(1), push(2))
        assert house.ids() == [call(1).id]
        assert receipts == []
        house.store.commit()
        assert receipts == [queued(1), queued(2)]

    def test_a_call_the_provider_has_taken_is_acknowledged_before_it_is_durable(self) -> None:
        house = PushHouse(commits=False).opens()
        receipts = house.accepts(call(1))
        house.delivers()
        assert receipts == [Receipt(id=call(1).id, state=State.SENT)]
        house.store.commit()
        assert house.store.disk.queued == {}
        assert house.ended() == {call(1).id: State.SENT}

    def test_nothing_handed_in_is_answered_too(self) -> None:
        heard: list[list[Receipt]] = []
        PushHouse().pipeline.accept([], heard.append, 0.0)
        assert heard == [[]]

    def test_the_answer_to_the_request_is_stored_in_one_piece_with_its_pushes(self) -> None:
        house = PushHouse()
        answered = Answered(customer="acme", key="k", digest=b"d", answer=b"a", at=UNIX)
        house.pipeline.accept([push(1)], lambda _: None, 0.0, answered=answered)
        house.run()
        assert house.store.said("acme", "k") == (b"d", b"a")

    def test_it_is_for_nobody_longer_than_a_call_lives_or_a_provider_keeps_it(self) -> None:
        house = PushHouse().opens()
        house.accepts(call(1, ttl=3600.0), push(2, ttl=365 * 86_400.0))
        lives = [each.push.notification.expires - UNIX for each in house.taken()]
        assert lives == [60.0, 28 * 86_400.0]


class TestRefusing:
    """Each a clear answer with a reason, and none is stored."""

    def test_what_has_expired(self) -> None:
        house = PushHouse().opens()
        assert house.accepts(push(1, ttl=0.0)) == [refused(1, "expired")]
        assert house.store.disk.queued == {}

    def test_an_unknown_application(self) -> None:
        assert PushHouse().accepts(push(1, app="?")) == [refused(1, "unknown-app")]

    def test_an_id_that_is_in_use(self) -> None:
        house = PushHouse()
        first, again = house.accepts(push(1), push(1))
        assert (first, again) == (queued(1), refused(1, "id-in-use"))
        assert house.accepts(push(1)) == [refused(1, "id-in-use")]
        assert house.pipeline.open == 1

    def test_a_customer_over_its_quota(self) -> None:
        house = PushHouse(shares={"acme": PushShare(burst=1.0, rate=0.1)})
        assert house.accepts(push(1), push(2)) == [
            queued(1),
            refused(2, "too-fast", retry_after=10),
        ]
        house.shares["acme"] = PushShare()
        house.pipeline.share_changed("acme")
        assert house.accepts(push(3)) == [queued(3)]

    def test_a_store_that_cannot_write(self) -> None:
        house = PushHouse(commits=False).opens()
        house.store.broken = True
        receipts = house.accepts(push(1), push(2))
        house.store.commit()
        assert receipts == [
            refused(1, "not-stored", retry_after=5.0),
            refused(2, "not-stored", retry_after=5.0),
        ]
        assert house.taken() == []
        assert house.store.ended == []
        assert house.pipeline.open == 0


class TestCallsThatCouldNotBeStored:
    def broken(self, streams: int = 100) -> PushHouse:
        house = PushHouse(commits=False)
        house.opens(streams)
        house.store.broken = True
        return house

    def test_one_that_waits_is_refused(self) -> None:
        house = self.broken(streams=0)
        receipts = house.accepts(call(1))
        house.store.commit()
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]
        assert house.opens().taken() == []

    def test_one_in_flight_may_still_ring(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.store.commit()
        assert receipts == []
        house.delivers()
        assert receipts == [Receipt(id=call(1).id, state=State.SENT)]

    def test_one_in_flight_is_not_tried_again(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.store.commit()
        house.says(Later(reason="x"))
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]
        assert house.taken() == []
        assert house.store.ended == []

    def test_nor_where_nothing_was_processed(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.store.commit()
        house.says_nothing(was_processed=False)
        assert receipts == [refused(1, "not-stored", retry_after=5.0)]

    def test_one_that_has_ended_before_has_ended(self) -> None:
        house = self.broken()
        receipts = house.accepts(call(1))
        house.says(Refused(reason="x"))
        house.store.commit()
        assert receipts == [Receipt(id=call(1).id, state=State.REJECTED, reason="x")]
        assert house.pipeline.open == 0


class TestWaiting:
    """push.md section 1: feedback in the answer where the API is synchronous, for up to 2 s."""

    def test_the_answer_waits_until_all_have_ended(self) -> None:
        house = PushHouse().opens()
        receipts = house.accepts(push(1), push(2), push(3, app="?"), wait=2.0)
        first, second = house.taken()
        house.delivers(first)
        assert receipts == []
        house.says(TokenDead(reason="Unregistered"), second)
        assert receipts == [
            Receipt(id=push(1).id, state=State.SENT),
            Receipt(id=push(2).id, state=State.TOKEN_GONE, reason="Unregistered"),
            refused(3, "unknown-app"),
        ]

    def test_but_not_for_longer_than_asked_for(self) -> None:
        house = PushHouse().opens()
        receipts = house.accepts(push(1), push(2), wait=1.0)
        house.delivers(house.taken()[0])
        house.later(0.9)
        assert receipts == []
        house.later(0.1)
        assert receipts == [Receipt(id=push(1).id, state=State.SENT), queued(2)]
        house.pipeline.answered("apns", push(2).id, Delivered(), house.now)
        assert len(receipts) == 2

    def test_nor_for_longer_than_two_seconds(self) -> None:
        house = PushHouse()
        receipts = house.accepts(push(1), wait=60.0)
        house.later(2.0)
        assert receipts == [queued(1)]

    def test_none_is_called_accepted_before_it_is(self) -> None:
        house = PushHouse(commits=False)
        receipts = house.accepts(push(1), wait=1.0)
        house.later(5.0)
        assert receipts == []
        house.store.commit()
        assert receipts == [queued(1)]

    def test_whoever_fails_to_listen_takes_no_push_with_it(self) -> None:
        """A fault of a way in is raised, logged and counted; every push still ends."""
        house = PushHouse()

        def fails(_: list[Receipt]) -> None:
            raise ZeroDivisionError

        house.pipeline.accept([push(1, ttl=5.0)], fails, house.now, wait=2.0)
        house.accepts(*(push(number, ttl=1.0) for number in range(2, 5)))
        house.pipeline.accept([push(5, ttl=1.0)], fails, house.now, wait=2.0)
        house.accepts(*(push(number, ttl=1.0) for number in range(6, 9)))
        house.store.commit()
        with pytest.raises(ZeroDivisionError):
            house.later(1.0)
        house.opens()
        assert house.ended() == {push(number).id: State.EXPIRED for number in range(2, 9)}
        assert house.pipeline.open == 1


class TestWhatBecame:
    def test_of_one_that_waits_has_ended_or_is_somebody_elses(self) -> None:
        house = PushHouse().opens(1)
        house.accepts(push(1), push(2))
        house.delivers()
        assert house.pipeline.became("acme", push(1).id) == Receipt(
            id=push(1).id, state=State.SENT
        )
        assert house.pipeline.became("acme", push(2).id) == queued(2)
        assert house.pipeline.became("other", push(1).id) is None
        assert house.pipeline.became("other", push(2).id) is None
        assert house.pipeline.became("acme", push(3).id) is None

    def test_of_one_that_is_still_on_disk_alone(self) -> None:
        house = PushHouse()
        house.store.add([push(1)], lambda _: None)
        assert house.pipeline.became("acme", push(1).id) == queued(1)

    def test_of_a_call_that_is_not_stored_yet(self) -> None:
        house = PushHouse(commits=False)
        house.accepts(call(1))
        found = house.pipeline.became("acme", call(1).id)
        assert found is not None
        assert (found.reason, found.is_accepted) == ("undecided", False)
